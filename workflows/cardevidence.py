"""What past campaigns say of the customers who meet each card's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow.compute as pc

from domain.criteria import Expression
from domain.discovery import CausalKnowledge, SegmentCard
from domain.objective import CampaignObjective
from domain.segment import Interval
from domain.triggers import NO_TRIGGER
from storage import models
from storage.models import ModelRecord
from workflows.amounts import clear, effect, span
from workflows.briefs import choose_model
from workflows.deciding import open_decision
from workflows.decision import Decision, Measured, measured_lift, named, witness_rows
from workflows.jointly import look_together
from workflows.workspace import Workspace

_NO_RULES = "No rules tell these customers, so past campaigns can't be asked about them."


def with_evidence(workspace: Workspace, cards: Sequence[SegmentCard]) -> tuple[SegmentCard, ...]:
    """The cards with what the causal engine knows of each; where it knows nothing, why."""
    record, why = choose_model(workspace, CampaignObjective())
    if record is None:
        return tuple(_unknown(card, f"What works for them is not known: {why}.") for card in cards)
    rules = {
        card.key: card.filter_rules.criteria for card in cards if card.filter_rules is not None
    }
    known = _known(workspace, record, rules)
    with workspace.control.write() as session:
        models.count_look(session, record.id)
    return tuple(
        card.model_copy(update={"causal": known[card.key]})
        if card.key in known
        else _unknown(card, _NO_RULES)
        for card in cards
    )


def _unknown(card: SegmentCard, text: str) -> SegmentCard:
    return card.model_copy(update={"causal": CausalKnowledge(trigger=None, text=text)})


def _known(
    workspace: Workspace, record: ModelRecord, rules: Mapping[str, Expression]
) -> dict[str, CausalKnowledge]:
    with open_decision(workspace, CampaignObjective(), record) as decision:
        witnesses = decision.witnesses
        best = {key: expected_best(decision, rule) for key, rule in rules.items()}
        lifts: dict[str, Measured | str] = {}
        for key, trigger in best.items():
            missing = witnesses.missing_fields(rules[key])
            if trigger == NO_TRIGGER:
                continue
            if missing:
                lifts[key] = f"the past campaigns' customers have no {missing[0]}"
            else:
                lifts[key] = measured_lift(decision, witness_rows(decision, rules[key]), trigger)
    joint = look_together(lifts, "segments")
    return {
        key: _knowledge(decision, trigger, lifts.get(key), joint.intervals.get(key))
        for key, trigger in best.items()
    }


def expected_best(decision: Decision, rule: Expression) -> str:
    """The judged trigger of which the model expects most for those who meet the rule, each getting
    it; `none` where that is less than nothing. Held-out customers have no say in the choice."""
    judged = decision.model.judged
    if not judged:
        return NO_TRIGGER
    columns = [f"net_value_for_{key}" for key in judged]
    values = decision.people.select(rule, columns)
    net = [pc.mean(values.column(name)).as_py() or 0.0 for name in columns]
    most = max(net)
    return judged[net.index(most)] if most > 0 else NO_TRIGGER


def _knowledge(
    decision: Decision, trigger: str, lift: Measured | str | None, joint: Interval | None
) -> CausalKnowledge:
    outcome, name = decision.outcome, named(trigger).capitalize()
    if lift is None:
        text = "By the model no trigger is worth more to them than doing nothing."
        return CausalKnowledge(trigger=NO_TRIGGER, outcome=outcome.name, text=text)
    if isinstance(lift, str):
        text = f"By the model {named(trigger)} does most, but that was not measured: {lift}"
        return CausalKnowledge(trigger=trigger, outcome=outcome.name, text=f"{text.rstrip('.')}.")
    interval = lift.interval
    currency = decision.workspace.settings.currency
    size = effect(interval.estimate, outcome.name, decision.model.kind, currency)
    text = (
        f"{name}: {size} of {outcome.name.replace('_', ' ')} ({span(interval, decision.model.kind)}"
        f"), measured on {lift.basis}."
    )
    if not clear(interval):
        text += " That may be chance."
    elif (interval.estimate < 0) != decision.outcome.lower_is_better:
        text += " So it did harm, whatever the model expects: leave these customers alone."
    elif joint is not None and not clear(joint):
        text += " Looked at together with the other segments it may be chance."
    return CausalKnowledge(
        trigger=trigger, outcome=outcome.name, lift=interval, joint_lift=joint, text=text
    )
