"""The value of a metric target: which number belongs to it, its unit, and what a level means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.objective import Direction, Metric, Unit
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value

HIGHER_IS_WORSE = frozenset({Metric.CHURN_RATE})
MONEY_METRICS = frozenset({Metric.AVERAGE_ORDER_VALUE, Metric.REVENUE, Metric.LIFETIME_VALUE})
RATES = frozenset(
    {
        Metric.CONVERSION_RATE,
        Metric.RETENTION_RATE,
        Metric.CHURN_RATE,
        Metric.CART_RECOVERY_RATE,
        Metric.REACTIVATION_RATE,
        Metric.CLICK_THROUGH_RATE,
        Metric.OPEN_RATE,
    }
)


_SCORE = re.compile(r"\b(?:scores?|probability|percentile)\b[^,;.]{0,16}$")
"""Before the value of a score, which is no target: "a sensitivity score of 0.8"."""
_MOVES = re.compile(r"\b(?:go|goes|get|rise|move|climb|grow|come|drop|fall|sink)s? (?:up |down )?$")
"""Before a level that is left for another: "to go from 6% to 9%"."""


@dataclass(frozen=True)
class Mention:
    start: int
    end: int
    metric: Metric
    direction: Direction | None
    value: Value | None
    labelled: bool

    @property
    def strength(self) -> tuple[bool, bool, bool, int]:
        return (
            self.value is not None,
            self.direction is not None,
            self.labelled,
            self.end - self.start,
        )


def value_near(
    canvas: Canvas, values: list[Value], start: int, end: int, left: int, right: int, changed: bool
) -> Value | None:
    best: tuple[float, Value] | None = None
    for value in values:
        if value.kind in ("days", "date", "seconds") or not canvas.is_open(value.start, value.end):
            continue
        if value.start >= end and value.end <= right:
            gap = canvas.open[end : value.start]
            distance = len(gap) * 1.0
        elif value.end <= start and value.start >= left:
            gap = canvas.open[value.end : start]
            distance = len(gap) * 1.0
            if re.search(r"\b(?:where|who|whose|among|with|having)\b", gap):
                continue
            if re.match(
                r"\s?(?:discount|off|coupon|voucher|cashback|rabatt|remise|descuento)", gap
            ):
                continue
        else:
            continue
        moves = value.move and _MOVES.search(canvas.open[max(0, value.start - 24) : value.start])
        if "\x00" in gap and len(gap) > 20 and not changed and not moves:
            continue
        far = re.search(
            r"\b(?:should|must|needs? to|has to|have to|shall|ought to|will)\b.{0,24}\b(?:by|from|um|about)\s$",
            canvas.open[: value.start][-60:],
        )
        if distance > (190 if far or moves else 70) or re.search(r"[.;!?]\s", gap):
            continue
        lead = canvas.open[max(0, value.start - 14) : value.start]
        if _SCORE.search(canvas.open[max(0, value.start - 24) : value.start]):
            continue
        by = re.search(r"(?:\b(?:by|plus|minus|up|down|um|another|from|per|of)|[+-])\s?$", lead)
        level = value.move != ""
        if value.stated and not level and not by and not (0 <= value.start - end < 16 and changed):
            continue
        if (
            value.kind == "number"
            and not by
            and not level
            and (value.start < end or value.start - end > 4)
        ):
            continue
        if re.search(
            r"(?:\bby|\+|plus|minus|up|down|um|from|de|en|another|-|increase|to|of|at least)\s?$",
            lead,
        ):
            distance -= 40
        if re.match(
            r"\s?(?:discount|off\b|coupon|voucher|cashback|rabatt|nachlass|gutschein|de remise|de descuento|gift|points\b|customers|people|recipients|budget)",
            canvas.open[value.end :],
        ):
            continue
        if best is None or distance < best[0]:
            best = (distance, value)
    return best[1] if best else None


def target_amount(
    canvas: Canvas, metric: Metric, value: Value, direction: Direction
) -> tuple[float | None, Unit | None, Direction, str | None]:
    level = value.move != ""
    reached = (
        (
            not value.is_range
            and re.search(
                r"\b(?:to|reach|auf|at|hit|above|over)\s(?:the )?$",
                canvas.open[max(0, value.start - 10) : value.start],
            )
            is not None
        )
        or canvas.raw[max(0, value.start - 2) : value.start].lower() == "à "
    ) and (
        not value.is_range
        and not re.search(r"\bup to\s$", canvas.open[max(0, value.start - 8) : value.start])
    )
    kind = value.kind
    if kind == "percent":
        unit = Unit.PERCENTAGE_POINTS if level and metric in RATES else Unit.PERCENT
    elif kind == "points":
        unit = Unit.PERCENTAGE_POINTS
    elif kind == "money" or (kind == "number" and metric in MONEY_METRICS):
        unit = Unit.CURRENCY
    elif metric in RATES and kind == "number":
        unit = Unit.PERCENT
    else:
        unit = Unit.COUNT
    if level:
        assert value.second is not None
        first, last = value.amount, value.second
        if first > last:
            return round(first - last, 9), unit, Direction.DECREASE, None
        return round(last - first, 9), unit, Direction.INCREASE, None
    if value.is_range:
        return None, None, direction, "The target is a range: which value should count?"
    if (
        reached
        and metric is not Metric.UNITS_SOLD
        and not (value.kind == "number" and metric not in MONEY_METRICS | RATES)
    ):
        name = metric.value.replace("_", " ")
        return None, None, direction, f"The target is a level: what is the {name} today?"
    return value.amount, unit, direction, None
