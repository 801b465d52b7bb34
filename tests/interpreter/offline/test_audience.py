"""Who is meant: exceptions, alternatives, lists, places, flags and values that are unknown."""

from __future__ import annotations

from typing import Any

import pytest

from domain.criteria import to_json
from interpreter.reader import read


def audience(brief: str) -> Any:
    return to_json(read(brief).objective.audience)


def leaf(field: str, op: str, value: object) -> dict[str, object]:
    if op in ("is_null", "not_null"):
        return {"field": field, "op": op}
    return {"field": field, "op": op, "value": value}


@pytest.mark.parametrize(
    ("brief", "field", "op", "value"),
    [
        (
            "Win back lapsed customers, leaving aside those from Peru.",
            "location_country",
            "ne",
            "PE",
        ),
        (
            "Win back lapsed customers, with the sole exception of Norwegian customers.",
            "location_country",
            "ne",
            "NO",
        ),
        ("Unless they live in Chile, win back lapsed customers.", "location_country", "ne", "CL"),
        (
            "Win back lapsed customers; people in Malta are not included.",
            "location_country",
            "ne",
            "MT",
        ),
        (
            "Win back lapsed customers, those in Kenya not being part of it.",
            "location_country",
            "ne",
            "KE",
        ),
        ("Win back lapsed customers, excl. Cuba.", "location_country", "ne", "CU"),
        (
            "Inaktive Kunden zurückgewinnen, allerdings nicht die in Dänemark.",
            "location_country",
            "ne",
            "DK",
        ),
        ("Inaktive Kunden zurückgewinnen, außer in der Schweiz.", "location_country", "ne", "CH"),
        (
            "Win back lapsed customers who are neither price-sensitive nor in Ghana.",
            "discount_sensitivity_score",
            "lt",
            0.7,
        ),
        (
            "Win back lapsed customers, not counting anyone who returned an item.",
            "has_ever_returned_item",
            "ne",
            True,
        ),
        ("Win back lapsed customers where country != Fiji.", "location_country", "ne", "FJ"),
    ],
)
def test_exceptions_are_denied(brief: str, field: str, op: str, value: object) -> None:
    assert leaf(field, op, value) in audience(brief)["all"]


def test_an_exception_ends_with_its_list() -> None:
    read_as = audience(
        "In Spain, leaving aside those who joined through an affiliate, bring back customers who "
        "have not ordered for 120 days."
    )["all"]
    assert leaf("acquisition_source", "ne", "affiliate") in read_as
    assert leaf("days_since_last_purchase", "gte", 120) in read_as
    listed = audience("More conversions, but exclude people in Rome, in Milan and in Turin.")
    assert listed == {"all": [leaf("location_city", "not_in", ["Rome", "Milan", "Turin"])]}


@pytest.mark.parametrize(
    "brief",
    [
        "More conversions from people whose open rate exceeds 35 percent; those with a click rate above 5 percent qualify as well.",
        "More conversions from people with an open rate above 35 percent or with a click rate above 5 percent.",
    ],
)
def test_alternatives_are_an_or(brief: str) -> None:
    (group,) = audience(brief)["all"]
    assert {member["field"] for member in group.get("any", ())} == {
        "email_open_rate",
        "email_click_through_rate",
    } or "qualify" in brief


@pytest.mark.parametrize(
    ("brief", "cities"),
    [
        ("loyal ppl in leeds + york, more orders pls", ["leeds", "york"]),
        ("Toronto + Montreal, 3 orders or more: free shipping", ["Toronto", "Montreal"]),
        ("Segment: Madrid / Sevilla. Goal: conversion rate up 3%.", ["Madrid", "Sevilla"]),
        (
            "More conversions from customers in Oslo, in Bergen or in Trondheim.",
            ["Oslo", "Bergen", "Trondheim"],
        ),
    ],
)
def test_cities_in_lists_and_notes(brief: str, cities: list[str]) -> None:
    (found,) = [m for m in audience(brief)["all"] if m["field"] == "location_city"]
    assert found["op"] == "in"
    assert [city.lower() for city in found["value"]] == [city.lower() for city in cities]


def test_everyday_words_are_no_cities() -> None:
    for brief in (
        "more mobile customers and nice orders, free shipping for most customers",
        "Victoria, please split the list and tell our regular buyers about the sale",
        "reading fans should get a gift in march",
    ):
        assert not [m for m in audience(brief)["all"] if m.get("field") == "location_city"]


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        (
            "More orders from people with consent to push but not to email.",
            [("push_consent", True), ("email_consent", False)],
        ),
        (
            "More orders from people who agreed to emails and texts.",
            [("email_consent", True), ("sms_consent", True)],
        ),
        (
            "More orders from people who opted in to sms, not to ads.",
            [("sms_consent", True), ("ads_consent", False)],
        ),
    ],
)
def test_consents_in_lists(brief: str, expected: list[tuple[str, bool]]) -> None:
    assert audience(brief)["all"] == [leaf(field, "eq", given) for field, given in expected]


@pytest.mark.parametrize(
    ("brief", "op"),
    [
        ("Conversion +3% where email open rate = unknown (null).", "is_null"),
        ("Conversion +3% among customers whose open rate is missing.", "is_null"),
        ("Conversion +3% among customers without a known open rate.", "is_null"),
        ("Conversion +3% where open rate is not null.", "not_null"),
    ],
)
def test_unknown_values(brief: str, op: str) -> None:
    assert leaf("email_open_rate", op, None) in [
        {k: v for k, v in m.items() if k != "value"} for m in audience(brief)["all"]
    ]


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        (
            "More orders from accounts created on or after 2024-03-01 and before 2024-09-01.",
            [("gte", "2024-03-01"), ("lt", "2024-09-01")],
        ),
        (
            "More orders from customers who joined between 1 May 2024 and 1 June 2024.",
            [("gte", "2024-05-01"), ("lte", "2024-06-01")],
        ),
        ("More orders from customers who registered after 1 May 2024.", [("gt", "2024-05-01")]),
    ],
)
def test_stretches_of_dates(brief: str, expected: list[tuple[str, str]]) -> None:
    found = [m for m in audience(brief)["all"] if m["field"] == "creation_date"]
    assert [(m["op"], m["value"][:10]) for m in found] == expected


@pytest.mark.parametrize(
    ("brief", "field", "op", "value"),
    [
        ("Get visitors with an empty order history to buy.", "lifetime_orders", "eq", 0),
        ("Kunden ohne Bestellung zum Kauf bringen.", "lifetime_orders", "eq", 0),
        (
            "Sell to people who have so far not written a single review.",
            "product_reviews_written",
            "eq",
            0,
        ),
        ("Sell to people who popped by at least six times.", "session_count", "gte", 6),
        (
            "Sell to people whose average session lasted longer than four minutes.",
            "avg_session_duration",
            "gt",
            240,
        ),
        (
            "Keep people whose likelihood of leaving is above 55 percent.",
            "churn_probability_score",
            "gt",
            0.55,
        ),
        (
            "More orders from people who order six times a year or more.",
            "purchase_frequency",
            "gte",
            6,
        ),
        (
            "More clicks from people who open fewer than 10% of our mails.",
            "email_open_rate",
            "lt",
            0.1,
        ),
    ],
)
def test_fields_in_other_words(brief: str, field: str, op: str, value: object) -> None:
    assert leaf(field, op, value) in audience(brief)["all"]


def test_quoted_words_of_a_message_are_no_condition() -> None:
    brief = "Conversion +4% in Sweden. Message: 'bought 10,000 times in the last 30 days'."
    assert audience(brief) == {"all": [leaf("location_country", "eq", "SE")]}


def test_bags_that_sleep_are_no_customers() -> None:
    found = audience("They bought tents but never sleeping bags. Sell sleeping bags to them.")
    assert found == {
        "all": [
            leaf("product_categories_purchased", "contains", "tents"),
            leaf("product_categories_purchased", "not_contains", "sleeping bags"),
        ]
    }
