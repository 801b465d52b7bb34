"""A rule that a person can read beside each segment's exact criteria: an approximation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from domain.criteria import NOBODY, AllOf, AnyOf, Condition, Expression, Op, both, conditions
from domain.customer import FieldType, Schema
from domain.segment import Rule
from domain.sentences import sentence
from domain.simplify import simplified
from domain.triggers import NO_TRIGGER
from storage.population import LABEL
from uplift.evaluation import Estimate
from uplift.policy import best_choice
from uplift.rules import Kept, grow_policy_tree, share_kept
from workflows.decision import Decision, as_interval, held_out, named
from workflows.features import feature_fields, feature_frame
from workflows.modelscores import CLUSTER, NET

SEED = 0


def segment_rules(decision: Decision, criteria: Mapping[str, Expression]) -> dict[str, Rule | str]:
    """A rule for each allowed trigger's segment, or why there is none.

    One policy tree is grown for all of them, on what the model predicts for the customers of today
    and never on reporting rows; its fields are the model's and the uplift scores. What the rules
    keep of the full policy's value is then measured on the reporting customers, by the very
    criteria that are shown.
    """
    allowed = tuple(criteria)
    names = (NO_TRIGGER, *allowed)
    rules = dict(zip(names, _grown(decision, allowed), strict=True))
    kept = _kept(decision, rules)
    return {key: _described(decision, key, rules[key], criteria[key], kept) for key in allowed}


def _grown(decision: Decision, allowed: Sequence[str]) -> list[Expression]:
    """The rule of no trigger, then that of each allowed one, in the schema's types."""
    used = set(decision.model.features.names)
    fields = [f for f in feature_fields(decision.schema.values()) if f.name in used]
    scores = [f"uplift_score_for_{key}" for key in allowed]
    net = [f"net_value_for_{key}" for key in allowed]
    columns = [f.name for f in fields] + scores + net
    table = decision.people.select(decision.audience, columns)
    X = pd.concat(
        [
            feature_frame(table, fields),
            pd.DataFrame({n: table.column(n).to_numpy() for n in scores}),
        ],
        axis=1,
    )
    values = np.column_stack([table.column(name).to_numpy() for name in net])
    tree = grow_policy_tree(X, values, np.random.default_rng(SEED))
    return [typed(tree.rule(arm), decision.schema) for arm in range(len(allowed) + 1)]


def typed(expression: Expression, schema: Schema) -> Expression:
    """A tree's rule, whose values are numbers, in the types of the fields: a flag of at least 1 is
    a true one, and a whole number of at least 2.5 is one of at least 3."""
    match expression:
        case AllOf(all=members):
            return AllOf(all=tuple(typed(member, schema) for member in members))
        case AnyOf(any=members):
            return AnyOf(any=tuple(typed(member, schema) for member in members))
        case Condition(field=name, op=op, value=float(value)):
            match schema[name].type:
                case FieldType.BOOL:
                    return Condition(field=name, op=Op.EQ, value=op is Op.GTE)
                case FieldType.INT:
                    return Condition(field=name, op=op, value=math.ceil(value))
    return expression


def _kept(decision: Decision, rules: Mapping[str, Expression]) -> Kept:
    """What giving each witness the trigger of the rule met keeps; who meets none gets nothing."""
    names = list(rules)
    net = [f"{NET}{key}" for key in names]
    values = [f"net_value_for_{key}" for key in names[1:]]
    table = decision.witnesses.label(decision.audience, rules, [*net, *values, CLUSTER])
    places = pd.Index(names).get_indexer(table.column(LABEL).to_pandas())
    return share_kept(
        np.column_stack([table.column(name).to_numpy() for name in net]),
        np.maximum(places, 0),
        best_choice(np.column_stack([table.column(name).to_numpy() for name in values])),
        table.column(CLUSTER).to_numpy(zero_copy_only=False),
    )


def _described(
    decision: Decision, trigger: str, rule: Expression, criteria: Expression, kept: Kept
) -> Rule | str:
    people = decision.people
    if rule == NOBODY:
        return (
            f"No rule: too few customers, or too little value, set {named(trigger)} apart to be "
            "told in a few conditions. The exact criteria stand."
        )
    whole = simplified(both(decision.audience, rule))
    size, exact = people.count(whole), people.count(criteria)
    shared = people.count(both(criteria, rule))
    basis = f"on {held_out(decision, kept.whole.n)} who met the audience"
    share = kept.share
    return Rule(
        criteria=whole,
        rule_text=sentence(rule, decision.schema),
        conditions=len(list(conditions(rule))),
        size=size,
        precision=shared / size if size else 0.0,
        recall=shared / exact if exact else 0.0,
        value_kept=as_interval(share, basis) if isinstance(share, Estimate) else None,
        value_kept_reason=""
        if share
        else f"What the full policy gains is not sure enough {basis} to tell a share of it.",
    )
