"""What a reader found: an expression with the part of the brief that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.criteria import AllOf, Condition, Expression, Op
from domain.customer import Field, FieldType
from interpreter.offline.values.value import Value


@dataclass(frozen=True)
class Finding:
    """An audience condition and its evidence. `term` is the vague word of the glossary that it
    was read from, if it was; `assumption` is said to the marketer, `question` is asked."""

    start: int
    end: int
    expression: Expression
    term: str | None = None
    assumption: str | None = None
    question: str | None = None


def joined(expressions: Iterable[Expression]) -> Expression:
    """One expression that asks for all of them."""
    members = tuple(expressions)
    return members[0] if len(members) == 1 else AllOf(all=members)


def compared(field: Field, value: Value, scale: float = 1.0) -> Expression:
    """The condition that `field` lies in the range of `value`; a lone value is an equality."""

    def number(amount: float) -> int | float:
        scaled = round(amount * scale, 9)
        whole = float(scaled).is_integer()
        return int(scaled) if whole and (field.type is FieldType.INT or scale == 1.0) else scaled

    def leaf(op: Op, amount: float) -> Condition:
        return Condition(field=field.name, op=op, value=number(amount))

    low, high = value.low, value.high
    if (low is None and high is None) or value.exact:
        return leaf(Op.EQ, value.amount)
    bounds = []
    if low is not None:
        bounds.append(leaf(Op.GT if value.low_open else Op.GTE, low))
    if high is not None:
        bounds.append(leaf(Op.LT if value.high_open else Op.LTE, high))
    return joined(bounds)
