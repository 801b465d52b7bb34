"""Two values joined into one range: "between 3 and 5", "30-60 days"."""

from __future__ import annotations

import re

from interpreter.offline.values.value import Value

_RANGE_OPEN = re.compile(
    r"(?<!\w)(?:anywhere )?(?:between|zwischen|entre|from|von|de|in the range(?: of)?|ranging from)\s(?:the )?$"
)
_RANGE_JOIN = re.compile(r"\s?(?:-|to|and|und|bis|et|y|a|through|up to|until|bis zu)\s?")
_LOOSE_JOIN = re.compile(r"\s?(?:-|to|bis|through)\s?")


def join_ranges(values: list[Value], folded: str) -> list[Value]:
    """Two values joined by "between .. and", "from .. to" or a dash are one range."""
    joined: list[Value] = []
    i = 0
    while i < len(values):
        first = values[i]
        second = values[i + 1] if i + 1 < len(values) else None
        if second is not None and first.kind != "date" and second.kind != "date":
            gap = folded[first.end : second.start]
            opening = _RANGE_OPEN.search(folded[: first.start])
            join = _RANGE_JOIN if opening else _LOOSE_JOIN
            if re.search(r"[\[(]\s?$", folded[: first.start]) and re.fullmatch(r"\s?[,;]\s?", gap):
                joined.append(_range(first, second, first.start))
                i += 2
                continue
            if gap.strip() in ("or", "oder", "ou", "o") and second.amount - first.amount == 1:
                joined.append(_range(first, second, first.start))
                i += 2
                continue
            alike = first.kind in ("number", second.kind) or second.kind == "number"
            if alike and join.fullmatch(gap):
                joined.append(_range(first, second, opening.start() if opening else first.start))
                i += 2
                continue
        joined.append(first)
        i += 1
    return joined


def _range(first: Value, second: Value, start: int) -> Value:
    kind = second.kind if first.kind == "number" else first.kind
    low, high = first.amount, second.amount
    if first.kind == "number" and second.kind == "days":
        low = first.amount * second.unit_days
    return Value(
        start, second.end, kind, amount=low, low=min(low, high), high=max(low, high),
        stated=True, currency=first.currency or second.currency, second=high,
        unit_days=second.unit_days,
    )  # fmt: skip
