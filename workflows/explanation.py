"""Why these customers, and why this trigger: sentences in which every number is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.customer import Field, FieldType, Schema
from domain.experiment import OutcomeKind
from domain.segment import Explanation, Fact, Interval
from domain.triggers import Trigger
from uplift.explain import Comparison, Contrast, Driver, contrast, drivers
from uplift.model import UpliftModel

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
    lift: Interval | str,
    currency: str,
) -> Explanation:
    """The explanation of one segment; `frame` (n, features) holds all customers, `inside` (n,) the
    segment's members, `eligible` (n,) whom the brief allows."""
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
    text = " ".join(
        (
            _lead(lift, trigger, size, share),
            compared,
            _measured(lift, outcome, model.kind, currency),
        )
    )
    sample = frame[inside].iloc[:SHAP_ROWS]
    driven = drivers(model, sample, trigger.key)[:DRIVERS] if model.outcome.delivery.weight else ()
    return Explanation(text=text, facts=facts, drivers=_driver_words(driven, schema))


def _lead(lift: Interval | str, trigger: Trigger, size: int, share: float) -> str:
    """What is said first depends on how sure the held-out customers make us."""
    whom = f"these {size:,} customers, {percent(share)} of those eligible"
    if isinstance(lift, str):
        return f"{trigger.name} looks best for {whom}, but nobody like them was held out to check."
    if lift.low <= 0 <= lift.high:
        return f"{trigger.name} looks best for {whom}, but the evidence is thin."
    return f"We recommend {trigger.name} for {whom}."


def _measured(lift: Interval | str, outcome: str, kind: OutcomeKind, currency: str) -> str:
    if isinstance(lift, str):
        return lift
    return f"In past campaigns {effect_words(lift, outcome, kind, currency)} ({lift.basis})."


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def effect_words(lift: Interval, outcome: str, kind: OutcomeKind, currency: str) -> str:
    """`customers like them visited 4.1 points more often with it, 3.2 to 5.0`."""
    if lift.low <= 0 <= lift.high:
        return _unclear(lift, outcome, kind, currency)
    less = lift.estimate < 0
    low, high = sorted((abs(lift.low), abs(lift.high)))
    size = abs(lift.estimate)
    noun = outcome.replace("_", " ")
    if kind is OutcomeKind.BINARY:
        amount = (
            f"{_VERBS.get(outcome, f'had {noun}')} {size * 100:.1f} points "
            f"{'less' if less else 'more'} often with it, {low * 100:.1f} to {high * 100:.1f}"
        )
    elif kind is OutcomeKind.MONEY:
        amount = (
            f"brought {size:.2f} {currency} {'less' if less else 'more'} {noun} each with it, "
            f"{low:.2f} to {high:.2f}"
        )
    else:
        amount = (
            f"had {size:.3f} {'fewer' if less else 'more'} {noun} each with it, "
            f"{low:.3f} to {high:.3f}"
        )
    return f"customers like them {amount}"


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
    predicate = _plural(_predicate(found, field))
    text = f"{percent(inside)} {predicate} against {percent(outside)} of {against}"
    return Fact(
        field=found.field,
        text=text,
        inside=inside,
        outside=outside,
        inside_count=found.inside_count,
        outside_count=found.against_count,
    )


_PLURAL = {"has": "have", "is": "are", "does": "do", "seeks": "seek", "was": "were"}


def _plural(words: str) -> str:
    """A field's words as said of many: `has viewed` becomes `have viewed`."""
    first, _, rest = words.partition(" ")
    return f"{_PLURAL.get(first, first)} {rest}"


def _predicate(found: Contrast, field: Field) -> str:
    name = field.text
    if found.comparison is Comparison.MISSING:
        return f"have no known {name}"
    if field.type is FieldType.BOOL:
        return name if found.value else field.negated or f"not: {name}"
    if found.comparison is Comparison.EQUAL:
        return f"have {name} {found.value}"
    bound = "of at least" if found.comparison is Comparison.AT_LEAST else "below"
    return f"have {name} {bound} {found.value:,.6g}"


def _driver_words(found: Sequence[Driver], schema: Schema) -> tuple[str, ...]:
    return tuple(_one_driver(driver, schema[driver.field]) for driver in found)


def _one_driver(driver: Driver, field: Field) -> str:
    name, direction = field.text, driver.direction
    if direction is None or abs(direction) < _CLEAR:
        return f"how well it works depends on {name}"
    better = direction > 0
    if field.type is FieldType.BOOL:
        return f"it works better for those of whom holds: {name if better else field.negated}"
    return f"the higher {name}, the {'better' if better else 'less'} it works"
