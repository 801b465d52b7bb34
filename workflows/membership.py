"""Who is in a segment, frozen: exactly those who meet its criteria, less a stated cut."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from domain.choices import best_among
from domain.criteria import Condition, Expression, Op, both
from domain.segment import Explanation, Interval, Rule, SegmentVersion
from domain.sentences import sentence
from domain.triggers import NO_TRIGGER
from storage.members import COLUMNS, write_members
from workflows.cutting import COST
from workflows.decision import Decision, Measured, expected_cost, named
from workflows.holdouts import Carried
from workflows.memberreasons import member_reasons


def segment_criteria(decision: Decision, allowed: Sequence[str], trigger: str) -> Expression:
    """Who is eligible and has the trigger as the best of those allowed."""
    every = set(allowed) == set(decision.model.judged)
    field = "best_trigger" if every else best_among(allowed)
    return both(decision.audience, Condition(field=field, op=Op.EQ, value=trigger))


def segment_members(
    decision: Decision, criteria: Expression, allowed: Sequence[str], trigger: str
) -> pa.Table:
    """Exactly those customers who meet the criteria, with what the trigger changes for each; the
    reasons are added when the members are frozen.

    Columns are those of frozen members and `cost`, what addressing the customer is expected to
    cost in money (0 where value or cost is unknown)."""
    columns = ["customer_id", f"uplift_score_for_{trigger}"]
    columns += [f"net_value_for_{key}" for key in allowed]
    table = decision.people.select(criteria, columns)
    effect = table.column(f"uplift_score_for_{trigger}").to_numpy()
    net = np.column_stack([table.column(f"net_value_for_{key}").to_numpy() for key in allowed])
    place = allowed.index(trigger)
    estimate, low, high = decision.groups.look_up(trigger, effect)
    others = np.where(np.arange(len(allowed)) == place, -np.inf, net)
    names = np.array([*allowed, NO_TRIGGER], dtype=object)
    runner_up = names[np.column_stack([others, np.zeros(len(effect))]).argmax(axis=1)]
    basis = group_basis(trigger, decision.outcome.name)
    nothing = pa.nulls(len(effect), pa.string())
    members = {
        "customer_id": table.column("customer_id"),
        "recommended_trigger": pa.array([trigger] * len(effect), pa.string()).dictionary_encode(),
        "estimate": estimate,
        "low": low,
        "high": high,
        "basis": pa.array([basis] * len(effect), pa.string()).dictionary_encode(),
        "uplift_score": effect,
        "expected_net_value": net[:, place],
        "runner_up_trigger": pa.array(runner_up, pa.string()).dictionary_encode(),
        "reason_1": nothing,
        "reason_2": nothing,
        "reason_3": nothing,
        "assignment_id": nothing,
        COST: expected_cost(decision, effect, net[:, place]),
    }
    return pa.table(members, schema=COLUMNS.append(pa.field(COST, pa.float64())))


def group_basis(trigger: str, outcome: str) -> str:
    """What the interval of a single customer is about."""
    like = f"a like predicted effect of {named(trigger)} on {outcome}"
    return f"measured on held-out customers with {like}"


@dataclass(frozen=True)
class Findings:
    """What is known of a segment beside who is in it; a text says why something is not known."""

    cut: str | None
    lift: Measured | str
    joint: Interval | None
    net_a_customer: float | None
    explanation: Explanation
    rule: Rule | str | None


def freeze(
    decision: Decision,
    trigger: str,
    criteria: Expression,
    members: pa.Table,
    found: Findings,
    carried: Carried,
) -> SegmentVersion:
    """Write the members as a snapshot, and describe the version; its row, and its number, are the
    caller's to add."""
    frozen = members.drop_columns([COST])
    for name, column in zip(
        ("reason_1", "reason_2", "reason_3"),
        member_reasons(decision, trigger, criteria, members),
        strict=True,
    ):
        frozen = frozen.set_column(frozen.column_names.index(name), COLUMNS.field(name), column)
    frozen = carried.assigned(frozen)
    held_out = carried.held_out(frozen.column("customer_id"))
    snapshot = write_members(decision.workspace.snapshots, frozen, held_out)
    audience = sentence(decision.audience, decision.schema)
    name = f"{decision.catalogue.require(trigger).name}: {audience}"
    currency = decision.workspace.settings.currency
    return SegmentVersion(
        segment_id=f"seg_{secrets.token_hex(6)}",
        version=1,
        name=name if len(name) <= 120 else name[:117] + "...",
        recommended_trigger=trigger,
        criteria=criteria,
        criteria_text=sentence(criteria, decision.schema),
        exact=decision.exact,
        size=members.num_rows,
        held_out=int(held_out.sum()),
        channel=None if carried.running is None else carried.running.channel,
        cut=found.cut,
        outcome=decision.outcome.name,
        expected_lift=None if isinstance(found.lift, str) else found.lift.interval,
        expected_lift_reason=found.lift if isinstance(found.lift, str) else "",
        joint_lift=found.joint,
        expected_net_value=None
        if found.net_a_customer is None
        else found.net_a_customer * members.num_rows,
        value_unit=currency if decision.money else decision.outcome.name,
        explanation=found.explanation,
        rule=found.rule if isinstance(found.rule, Rule) else None,
        rule_reason=found.rule if isinstance(found.rule, str) else "",
        objective=decision.objective,
        model_id=decision.record.id,
        profiles_id=decision.profiles_id,
        axes_id=decision.axes_id,
        members_id=snapshot.id,
        created_at=decision.workspace.now(),
    )
