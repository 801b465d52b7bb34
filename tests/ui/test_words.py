"""Numbers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.experiment import OutcomeKind
from domain.segment import Interval
from domain.triggers import CATALOGUE
from ui.parts import words

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 EUR"),
        (1240.4, "1,240 EUR"),
        (12, "12 EUR"),
        (0.35, "0.35 EUR"),
        (0.012, "0.012 EUR"),
        (99.9999, "100 EUR"),
        (99.98, "99.98 EUR"),
        (0.0003, "0.000 EUR"),
        (2.0000001, "2 EUR"),
    ],
)
def test_money(value: float, said: str) -> None:
    assert words.money(value, "EUR") == said


def test_money_with_its_sign() -> None:
    assert words.money(120, "EUR", signed=True) == "+120 EUR"
    assert words.money(-120, "EUR", signed=True) == "−120 EUR"
    assert words.money(0, "EUR", signed=True) == "0 EUR"


def test_a_small_share_is_not_nothing() -> None:
    assert words.percent(0.004) == "under 1\u00a0%"
    assert words.percent(0.0) == "0\u00a0%"
    assert words.percent(0.0004, 1) == "under 0.1\u00a0%"
    assert words.percent(0.123, 1) == "12.3\u00a0%"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (OutcomeKind.BINARY, "+4.1 points"),
        (OutcomeKind.MONEY, "+0.04 EUR"),
        (OutcomeKind.COUNT, "+0.041 orders"),
    ],
)
def test_an_effect_in_the_units_of_its_outcome(kind: OutcomeKind, said: str) -> None:
    assert words.lift(0.041, kind, "orders", "EUR") == said


def test_an_interval_says_its_unit_once() -> None:
    found = Interval(estimate=0.02, low=-0.01, high=0.05, basis="some")
    assert words.between(found, OutcomeKind.BINARY, "converted", "EUR") == "−1.0 to +5.0 points"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=15), "14 Feb 2026"),
        (timedelta(minutes=-5), "just now"),
    ],
)
def test_how_long_ago(before: timedelta, said: str) -> None:
    assert words.ago(NOW - before, NOW) == said


def test_triggers_by_their_names() -> None:
    assert words.trigger_name(CATALOGUE, "free_shipping") == "Free shipping"
    assert words.trigger_name(CATALOGUE, "none") == "No trigger"
    assert words.trigger_name(CATALOGUE, "gone_since") == "Gone since"
