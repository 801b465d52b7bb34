"""Triggers ranked by what each would bring to an audience; doing nothing is always among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from domain.segment import Evidence, Interval, RankedTrigger
from domain.triggers import NO_TRIGGER
from workflows.decision import Decision, Measured, measured_lift, net_value
from workflows.jointly import Jointly, look_together
from workflows.membership import segment_criteria
from workflows.worthiest import Witnesses, all_witnesses, best_rows, border_of, worthiest_witnesses


def rank_triggers(
    decision: Decision, allowed: tuple[str, ...], eligible: int
) -> tuple[tuple[RankedTrigger, ...], Jointly]:
    """Every judged trigger by what it would bring to the audience, `none` among them, and how they
    look together. Where the brief lets fewer be addressed than are eligible, what a trigger would
    bring to as many of them, those worth it most."""
    reached = decision.reached(eligible)
    witnesses = {
        trigger: _witnesses(decision, trigger, reached, eligible)
        for trigger in decision.model.arms
        if trigger != NO_TRIGGER
    }
    lifts = {
        trigger: measured_lift(decision, found.rows, trigger, found.who)
        for trigger, found in witnesses.items()
    }
    joint = look_together(lifts, "triggers")
    ranked = []
    for trigger, found in lifts.items():
        lift = found.interval if isinstance(found, Measured) else None
        net = None if lift is None else net_value(decision, witnesses[trigger].rows, trigger)
        ranked.append(
            RankedTrigger(
                trigger=trigger,
                evidence=_evidence(lift),
                reason=found if isinstance(found, str) else f"Measured on {found.basis}.",
                lift=lift,
                joint_lift=joint.intervals.get(trigger),
                expected_outcomes=None if lift is None else lift.estimate * reached,
                expected_net_value=None if net is None else net * reached,
                preferred_by=_preferred_by(decision, allowed, trigger),
            )
        )
    nothing = RankedTrigger(
        trigger=NO_TRIGGER,
        evidence=Evidence.STRONG,
        reason="What every lift is measured against.",
        lift=Interval(estimate=0, low=0, high=0, basis="by definition"),
        expected_outcomes=0.0,
        expected_net_value=0.0,
        preferred_by=_preferred_by(decision, allowed, NO_TRIGGER),
    )
    sign = -1 if decision.outcome.lower_is_better else 1

    def worth(entry: RankedTrigger) -> tuple[bool, float]:
        if entry.lift is None:
            return (False, 0.0)
        if entry.expected_net_value is not None:
            return (True, entry.expected_net_value)
        return (True, sign * (entry.expected_outcomes or 0.0))

    return tuple(sorted([*ranked, nothing], key=worth, reverse=True)), joint


def _witnesses(decision: Decision, trigger: str, reached: int, eligible: int) -> Witnesses:
    """Whom a trigger is measured on."""
    if reached == eligible or trigger not in decision.model.judged:
        return all_witnesses(decision, decision.audience)
    field = f"net_value_for_{trigger}"
    net = decision.people.select(decision.audience, [field]).column(field).to_numpy()
    kept = best_rows(net, reached)
    border = border_of(net, np.zeros(len(net)), kept, floor=float(net[kept].min()))
    return worthiest_witnesses(decision, decision.audience, trigger, border)


def _evidence(lift: Interval | None) -> Evidence:
    if lift is None:
        return Evidence.NONE
    return Evidence.STRONG if lift.low > 0 or lift.high < 0 else Evidence.THIN


def _preferred_by(decision: Decision, allowed: Sequence[str], trigger: str) -> int:
    """How many eligible customers have the trigger as the best of those allowed."""
    if trigger not in (*allowed, NO_TRIGGER):
        return 0
    if not allowed:
        return decision.people.count(decision.audience)
    return decision.people.count(segment_criteria(decision, allowed, trigger))
