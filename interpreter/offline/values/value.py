"""A typed value of a brief and how it stands in the masked text.

In the masked text a value is a run of one private character of its own length (`KINDS`), so
that the cue patterns of the lexicon can say `<money>` or `<days>` and spans stay those of the
brief.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

KINDS = {
    "number": "\ue000",
    "percent": "\ue001",
    "points": "\ue002",
    "money": "\ue003",
    "days": "\ue004",
    "seconds": "\ue005",
    "date": "\ue006",
}
"""The character that stands for a value of each kind in the masked text."""

PLACEHOLDERS = {kind: f"{mark}+" for kind, mark in KINDS.items()} | {
    "value": f"[{''.join(KINDS.values())}]+",
}


@dataclass(frozen=True)
class Value:
    """A value of the brief with the range it allows. `amount` is the number as written (days for
    durations, 0-100 for percent); `stated` is whether a comparator was written. `move` says whether
    two numbers are a step from `amount` to `second`: `sure` for an arrow or "40 instead of 33",
    `open` for "from 33 to 40", which may be a range as well."""

    start: int
    end: int
    kind: str
    amount: float
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    stated: bool = False
    currency: str | None = None
    day: date | None = None
    second: float | None = None
    unit_days: int = 0
    move: Literal["", "open", "sure"] = ""

    @property
    def is_range(self) -> bool:
        return self.low is not None and self.high is not None and self.low != self.high

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def number(self) -> int | float:
        return int(self.amount) if float(self.amount).is_integer() else self.amount


def mask(folded: str, values: Iterable[Value]) -> str:
    """The folded text with each value as a run of the character of its kind."""
    parts = list(folded)
    for value in values:
        parts[value.start : value.end] = KINDS[value.kind] * (value.end - value.start)
    return "".join(parts)


def free_of(values: Iterable[Value]) -> Callable[[Value], bool]:
    taken = [(v.start, v.end) for v in values]
    return lambda value: all(value.end <= start or end <= value.start for start, end in taken)


def without_overlap(values: list[Value]) -> list[Value]:
    kept: list[Value] = []
    for value in sorted(values, key=lambda v: (v.start, -v.end)):
        if not kept or value.start >= kept[-1].end:
            kept.append(value)
    return kept
