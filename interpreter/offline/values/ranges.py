"""Two values joined into one: "between 3 and 5", "more than 3 but under 5", "from 33 to 40"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from interpreter.offline.values.value import Value

_RANGE_OPEN = re.compile(
    r"(?<!\w)(?:anywhere )?(?:between|zwischen|entre|from|von|de|in the range(?: of)?|ranging from|ranges from|ranges? between)\s(?:the |today's |currently |now |a |present |actual |derzeit |heute )*$"
)
_FROM = re.compile(r"(?<!\w)(?:from|von|de|desde)\s(?:the |today's |currently |now |present )*$")
_RANGE_JOIN = re.compile(
    r"(?: (?:now|today|currently|at present))?\s?(?:-|to|and|und|auf|bis|et|y|a|through|up to|down to|until|bis zu|bis auf|hasta|jusqu'a)\s?"
)
_LOOSE_JOIN = re.compile(r"\s?(?:-|to|up to|bis|bis zu|through|hasta|jusqu'a)\s?")
_ARROW = re.compile(r"\s*(?:-+>|=+>|→|➔|⇒|»|>+)\s*")
_BACK = re.compile(
    r",?\s\(?(?:up from|down from|from|instead of|rather than|in place of|as against|against|versus|vs\.?|statt|anstatt|anstelle von|gegenuber|au lieu de|contre|en vez de|en lugar de|frente a|compared (?:to|with))\s"
    r"(?:(?:the|today's|a|its|our|present|current|currently|now|today|of|previous|derzeit|heute|aktuell|bisher|bisherigen|actuels?|actuales?|los|les|der|den|die) ?)*"
)
_SPELLED_MOVE = re.compile(
    r"\)?,?;?(?: (?:now|today|currently|at the moment|right now|at present|heute|hoy|aujourd'hui))?\)?[,;.]?\s\(?"
    r"(?:(?:and|but|which|we|it|that|this|should|must|needs?|ought|shall|has|want(?:s|ed)?|would|like|be|become|reach|go|move|rise|fall|climb|drop|grow|get|gets|let'?s|let us|it|bring|up|down|plan|planned|target|goal|aim|wanted|desired|is|to|at|of|the|our|:|=)\s?)+"
)
_AIM = re.compile(
    r"\b(?:let'?s|let us|plan|planned|bring|get|target|goal|aim|should|must|need|ought|want|become|wanted|desired)"
)
_BOUND_JOIN = re.compile(
    r",?\s(?:and|but|yet|und|aber|et|mais|y|pero|&)\s(?:at the same time )?|,\s|\s&\s"
)

Move = Literal["", "open", "sure"]


def join_ranges(values: list[Value], folded: str) -> list[Value]:
    """Neighbours that are one range or one step, as one value."""
    joined: list[Value] = []
    i = 0
    while i < len(values):
        first = values[i]
        second = values[i + 1] if i + 1 < len(values) else None
        both = _joined(first, second, folded) if second is not None else None
        joined.append(first if both is None else both)
        i += 1 if both is None else 2
    return joined


def _joined(first: Value, second: Value, folded: str) -> Value | None:
    if "date" in (first.kind, second.kind):
        return None
    gap, lead = folded[first.end : second.start], folded[: first.start]
    alike = first.kind in ("number", second.kind) or second.kind == "number"
    timeless = alike and "days" not in (first.kind, second.kind)
    if timeless and _ARROW.fullmatch(gap):
        return _range(first, second, first.start, "sure")
    if re.search(r"[\[(]\s?$", lead) and re.fullmatch(r"\s?[,;]\s?", gap):
        return _range(first, second, first.start)
    if gap.strip() in ("or", "oder", "ou", "o") and second.amount - first.amount == 1:
        return _range(first, second, first.start)
    opening = _RANGE_OPEN.search(lead)
    if alike and (_RANGE_JOIN if opening else _LOOSE_JOIN).fullmatch(gap):
        step = _FROM.search(lead) or (not opening and gap.strip() in ("to", "bis"))
        start = opening.start() if opening else first.start
        return _range(first, second, start, "open" if step and timeless else "")
    if timeless and first.kind == second.kind:
        if _BACK.fullmatch(gap):
            return _range(first, second, first.start, "sure", backwards=True)
        if _SPELLED_MOVE.fullmatch(gap) and _AIM.search(gap):
            return _range(first, second, first.start, "sure")
    return None


def _range(
    first: Value, second: Value, start: int, move: Move = "", backwards: bool = False
) -> Value:
    kind = second.kind if first.kind == "number" else first.kind
    low, high = first.amount, second.amount
    if first.kind == "number" and second.kind == "days":
        low = first.amount * second.unit_days
    if backwards:
        low, high = high, low
    return Value(
        start, second.end, kind, amount=low, low=min(low, high), high=max(low, high),
        stated=True, currency=first.currency or second.currency, second=high,
        unit_days=second.unit_days, move=move,
    )  # fmt: skip


def join_bounds(values: list[Value], masked: str) -> list[Value]:
    """A lower and an upper bound of one thing: "more than two but at most ten days"."""
    joined: list[Value] = []
    for value in values:
        both = _bounds(joined[-1], value, masked) if joined else None
        if both is None:
            joined.append(value)
        else:
            joined[-1] = both
    return joined


def _bounds(first: Value, second: Value, masked: str) -> Value | None:
    if not (first.stated and second.stated) or first.is_range or second.is_range:
        return None
    if "date" in (first.kind, second.kind) or first.kind not in ("number", second.kind):
        return None
    if first.exact or second.exact or (first.low is None) == (second.low is None):
        return None
    if not _BOUND_JOIN.fullmatch(masked[first.end : second.start]):
        return None
    scale = second.unit_days if first.kind == "number" and second.kind == "days" else 1
    low, high = (first, second) if first.low is not None else (second, first)
    bottom = (low.low or 0.0) * (scale if low is first else 1)
    top = (high.high or 0.0) * (scale if high is first else 1)
    if bottom > top:
        return None
    return replace(
        second, start=first.start, amount=bottom, second=top, low=bottom, high=top,
        low_open=low.low_open, high_open=high.high_open,
        currency=first.currency or second.currency,
    )  # fmt: skip
