"""How a segment's trigger stands against the next best, and what would change the choice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.criteria import Expression
from domain.experiment import OutcomeKind
from domain.segment import Interval, RunnerUp, Switch
from domain.triggers import NO_TRIGGER
from uplift.dataset import FloatArray
from uplift.evaluation import Estimate, rows_with_scores, segment_lift
from uplift.policy import with_none
from uplift.standings import standings
from workflows.amounts import ValueUnit, clear
from workflows.decision import Decision, as_interval, held_out, named
from workflows.modelscores import ARM, CLUSTER, NET
from workflows.worthiest import Witnesses


@dataclass(frozen=True)
class Standing:
    """The runner-up and what would change the recommendation, and both in words."""

    runner_up: RunnerUp
    switch: Switch
    sentences: tuple[str, str]


def segment_standing(
    decision: Decision,
    criteria: Expression,
    members: pa.Table,
    witness: Witnesses,
    allowed: Sequence[str],
    trigger: str,
) -> Standing:
    """Counted on the members by the model's net values, and measured on the witnesses.

    `members` are those left after any cut; the runner-up is what would bring them most in all if
    everyone got it."""
    columns = [f"net_value_for_{key}" for key in allowed]
    table = decision.people.select(criteria, ["customer_id", *columns])
    kept = pc.is_in(
        table.column("customer_id"), value_set=members.column("customer_id").combine_chunks()
    )
    table = table.filter(kept)
    net = np.column_stack([table.column(name).to_numpy() for name in columns])
    unit = ValueUnit.of(
        decision.outcome.name,
        decision.outcome.kind,
        decision.money,
        decision.workspace.settings.currency,
    )
    names = (NO_TRIGGER, *allowed)
    chosen = names.index(trigger)

    means = with_none(net).mean(axis=0)
    second = int(np.where(np.arange(len(names)) == chosen, -np.inf, means).argmax())
    runner_up = RunnerUp(
        trigger=names[second],
        loses_by=float(means[chosen] - means[second]),
        measured=measured_over(decision, witness, trigger, names[second]),
        unit=unit.name,
    )

    found = standings(net)
    amount = rounded_up(float(np.sort(found.margin)[(len(net) - 1) // 2]), unit)
    turned = found.margin <= amount
    switch = Switch(
        amount=amount,
        members=int(turned.sum()),
        trigger=names[int(np.bincount(found.runner_up[turned]).argmax())],
        unit=unit.name,
    )
    return Standing(runner_up, switch, (_second(runner_up, unit), _turn(switch, unit)))


def rounded_up(margin: float, unit: ValueUnit) -> float:
    """A margin rounded up as far as it is said, so that what is said of it holds."""
    if unit.money:
        scale = 100 if margin >= 0.1 else 1_000
    else:
        scale = 10_000 if unit.kind is OutcomeKind.BINARY else 1_000
    return math.ceil(round(margin * scale, 6)) / scale


def measured_over(
    decision: Decision, witness: Witnesses, trigger: str, other: str
) -> Interval | None:
    """By how much the trigger beats another among the witnesses, in net value a customer; None
    where too few of either were tried."""
    arms = decision.model.arms
    pair = np.array([arms.index(other), arms.index(trigger)])
    net: FloatArray = np.column_stack(
        [witness.rows.column(f"{NET}{arm}").to_numpy() for arm in arms]
    )
    rows = rows_with_scores(net, pair)
    given = witness.rows.column(ARM).to_numpy()[rows]
    found = segment_lift(
        net[rows][:, pair],
        np.ones(int(rows.sum()), dtype=bool),
        1,
        witness.rows.column(CLUSTER).to_numpy(zero_copy_only=False)[rows],
        arm=np.select([given == pair[0], given == pair[1]], [0, 1], -1),
    )
    if not isinstance(found, Estimate):
        return None
    return as_interval(
        found,
        f"net value over {named(other)}, on {held_out(decision, found.n)} {witness.who}",
    )


def _second(runner_up: RunnerUp, unit: ValueUnit) -> str:
    who = (
        "Doing nothing"
        if runner_up.trigger == NO_TRIGGER
        else named(runner_up.trigger).capitalize()
    )
    loses = f"{who} is the runner-up: by the model it loses by {unit.said(runner_up.loses_by)} each"
    measured = runner_up.measured
    if measured is None:
        return f"{loses}; too few held-out customers got one of the two to check."
    positive = clear(measured) and measured.estimate > 0
    low, high = (unit.number(end, signed=not positive) for end in (measured.low, measured.high))
    mean = unit.said(measured.estimate, signed=not positive)
    told = f"{loses}, on the held-out customers by {mean} ({low} to {high})"
    if positive:
        return f"{told}."
    return f"{told}, {'so it did better there' if clear(measured) else 'which may be chance'}."


def _turn(switch: Switch, unit: ValueUnit) -> str:
    change = (
        f"cost {unit.said(switch.amount)} more a customer"
        if unit.money
        else f"brought {unit.said(switch.amount)} less a customer"
    )
    other = "doing nothing" if switch.trigger == NO_TRIGGER else named(switch.trigger)
    return (
        f"If it {change}, something else would be better for {switch.members:,} of them, most "
        f"often {other}."
    )
