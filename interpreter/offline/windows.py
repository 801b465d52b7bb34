"""Stretches of time beside a field that counts over another one."""

from __future__ import annotations

import re

from domain.customer import Field, Schema
from interpreter.offline.text import Canvas
from interpreter.offline.values.reading import read_values
from interpreter.offline.values.value import PLACEHOLDERS

_WINDOW = re.compile(
    (
        r"[\s,]*(?:(?:with|from|at) us |here |us )?(?:in|within|during|over|for|across|per|innerhalb|dans|durante|en)?\s?(?:the |den |der |die |les |los |las )?"
        r"(?:last |past |previous |recent |letzten |vergangenen |derniers? |dernieres? |ultim[oa]s )*(?P<window><days>)"
    ).replace("<days>", PLACEHOLDERS["days"])
)
_COVERED = {
    "session_count": 90.0,
    "carts_abandoned": 365.0,
    "lifetime_orders": 365.0,
    "purchase_frequency": 365.0,
}
"""The days over which a counted field is kept; orders "in a year" are the purchase frequency."""

COUNTED = tuple(_COVERED)
TIMELESS = (
    "lifetime_value",
    "has_ever_returned_item",
    "product_reviews_written",
    "wishlist_items_count",
    "email_open_rate",
    "email_click_through_rate",
)
"""Fields that know no time: a window beside them is asked about."""

AHEAD = re.compile(
    r"\s(?:before|ahead of|earlier than|prior to|sooner than) (?:it|they|any\w*|every\w*|all|others?|the (?:public|launch|rest|release|official|others?|general|doors))\b|\sof (?:early|exclusive|priority|private|advance)\b"
)
"""After a stretch of time by which somebody is first: no time since anything."""


def window_after(canvas: Canvas, end: int) -> tuple[int, float] | None:
    """Where a window right after `end` stops, and its days."""
    window = _WINDOW.match(canvas.open, end)
    return None if window is None else (window.end(), window_days(canvas, window))


def window_days(canvas: Canvas, window: re.Match[str]) -> float:
    text = canvas.raw[window.start("window") : window.end("window")]
    values = [v for v in read_values(text, "en") if v.kind == "days"]
    if values:
        return values[0].amount
    lone = [v for v in read_values("last " + text, "en") if v.kind == "days"]
    return lone[0].amount if lone else 0.0


def covering(field: Field, days: float, schema: Schema) -> tuple[Field, str | None]:
    """The field that covers the stated window, or the nearest one and a question."""
    if field.name in TIMELESS:
        return field, (
            f"There is no {field.text} of the last {days:g} days, only over all time: use that?"
        )
    covers = _COVERED.get(field.name, 365.0)
    if field.name == "lifetime_orders":
        field = schema["purchase_frequency"]
    if abs(days - covers) <= 5:
        return field, None
    return field, (
        f"Orders, sessions and carts are counted over fixed windows: is {field.text} "
        f"meant instead of the last {days:g} days?"
    )
