"""What pages compute before they show anything."""

from __future__ import annotations

import pytest

from domain.conversation import Quoted
from domain.criteria import AllOf, AnyOf, Condition, Not, Op
from domain.customer import STANDARD
from ui.pages.why import holds
from ui.parts.budget import shadow_words
from ui.parts.markup import is_number_like, typeset
from ui.parts.quotes import marked_parts
from ui.parts.ruleform import members_of, read_value, shown_value


def _quote(start: int, end: int) -> Quoted:
    return Quoted(start=start, end=end, text="", what="audience")


def test_a_brief_in_parts_is_the_brief() -> None:
    brief = "Win back customers in London"
    parts = marked_parts(brief, [_quote(22, 28), _quote(0, 8), _quote(4, 8)])
    assert parts == [("Win back", True), (" customers in ", False), ("London", True)]


def test_quotes_beyond_the_brief_mark_nothing_else() -> None:
    assert marked_parts("abc", [_quote(2, 90), _quote(-5, 0)]) == [("ab", False), ("c", True)]
    assert marked_parts("", [_quote(0, 3)]) == []


def test_members_of_an_expression() -> None:
    one = Condition(field="lifetime_orders", op=Op.GTE, value=2)
    either = AnyOf(any=(one, one))
    assert members_of(AllOf(all=())) == ()
    assert members_of(one) == (one,)
    assert members_of(AllOf(all=(one, AllOf(all=(either,))))) == (one, either)
    (negated,) = members_of(Not(not_=one))
    assert isinstance(negated, Condition)
    assert negated.op is Op.LT


@pytest.mark.parametrize(
    ("text", "op", "field", "value"),
    [
        ("60", Op.GTE, "days_since_last_purchase", 60),
        ("60.5", Op.GTE, "lifetime_value", 60.5),
        ("many", Op.GTE, "lifetime_value", "many"),
        (" London , Paris,", Op.IN, "location_city", ["London", "Paris"]),
        ("1, 2", Op.IN, "lifetime_orders", [1, 2]),
        ("10", Op.TOP_PERCENT, "lifetime_value", 10),
        (" London ", Op.EQ, "location_city", "London"),
    ],
)
def test_what_is_typed_as_a_value(text: str, op: Op, field: str, value: object) -> None:
    assert read_value(text, op, STANDARD[field]) == value


def test_values_as_they_are_shown() -> None:
    assert [shown_value(v) for v in (None, 3, 2.5, 60.0, ["a", "b"])] == [
        "",
        "3",
        "2.5",
        "60",
        "a, b",
    ]


def test_the_shadow_price_in_words() -> None:
    assert shadow_words(3.4, 500, 2_000, "EUR", capped=False) == (
        "The next 100 EUR would bring about 340 EUR beyond what it costs."
    )
    assert "everybody who is worth" in shadow_words(3.4, 2_000, 2_000, "EUR", capped=False)
    assert "everybody who is worth" in shadow_words(0.0, 500, 2_000, "EUR", capped=False)
    assert "as the brief allows" in shadow_words(3.4, 2_000, 2_000, "EUR", capped=True)


def test_a_fact_without_its_shares() -> None:
    assert holds("75 % have orders of at least 2 against 31 % of all other customers") == (
        "have orders of at least 2"
    )


@pytest.mark.parametrize("cell", ["12,340", "+4.1 points", "−3 EUR", "–", "", "under 1 %"])
def test_cells_that_are_set_to_the_right(cell: str) -> None:
    assert is_number_like(cell) is not cell.startswith("under")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it changed by -1.8 (-2 to 3)", "it changed by −1.8 (−2 to 3)"),
        ("11 % of 40 EUR", "11\u00a0% of 40\u00a0EUR"),
        ("since 2026-11-30, 12-14 and abc-5", "since 2026-11-30, 12-14 and abc-5"),
        ("in 30 EURO towns", "in 30 EURO towns"),
    ],
)
def test_a_sentence_is_typeset(text: str, shown: str) -> None:
    assert typeset(text) == shown
