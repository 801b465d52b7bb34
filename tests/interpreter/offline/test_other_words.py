"""Places, numbers and triggers in wording that once misled the reader."""

from __future__ import annotations

import pytest

from domain.criteria import Condition, conditions
from domain.objective import Direction, Metric, Unit
from interpreter.reader import read


def leaves(brief: str) -> set[tuple[str, str, object]]:
    found = conditions(read(brief).objective.audience)
    return {
        (leaf.field, leaf.op.value, leaf.value) for leaf in found if isinstance(leaf, Condition)
    }


def test_whom_nobody_may_exclude_leaves_no_condition_and_no_goal() -> None:
    objective = read("Leave out refugees in Hamburg when you send our offers.").objective
    assert list(conditions(objective.audience)) == []
    assert objective.campaign_goal is None
    assert objective.clarifications


@pytest.mark.parametrize(
    ("brief", "condition"),
    [
        ("We would rather not lose people from Denmark.", ("location_country", "eq", "DK")),
        ("Customers in Mexico City should buy.", ("location_city", "eq", "Mexico City")),
        ("Only the clients that paid search sent us should convert.", ("acquisition_source", "eq", "paid_search")),
        ("Abandoned baskets worth 90 to 200 EUR: bring them back.", ("abandoned_cart_value", "lte", 200)),
        ("Churn probability from 0.2 to 0.5. Keep them active.", ("churn_probability_score", "gte", 0.2)),
        ("ppl who havent bougth anything in 8 weeks should return", ("days_since_last_purchase", "gte", 56)),
    ],
)  # fmt: skip
def test_conditions_in_other_words(brief: str, condition: tuple[str, str, object]) -> None:
    assert condition in leaves(brief)


@pytest.mark.parametrize(
    "brief",
    [
        "Greetings from the shoe fair in Milan. Every customer should buy more often.",
        "Everybody can buy the lamp three weeks before it goes on sale to the public.",
        "All customers should make one purchase more: purchase frequency plus 1.",
    ],
)
def test_what_is_no_condition(brief: str) -> None:
    assert leaves(brief) == set()


@pytest.mark.parametrize(
    ("brief", "metric", "direction", "value", "unit"),
    [
        ("Loyal customers: halve the churn rate.", Metric.CHURN_RATE, Direction.DECREASE, 50, Unit.PERCENT),
        ("Loyal customers: convertion rate +7%.", Metric.CONVERSION_RATE, Direction.INCREASE, 7, Unit.PERCENT),
        ("Loyal customers should bring 9,000 EUR of extra revenue over 2 months.", Metric.REVENUE, Direction.INCREASE, 9000, Unit.CURRENCY),
        ("They should come to our shop more often: session count +12%.", Metric.SESSION_COUNT, Direction.INCREASE, 12, Unit.PERCENT),
    ],
)  # fmt: skip
def test_targets_in_other_words(
    brief: str, metric: Metric, direction: Direction, value: float, unit: Unit
) -> None:
    target = read(brief).objective.metric_target
    assert (target.metric, target.direction) == (metric, direction)
    assert (target.value, target.unit) == (value, unit)


@pytest.mark.parametrize(
    ("brief", "trigger"),
    [
        ("Loyal customers may come in on Monday already, a week before the others.", "exclusivity_offer"),
        ("The new boots are shown to loyal customers first.", "exclusivity_offer"),
        ("4-for-3 on candles, for repeat customers.", "bundle_offer"),
        ("Repeat customers: kettle and cups share one price tag.", "bundle_offer"),
        ("Tell repeat customers why slow roasting matters.", "content_story"),
    ],
)  # fmt: skip
def test_triggers_in_other_words(brief: str, trigger: str) -> None:
    assert read(brief).objective.proposed_intervention == trigger


@pytest.mark.parametrize(
    ("brief", "refused"),
    [
        ("Repeat customers should order again. Vouchers? Certainly not.", "percentage_discount"),
        ("Repeat customers should order again, no free shiping", "free_shipping"),
    ],
)
def test_refusals_in_other_words(brief: str, refused: str) -> None:
    objective = read(brief).objective
    assert refused in objective.excluded_interventions
    assert objective.proposed_intervention is None


def test_sums_and_limits_in_words() -> None:
    objective = read("Win back lapsed customers, not more than 900 of them.").objective
    assert objective.max_customers == 900
    budget = read("Win back lapsed customers. The budget is half a million yen.").objective.budget
    assert budget is not None and (budget.amount, budget.currency) == (500_000, "JPY")


@pytest.mark.parametrize(
    ("said", "allowed", "excluded"),
    [
        ("Only free shipping and loyalty points are allowed.", {"free_shipping", "loyalty_reward"}, set()),
        ("Permitted are only free shipping and scarcity.", {"free_shipping", "scarcity_message"}, set()),
        ("The only thing not allowed is a discount.", set(), {"percentage_discount"}),
        ("Neither discounts nor free shipping are allowed.", set(), {"percentage_discount", "free_shipping"}),
    ],
)  # fmt: skip
def test_the_only_ones_allowed_are_not_refused(
    said: str, allowed: set[str], excluded: set[str]
) -> None:
    objective = read(f"Win back lapsed customers. {said}").objective
    assert set(objective.allowed_interventions) == allowed
    assert set(objective.excluded_interventions) == excluded


@pytest.mark.parametrize(
    "brief",
    [
        "Churn should drop from 9% to 7% among customers in Spain.",
        "The conversion rate of people who signed up in the last two weeks has to go from 6% to 9%.",
        "Reviewers are the people who care. Store credit for all who wrote two reviews; they should reorder.",
        "Letters, as the mailings of last year failed: 20% off for customers in Sweden, to win them back.",
    ],
)
def test_what_is_told_is_not_asked_about(brief: str) -> None:
    assert read(brief).objective.clarifications == ()
