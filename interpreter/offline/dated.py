"""Events and the dates they happened on: "joined before March 2025"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.criteria import Condition, Op
from interpreter.offline.finding import Finding, joined
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value


def dated(
    canvas: Canvas,
    value: Value,
    event: str,
    negative: bool,
    start: int,
    end: int,
    values: Iterable[Value],
) -> Finding | None:
    """The condition of an event (a field of days since it) and a date: "joined before March 2025",
    "not bought since 1 January 2026"."""
    field = {
        "days_since_last_purchase": "last_purchase_date",
        "days_since_last_seen": "last_seen_timestamp",
        "tenure_days": "creation_date",
    }.get(event)
    if field is None or value.day is None:
        return None
    before = canvas.open[: value.start]
    word = re.search(
        r"\b(since|after|from|before|until|by|prior to|earlier than|no later than|on or before|on or after|starting|between|later than|seit|nach|vor|ab|depuis|apres|avant|desde|antes de|despues de)\s(?:the )?$",
        before,
    )
    if word is None:
        return None
    second = _second_date(canvas, value, values)
    early = word[1] in (
        "before",
        "until",
        "by",
        "prior to",
        "earlier than",
        "vor",
        "avant",
        "antes de",
        "no later than",
        "on or before",
    )
    op = (
        Op.LT
        if early or negative
        else (
            Op.GT if word[1] in ("after", "later than", "nach", "apres", "despues de") else Op.GTE
        )
    )
    if word[1] in ("on or before", "no later than") and not negative:
        op = Op.LTE
    condition = Condition(field=field, op=op, value=value.day.isoformat())
    if second is None or early or negative:
        return Finding(start, end, condition)
    last, inclusive = second
    assert last.day is not None
    upper = Condition(field=field, op=Op.LTE if inclusive else Op.LT, value=last.day.isoformat())
    return Finding(start, max(end, last.end), joined([condition, upper]))


_UNTIL = re.compile(
    r"\s?,?\s?(?:and|but|to|until|up to|und|bis|et|y|hasta|-)\s?(?P<word>before|until|on or before|no later than|by|earlier than|prior to|vor|bis|avant|antes del?)?\s?(?:the )?"
)


def _second_date(
    canvas: Canvas, value: Value, values: Iterable[Value]
) -> tuple[Value, bool] | None:
    """The date that ends a stretch ("... and before 1 September"), and whether it belongs to it."""
    for other in values:
        if other.kind == "date" and other.start >= value.end:
            gap = _UNTIL.fullmatch(canvas.open[value.end : other.start])
            if gap is None:
                return None
            return other, gap["word"] not in ("before", "earlier than", "prior to", "vor", "avant")
    return None
