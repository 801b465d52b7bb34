"""How effects and net values are said: points, money, counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from domain.experiment import OutcomeKind
from domain.segment import Interval

_SCALE = {OutcomeKind.BINARY: (100, 1), OutcomeKind.MONEY: (1, 2), OutcomeKind.COUNT: (1, 3)}


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def size(value: float, kind: OutcomeKind, *, signed: bool = False) -> str:
    """An effect without its unit: a probability in points, money, a count."""
    scale, digits = _SCALE[kind]
    return f"{value * scale:{'+' if signed else ''}.{digits}f}"


def span(lift: Interval, kind: OutcomeKind) -> str:
    """`3.2 to 5.0`; of an interval below zero the sizes, as of `5.0 points less often`."""
    if lift.high < 0:
        return f"{size(-lift.high, kind)} to {size(-lift.low, kind)}"
    return f"{size(lift.low, kind)} to {size(lift.high, kind)}"


def effect(value: float, outcome: str, kind: OutcomeKind, currency: str) -> str:
    """`+4.1 points`, `+1.50 EUR`, `-0.200 orders`."""
    unit = {
        OutcomeKind.BINARY: "points",
        OutcomeKind.MONEY: currency,
        OutcomeKind.COUNT: outcome.replace("_", " "),
    }[kind]
    return f"{size(value, kind, signed=True)} {unit}"


def effect_span(lift: Interval, outcome: str, kind: OutcomeKind, currency: str) -> str:
    """`-1.0 points to +2.0 points` where it holds zero, otherwise bare sizes as of `span`."""
    if lift.low < 0 < lift.high:
        low, high = (effect(end, outcome, kind, currency) for end in (lift.low, lift.high))
        return f"{low} to {high}"
    return span(lift, kind)


def clear(lift: Interval) -> bool:
    """Whether an interval lies on one side of zero."""
    return lift.low > 0 or lift.high < 0


@dataclass(frozen=True)
class ValueUnit:
    """What net values are in: money, or the outcome's own units where no worth is stated."""

    name: str
    money: bool
    kind: OutcomeKind

    @classmethod
    def of(cls, outcome: str, kind: OutcomeKind, money: bool, currency: str) -> Self:
        return cls(currency if money else outcome, money, kind)

    def number(self, amount: float, *, signed: bool = False) -> str:
        """The bare number: `0.52` of money, `1.20` of points, `0.120` of a count."""
        if self.money:
            shown, digits = amount, 2 if abs(amount) >= 0.1 or amount == 0 else 3
        elif self.kind is OutcomeKind.BINARY:
            shown, digits = amount * 100, 2
        else:
            shown, digits = amount, 3
        return f"{shown:{'+' if signed else ''},.{digits}f}"

    def said(self, amount: float, *, signed: bool = False) -> str:
        """`0.52 EUR`, `1.20 points of visit`, `0.120 orders`."""
        number = self.number(amount, signed=signed)
        if self.money:
            return f"{number} {self.name}"
        noun = self.name.replace("_", " ")
        points = "points of " if self.kind is OutcomeKind.BINARY else ""
        return f"{number} {points}{noun}"
