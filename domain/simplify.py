"""The same criteria in fewer conditions: what another one of its group says already is left out."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from domain.criteria import (
    PERCENT_OPS,
    AllOf,
    AnyOf,
    Condition,
    Expression,
    Op,
    conditions,
    normalise,
)

_ORDER: dict[Op, Callable[[Any, Any], bool]] = {
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
}
_RISING = {Op.GT, Op.GTE}
_KNOWING = {*_ORDER, Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.CONTAINS, Op.NOT_CONTAINS, Op.NOT_NULL}
"""Operators that never hold for null."""


def simplified(expression: Expression) -> Expression:
    """An expression that holds for the same customers, with redundant conditions left out.

    Looks at the members of one group at a time: of `x >= 1 and x >= 3` the second is enough, of
    `x >= 1 or x >= 3` the first; `x is known` beside a comparison of x says nothing, and neither
    does `or x is null` where x is compared beside it. An expression with percent operators is only
    normalised: what they mean depends on the rest of it.
    """
    found = normalise(expression)
    if any(condition.op in PERCENT_OPS for condition in conditions(found)):
        return found
    while (shorter := normalise(_simplified(found))) != found:
        found = shorter
    return found


def _simplified(expression: Expression) -> Expression:
    match expression:
        case AllOf(all=members):
            return _group(members, every=True)
        case AnyOf(any=members):
            return _group(members, every=False)
        case _:
            return expression


def _group(members: tuple[Expression, ...], *, every: bool) -> Expression:
    flat: list[Expression] = []
    for member in map(_simplified, members):
        match member:
            case AllOf(all=inner) if every:
                flat.extend(inner)
            case AnyOf(any=inner) if not every:
                flat.extend(inner)
            case _:
                flat.append(member)
    if every:
        known = {m.field for m in flat if isinstance(m, Condition) and m.op in _KNOWING}
        flat = [_without_null(member, known) for member in flat]
    kept: list[Expression] = []
    for place, member in enumerate(flat):
        others = [*kept, *flat[place + 1 :]]
        if not any(_implies(o, member) if every else _implies(member, o) for o in others):
            kept.append(member)
    if len(kept) == 1:
        return kept[0]
    return AllOf(all=tuple(kept)) if every else AnyOf(any=tuple(kept))


def _without_null(member: Expression, known: set[str]) -> Expression:
    """`x < 3 or x is null` as `x < 3` where a neighbour asks for a known x."""
    if not isinstance(member, AnyOf):
        return member
    kept = tuple(
        m
        for m in member.any
        if not (isinstance(m, Condition) and m.op is Op.IS_NULL and m.field in known)
    )
    return kept[0] if len(kept) == 1 else AnyOf(any=kept)


def _implies(one: Expression, other: Expression) -> bool:
    """Whether `other` holds wherever `one` does; False where it can't be told."""
    if one == other:
        return True
    if not (isinstance(one, Condition) and isinstance(other, Condition)):
        return False
    if one.field != other.field:
        return False
    if other.op is Op.NOT_NULL:
        return one.op in _KNOWING
    if one.op is Op.EQ and other.op in {Op.NE, *_ORDER}:
        return _holds(one.value, other)
    if one.op in _ORDER and other.op in _ORDER and (one.op in _RISING) == (other.op in _RISING):
        # At one and the same border `x > 3` is the narrower one.
        strict = one.value == other.value and one.op in {Op.GT, Op.LT}
        return _is_number(one.value) and (strict or _holds(one.value, other))
    return False


def _holds(value: object, condition: Condition) -> bool:
    """Whether a value meets a comparison, where both can be compared as they stand."""
    if condition.op is Op.NE and isinstance(value, str) and isinstance(condition.value, str):
        # Two texts that begin with digits may be one moment, written in two ways.
        dates = value[:1].isdigit() and condition.value[:1].isdigit()
        return value != condition.value and not dates
    if not (_is_number(value) and _is_number(condition.value)):
        return False
    return (
        value != condition.value
        if condition.op is Op.NE
        else _ORDER[condition.op](value, condition.value)
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
