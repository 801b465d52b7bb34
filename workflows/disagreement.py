"""Where the held-out customers rank another trigger first than the one that most customers get."""

from __future__ import annotations

from collections.abc import Sequence

from domain.segment import RankedTrigger
from domain.triggers import NO_TRIGGER
from workflows.amounts import ValueUnit, clear
from workflows.decision import Decision, named
from workflows.standing import measured_over
from workflows.worthiest import all_witnesses


def said_of_disagreement(
    decision: Decision, ranking: Sequence[RankedTrigger], allowed: Sequence[str]
) -> str | None:
    """Why the first of the ranking is not what most customers get, and what the difference between
    the two is among the held-out customers; None where they are the same, or where no trigger is
    the best for more than half, or the ranking is about fewer than all: each for its own and one
    for all are two questions.

    The choice is made on the customers learned from. To turn it by the held-out ones would make
    their numbers those of the luckiest trigger, and nobody would be left to measure it on."""
    choices = [one for one in ranking if one.trigger in (*allowed, NO_TRIGGER)]
    preferred = max(choices, key=lambda one: one.preferred_by)
    first, most = choices[0].trigger, preferred.trigger
    if first == most or choices[0].lift is None:
        return None
    everybody = sum(one.preferred_by for one in choices)
    if 2 * preferred.preferred_by <= everybody or decision.reached(everybody) < everybody:
        return None
    told = (
        f"{named(first).capitalize()} brought the most among held-out customers, while most "
        f"customers get {named(most)}: the choice is made on other customers, those learned from, "
        f"so that what is measured here is not the luck of the draw."
    )
    witness = all_witnesses(decision, decision.audience)
    found = measured_over(decision, witness, first, most)
    if found is None:
        return told
    unit = ValueUnit.of(
        decision.outcome.name,
        decision.outcome.kind,
        decision.money,
        decision.workspace.settings.currency,
    )
    low, high = (unit.number(end, signed=True) for end in (found.low, found.high))
    verdict = (
        "beyond chance, so a new training, or a campaign that tries both, is worth it"
        if clear(found)
        else "which may be chance"
    )
    return (
        f"{told} The difference is {unit.said(found.estimate)} each ({low} to {high}), {verdict}."
    )
