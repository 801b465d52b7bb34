"""How effects and net values are said."""

import pytest

from domain.experiment import OutcomeKind
from domain.segment import Interval
from workflows.amounts import ValueUnit, clear, effect, percent, span

BINARY, MONEY, COUNT = OutcomeKind.BINARY, OutcomeKind.MONEY, OutcomeKind.COUNT


def interval(low: float, high: float) -> Interval:
    return Interval(estimate=(low + high) / 2, low=low, high=high, basis="some")


@pytest.mark.parametrize(
    ("value", "outcome", "kind", "said"),
    [
        (0.041, "visit", BINARY, "+4.1 points"),
        (-1.5, "revenue", MONEY, "-1.50 EUR"),
        (0.2, "store_visits", COUNT, "+0.200 store visits"),
    ],
)
def test_an_effect_has_its_sign_and_unit(
    value: float, outcome: str, kind: OutcomeKind, said: str
) -> None:
    assert effect(value, outcome, kind, "EUR") == said


@pytest.mark.parametrize(
    ("low", "high", "sure", "said"),
    [
        (0.032, 0.05, True, "3.2 to 5.0"),
        (-0.05, -0.032, True, "3.2 to 5.0"),
        (-0.01, 0.05, False, "-1.0 to 5.0"),
    ],
)
def test_an_interval_below_zero_is_told_by_its_size(
    low: float, high: float, sure: bool, said: str
) -> None:
    assert span(interval(low, high), BINARY) == said
    assert clear(interval(low, high)) is sure


def test_net_values_are_money_where_the_outcome_has_a_worth() -> None:
    assert ValueUnit.of("visit", BINARY, True, "GBP").said(1234.5) == "1,234.50 GBP"
    assert ValueUnit.of("visit", BINARY, True, "GBP").said(0.034) == "0.034 GBP"
    assert ValueUnit.of("visit", BINARY, False, "GBP").said(0.012) == "1.20 points of visit"
    assert ValueUnit.of("orders", COUNT, False, "GBP").said(0.12) == "0.120 orders"
    assert ValueUnit.of("visit", BINARY, True, "GBP").said(0.5, signed=True) == "+0.50 GBP"
    assert percent(0.256) == "26 %"
