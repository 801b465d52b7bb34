"""The metric target in other words, and the triggers, allowed and refused."""

from __future__ import annotations

import pytest

from interpreter.reader import read


@pytest.mark.parametrize(
    ("brief", "metric", "direction", "value", "unit", "horizon"),
    [
        (
            "KPI: conversion rate 2.4% -> 3.0% in 90 days. Active customers.",
            "conversion_rate",
            "increase",
            0.6,
            "percentage_points",
            90,
        ),
        (
            "Churn rate 7.5% -> 6%, horizon 120 days. Loyal customers.",
            "churn_rate",
            "decrease",
            1.5,
            "percentage_points",
            120,
        ),
        (
            "An average order value of 40 rather than the present 33 for active customers.",
            "average_order_value",
            "increase",
            7,
            "currency",
            None,
        ),
        (
            "Open rate is rubbish. 18 to 24 pct in one quarter. Active customers.",
            "open_rate",
            "increase",
            6,
            "percentage_points",
            90,
        ),
        (
            "CTR 1.8% to 2.5% for active customers.",
            "click_through_rate",
            "increase",
            0.7,
            "percentage_points",
            None,
        ),
        (
            "Sessions of active customers should rise by a fifth.",
            "session_count",
            "increase",
            20,
            "percent",
            None,
        ),
        (
            "Active customers spend 30 euros an order, push that up by 10%.",
            "average_order_value",
            "increase",
            10,
            "percent",
            None,
        ),
        (
            "Over a period of six months the churn rate of loyal customers ought to fall by 2 points.",
            "churn_rate",
            "decrease",
            2,
            "percentage_points",
            180,
        ),
    ],
)
def test_targets(
    brief: str, metric: str, direction: str, value: float, unit: str, horizon: int | None
) -> None:
    target = read(brief).objective.metric_target
    assert (target.metric, target.direction, target.unit) == (metric, direction, unit)
    assert target.value == pytest.approx(value)
    assert target.horizon_days == horizon


@pytest.mark.parametrize(
    ("brief", "refused"),
    [
        ("Postage is charged as usual; lapsed customers in Lyon should return.", "free_shipping"),
        ("Customers pay the delivery as before. Win back lapsed buyers.", "free_shipping"),
        ("Prices stay as they are. Win back lapsed buyers.", "percentage_discount"),
        ("Win back lapsed buyers, without any reduction in price.", "percentage_discount"),
    ],
)
def test_what_stays_as_it_is_refuses_a_trigger(brief: str, refused: str) -> None:
    objective = read(brief).objective
    assert objective.excluded_interventions == (refused,)
    assert objective.proposed_intervention is None


def test_not_paying_for_delivery_proposes_it() -> None:
    for brief in (
        "Active customers should not pay for delivery any more, so that they order more often.",
        "We absorb the freight for lapsed customers.",
    ):
        assert read(brief).objective.proposed_intervention == "free_shipping"


def test_a_choice_between_named_and_described_triggers_allows_both() -> None:
    objective = read(
        "We are weighing up either a members-only preview or a note on how few pieces remain for "
        "the launch of the vases to loyal customers."
    ).objective
    assert objective.proposed_intervention is None
    assert set(objective.allowed_interventions) == {"exclusivity_offer", "scarcity_message"}


@pytest.mark.parametrize(
    "brief",
    [
        "Win back lapsed customers in Oslo; which lever is pulled, we leave to you.",
        "New customers should order again within 60 days, you pick how.",
        "Keep loyal customers, exclude anyone with a return.",
        "Unless they live in Ireland, keep customers with a churn risk above 40%.",
        "Sell the last 75 sledges to customers in Norway.",
    ],
)
def test_an_open_choice_proposes_nothing(brief: str) -> None:
    assert read(brief).objective.proposed_intervention is None


def test_the_channel_in_other_words() -> None:
    for brief, channel in (
        ("A posted letter for lapsed customers, win them back.", "direct_mail"),
        ("Win back lapsed customers through a notification of the app.", "push"),
        ("Win back lapsed customers. Conversion +3%; web.", "web"),
        ("Win back lapsed customers with insta ads.", "ads"),
    ):
        assert read(brief).objective.channel == channel
    undecided = read("email or text not sure yet. win back lapsed customers").objective
    assert undecided.channel is None and undecided.clarifications
