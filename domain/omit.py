"""A criteria expression without its conditions on some fields."""

from __future__ import annotations

from collections.abc import Collection

from domain.criteria import EVERYONE, AllOf, AnyOf, Condition, Expression, Not, normalise


def omit(expression: Expression, fields: Collection[str]) -> Expression:
    """The expression less every condition on one of the fields, as if it had not been stated.

    A group that loses all its conditions goes too; where nothing is left, everyone is meant.
    """
    left = _left(expression, fields)
    return EVERYONE if left is None else normalise(left)


def _left(expression: Expression, fields: Collection[str]) -> Expression | None:
    match expression:
        case Condition():
            return None if expression.field in fields else expression
        case Not():
            inner = _left(expression.not_, fields)
            return None if inner is None else Not(not_=inner)
        case AllOf():
            members = tuple(m for e in expression.all if (m := _left(e, fields)) is not None)
            return AllOf(all=members) if members or not expression.all else None
        case AnyOf():
            members = tuple(m for e in expression.any if (m := _left(e, fields)) is not None)
            return AnyOf(any=members) if members or not expression.any else None
