"""Typed values: numbers, money, shares, durations, their bounds, ranges and steps."""

from __future__ import annotations

import pytest

from interpreter.offline.values.reading import read_values
from interpreter.offline.values.value import Value


def one(text: str, language: str = "en") -> Value:
    (value,) = read_values(text, language)
    return value


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("EUR12,000", 12_000, "EUR"),
        ("INR 2 lakh", 200_000, "INR"),
        ("4.5k CHF", 4_500, "CHF"),
        ("300 Swedish crowns", 300, "SEK"),
        ("¥80,000", 80_000, "JPY"),
        ("1 200 zł", 1_200, "PLN"),
        ("A$75", 75, "AUD"),
        ("twenty quid", 20, "GBP"),
        ("R$ 900", 900, "BRL"),
        ("60 Czech crowns", 60, "CZK"),
    ],
)
def test_money_in_many_forms(text: str, amount: float, currency: str) -> None:
    value = one(text)
    assert (value.kind, value.amount, value.currency) == ("money", amount, currency)


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("2.4% -> 3.0%", "en", 2.4, 3.0),
        ("40 rather than the present 33", "en", 33, 40),
        ("currently 2.1%, target 2.6%", "en", 2.1, 2.6),
        ("5 % statt 7 %", "de", 7, 5),
        ("90 euros, up from 75 euros", "en", 75, 90),
    ],
)
def test_a_step_has_a_start_and_an_end(text: str, language: str, first: float, last: float) -> None:
    value = one(text, language)
    assert (value.move, value.amount, value.second) == ("sure", first, last)


def test_from_to_may_be_a_step_or_a_range_and_a_stretch_of_days_is_no_step() -> None:
    assert one("from 42 to 48").move == "open"
    assert one("between 42 and 48").move == ""
    assert one("from 10 to 20 days").move == ""


@pytest.mark.parametrize(
    ("text", "low", "high", "low_open", "high_open"),
    [
        ("more than two but no more than ten days", 2, 10, True, False),
        ("at least 3 and under 8", 3, 8, False, True),
        ("under 9 and over 4", 4, 9, True, True),
        ("more than one and at most two weeks", 7, 14, True, False),
    ],
)
def test_two_bounds_of_one_thing_are_a_range(
    text: str, low: float, high: float, low_open: bool, high_open: bool
) -> None:
    value = one(text)
    assert (value.low, value.high) == (low, high)
    assert (value.low_open, value.high_open) == (low_open, high_open)


@pytest.mark.parametrize(
    ("text", "language", "share"),
    [
        ("by a fifth", "en", 20),
        ("up by one third", "en", 33),
        ("um ein Viertel", "de", 25),
        ("aumentar en un tercio", "es", 33),
        ("by three quarters", "en", 75),
    ],
)
def test_fractions_in_words_are_shares(text: str, language: str, share: float) -> None:
    value = one(text, language)
    assert (value.kind, value.amount) == ("percent", share)


def test_a_quarter_of_a_year_is_no_share_and_a_rhythm_no_duration() -> None:
    assert [v.kind for v in read_values("within a quarter", "en")] == ["days"]
    assert [v.kind for v in read_values("six times a year", "en")] == ["number"]
    assert [v.kind for v in read_values("six times in the last year", "en")] == ["number", "days"]


@pytest.mark.parametrize("text", ["2 pct points", "2 perc. points", "2 pp", "2 percentage points"])
def test_percentage_points(text: str) -> None:
    assert (one(text).kind, one(text).amount) == ("points", 2)
