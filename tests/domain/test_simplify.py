"""Fewer conditions, the same customers."""

from __future__ import annotations

import pytest
from hypothesis import given

from domain.criteria import AllOf, AnyOf, Condition, Expression, Not, Op, conditions
from domain.simplify import simplified
from tests.domain.expressions import expressions
from tests.storage.test_query import Row, customers, oracle


@given(expressions(), customers())
def test_the_same_customers_meet_it(expression: Expression, rows: list[Row]) -> None:
    shorter = simplified(expression)
    assert oracle(shorter, rows) == oracle(expression, rows)
    assert len(list(conditions(shorter))) <= len(list(conditions(expression)))
    assert simplified(shorter) == shorter


def orders(op: Op, value: object = None) -> Condition:
    return Condition(field="lifetime_orders", op=op, value=value)  # type: ignore[arg-type]


def city(op: Op, value: str) -> Condition:
    return Condition(field="location_city", op=op, value=value)


ONE, THREE, FIVE = orders(Op.GTE, 1), orders(Op.GTE, 3), orders(Op.LT, 5)
UNKNOWN = orders(Op.IS_NULL)


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (AllOf(all=(ONE, THREE)), THREE),
        (AnyOf(any=(ONE, THREE)), ONE),
        (AllOf(all=(ONE, AllOf(all=(FIVE, THREE)))), AllOf(all=(FIVE, THREE))),
        (AllOf(all=(ONE, AnyOf(any=(FIVE, UNKNOWN)))), AllOf(all=(ONE, FIVE))),
        (AnyOf(any=(FIVE, UNKNOWN)), AnyOf(any=(FIVE, UNKNOWN))),
        (AllOf(all=(ONE, orders(Op.NOT_NULL))), ONE),
        (AllOf(all=(ONE, ONE)), ONE),
        (AllOf(all=(orders(Op.GT, 3), THREE)), orders(Op.GT, 3)),
        (AllOf(all=(city(Op.EQ, "Paris"), city(Op.NE, "Rome"))), city(Op.EQ, "Paris")),
        (Not(not_=AnyOf(any=(ONE, THREE))), orders(Op.LT, 1)),
    ],
)
def test_what_another_condition_says_is_left_out(long: Expression, short: Expression) -> None:
    assert simplified(long) == short


def test_a_percentage_is_left_as_it_is() -> None:
    """Its border depends on every other condition."""
    top = AnyOf(any=(UNKNOWN, orders(Op.TOP_PERCENT, 10)))
    assert simplified(AllOf(all=(ONE, top))) == AllOf(all=(ONE, top))
