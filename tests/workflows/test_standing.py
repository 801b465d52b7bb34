"""Margins as they are said."""

import pytest

from domain.experiment import OutcomeKind
from workflows.amounts import ValueUnit
from workflows.standing import rounded_up

MONEY = ValueUnit.of("revenue", OutcomeKind.MONEY, True, "EUR")
POINTS = ValueUnit.of("visit", OutcomeKind.BINARY, False, "EUR")
COUNT = ValueUnit.of("orders", OutcomeKind.COUNT, False, "EUR")


@pytest.mark.parametrize(
    ("unit", "margin", "amount", "said"),
    [
        (MONEY, 0.401, 0.41, "0.41 EUR"),
        (MONEY, 0.41, 0.41, "0.41 EUR"),
        (MONEY, 0.0312, 0.032, "0.032 EUR"),
        (MONEY, 0.0, 0.0, "0.00 EUR"),
        (MONEY, 1234.5, 1234.5, "1,234.50 EUR"),
        (POINTS, 0.01231, 0.0124, "1.24 points of visit"),
        (COUNT, 0.1201, 0.121, "0.121 orders"),
    ],
)
def test_a_margin_is_rounded_up_as_far_as_it_is_said(
    unit: ValueUnit, margin: float, amount: float, said: str
) -> None:
    assert rounded_up(margin, unit) == pytest.approx(amount)
    assert rounded_up(margin, unit) >= margin
    assert unit.said(rounded_up(margin, unit)) == said
