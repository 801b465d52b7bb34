"""Why these customers, and why this trigger: sentences in which every number is computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.customer import Field, FieldType, Schema
from domain.experiment import OutcomeKind
from domain.segment import Driver, Explanation, Fact, Interval
from domain.triggers import Trigger
from uplift.explain import Comparison, Contrast, contrast, drivers
from uplift.explain import Driver as Driving
from uplift.model import UpliftModel
from workflows.amounts import clear, percent, size, span
from workflows.decision import Measured
from workflows.standing import Standing

_CLEAR = 0.2
"""A rank correlation below this is no direction."""
FACTS, SENTENCE_FACTS, DRIVERS, SHAP_ROWS = 6, 2, 3, 5_000

_VERBS = {
    "visit": "visited",
    "converted": "bought",
    "opened": "opened",
    "clicked": "clicked",
}


def explain_segment(
    *,
    frame: pd.DataFrame,
    inside: NDArray[np.bool_],
    eligible: NDArray[np.bool_],
    schema: Schema,
    model: UpliftModel,
    trigger: Trigger,
    outcome: str,
    lift: Measured | str,
    joint: Interval | None,
    standing: Standing,
    currency: str,
) -> Explanation:
    """The explanation of one segment; `frame` (n, features) holds all customers, `inside` (n,) the
    segment's members, `eligible` (n,) whom the brief allows, `joint` the lift's interval beside
    those of other segments."""
    found = lift if isinstance(lift, str) else lift.interval
    size = int(inside.sum())
    share = size / int(eligible.sum())
    if inside.all():
        facts: tuple[Fact, ...] = ()
        compared = "Nothing sets them apart: they are all customers."
    else:
        rest = eligible & ~inside
        against, words = (rest, "the rest") if rest.any() else (~inside, "all other customers")
        contrasts = contrast(frame, inside, against, limit=FACTS)
        facts = tuple(_fact(one, schema[one.field], words) for one in contrasts)
        compared = (
            "Of these customers, "
            + " and ".join(fact.text for fact in facts[:SENTENCE_FACTS])
            + "."
            if facts
            else f"No single field sets them clearly apart from {words}."
        )
    sentences = (
        _lead(found, trigger, size, share),
        compared,
        *_measured(found, joint, outcome, model.kind, currency),
        *standing.sentences,
    )
    sample = frame[inside].iloc[:SHAP_ROWS]
    driven = drivers(model, sample, trigger.key) if model.outcome.delivery.weight else ()
    told = [_driver(one, schema[one.field]) for one in driven if one.field in schema]
    return Explanation(
        text=" ".join(sentences),
        sentences=sentences,
        facts=facts,
        drivers=tuple(told[:DRIVERS]),
        runner_up=standing.runner_up,
        switch=standing.switch,
    )


def _lead(lift: Interval | str, trigger: Trigger, size: int, share: float) -> str:
    """What is said first depends on how sure the held-out customers make us."""
    whom = f"these {size:,} customers, {percent(share)} of those eligible"
    if isinstance(lift, str):
        return f"{trigger.name} looks best for {whom}, but nobody like them was held out to check."
    if not clear(lift):
        return f"{trigger.name} looks best for {whom}, but the evidence is thin."
    return f"We recommend {trigger.name} for {whom}."


def _measured(
    lift: Interval | str, joint: Interval | None, outcome: str, kind: OutcomeKind, currency: str
) -> tuple[str, ...]:
    if isinstance(lift, str):
        return (lift,)
    told = f"In past campaigns {effect_words(lift, outcome, kind, currency)} ({lift.basis})."
    if joint is None or not clear(lift):
        return (told,)
    unsure = "" if clear(joint) else ", so that it may be chance"
    return (told, f"Looked at together with the other segments: {span(joint, kind)}{unsure}.")


def effect_words(lift: Interval, outcome: str, kind: OutcomeKind, currency: str) -> str:
    """`customers like them visited 4.1 points more often with it, 3.2 to 5.0`."""
    if not clear(lift):
        return _unclear(lift, outcome, kind, currency)
    less = lift.estimate < 0
    noun = outcome.replace("_", " ")
    amount = size(abs(lift.estimate), kind)
    if kind is OutcomeKind.BINARY:
        told = (
            f"{_VERBS.get(outcome, f'had {noun}')} {amount} points "
            f"{'less' if less else 'more'} often with it"
        )
    elif kind is OutcomeKind.MONEY:
        told = f"brought {amount} {currency} {'less' if less else 'more'} {noun} each with it"
    else:
        told = f"had {amount} {'fewer' if less else 'more'} {noun} each with it"
    return f"customers like them {told}, {span(lift, kind)}"


def _unclear(lift: Interval, outcome: str, kind: OutcomeKind, currency: str) -> str:
    scale, unit = {
        OutcomeKind.BINARY: (100, "points"),
        OutcomeKind.MONEY: (1, f"{currency} each"),
        OutcomeKind.COUNT: (1, "each"),
    }[kind]
    noun = outcome.replace("_", " ")
    return (
        f"it changed {noun} among customers like them by {lift.estimate * scale:+.2f} {unit}, "
        f"{lift.low * scale:+.2f} to {lift.high * scale:+.2f}, which may be chance"
    )


def _fact(found: Contrast, field: Field, against: str) -> Fact:
    inside, outside = found.inside_share, found.against_share
    predicate = _predicate(found, field)
    text = f"{percent(inside)} {predicate} against {percent(outside)} of {against}"
    return Fact(
        field=found.field,
        text=text,
        inside=inside,
        outside=outside,
        inside_count=found.inside_count,
        outside_count=found.against_count,
    )


_PLURAL = {"has": "have", "is": "are", "does": "do", "was": "were"}
_NEGATED = "does not "


def _of_many(field: Field, holds: bool) -> str:
    """A flag as said of many: `has viewed` becomes `have viewed`, `seeks exclusivity`, of which
    `does not seek exclusivity` is the opposite, `seek exclusivity`."""
    if holds and field.negated.startswith(_NEGATED):
        return field.negated.removeprefix(_NEGATED)
    words = field.text if holds else field.negated or f"not: {field.text}"
    first, space, rest = words.partition(" ")
    return f"{_PLURAL.get(first, first)}{space}{rest}"


def _predicate(found: Contrast, field: Field) -> str:
    name = field.text
    if found.comparison is Comparison.MISSING:
        return f"have no known {name}"
    if field.type is FieldType.BOOL:
        return _of_many(field, bool(found.value))
    if found.comparison is Comparison.EQUAL:
        return f"have {name} {found.value}"
    bound = "of at least" if found.comparison is Comparison.AT_LEAST else "below"
    return f"have {name} {bound} {found.value:,.6g}"


def _driver(driving: Driving, field: Field) -> Driver:
    return Driver(
        field=driving.field,
        text=_driver_words(driving, field),
        strength=driving.strength,
        direction=driving.direction,
    )


def _driver_words(driving: Driving, field: Field) -> str:
    name, direction = field.text, driving.direction
    if direction is None or abs(direction) < _CLEAR:
        if field.type is FieldType.BOOL:
            return f"how well it works depends on whether they {_of_many(field, True)}"
        return f"how well it works depends on {name}"
    better = direction > 0
    if field.type is FieldType.BOOL:
        return f"it works better for those who {_of_many(field, better)}"
    return f"the higher {name}, the {'better' if better else 'less'} it works"
