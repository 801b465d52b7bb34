"""What a brief proposes, against what it tells, refuses or labels as something else."""

from __future__ import annotations

import pytest

from domain.criteria import conditions
from domain.objective import CampaignGoal
from interpreter.offline.sections import Section, section_at
from interpreter.reader import read


@pytest.mark.parametrize(
    "brief",
    [
        "In spring we mailed a coupon to everyone. Now repeat customers should order more often.",
        "Our rivals ship for free. Get cart abandoners to check out anyhow.",
        "Customers in Bergen keep asking for discounts. We want them to stay.",
        "The bundles from last winter sold well. Repeat customers should buy more per order.",
        "Sales tested a countdown and early access in July; neither helped. Keep VIPs.",
        "We no longer have a loyalty programme. Still, at-risk customers should stay.",
        "They were promised a gift and never got it. Bring lapsed customers back.",
        "Finance says discounts eat our margin. Sell the remaining 300 lamps.",
        "The earlier attempt (free delivery, 900 people) had no effect. Win lapsed customers back.",
    ],
)
def test_a_trigger_that_is_only_told_of_is_not_proposed(brief: str) -> None:
    objective = read(brief).objective
    assert objective.proposed_intervention is None
    assert objective.allowed_interventions == ()


@pytest.mark.parametrize(
    ("brief", "trigger"),
    [
        ("In May we want to mail a coupon to repeat customers.", "percentage_discount"),
        ("People who used to buy monthly should get a gift so that they stay.", "loyalty_reward"),
        ("Cart abandoners waited long enough: give them free shipping now.", "free_shipping"),
        ("Free delivery is what we want to offer cart abandoners again.", "free_shipping"),
        ("Just as last year, offer a gift to VIPs so they stay.", "loyalty_reward"),
        ("Win back people who have not bought for 150 days with a coupon.", "percentage_discount"),
    ],
)  # fmt: skip
def test_a_proposal_beside_a_report_is_read(brief: str, trigger: str) -> None:
    assert read(brief).objective.proposed_intervention == trigger


@pytest.mark.parametrize(
    ("brief", "excluded"),
    [
        ("Lapsed customers should return. Nothing off the price, please.", "percentage_discount"),
        ("We refuse to hand out points. One-time buyers should order again.", "loyalty_reward"),
        ("Stop with the countdowns. Cart abandoners should check out.", "scarcity_message"),
        ("Discounting is not on the table; at-risk customers should stay.", "percentage_discount"),
        ("We spent enough on vouchers; at-risk customers should stay.", "percentage_discount"),
    ],
)
def test_a_trigger_is_refused_in_other_words(brief: str, excluded: str) -> None:
    objective = read(brief).objective
    assert excluded in objective.excluded_interventions
    assert objective.proposed_intervention is None


def test_a_label_says_what_its_part_is_about() -> None:
    text = "goal: keep them. audience: buyers of sets; mechanic: invitation"
    assert section_at(text, text.index("keep")) is Section.GOAL
    assert section_at(text, text.index("buyers")) is Section.AUDIENCE
    assert section_at(text, text.index("invitation")) is Section.TRIGGER
    assert section_at("write to buyers of sets", 9) is None


def test_a_number_with_a_comma_is_no_end_of_a_clause() -> None:
    objective = read(
        "Conversion of visitors without any order. Lever open. EUR 12,000 media."
    ).objective
    assert objective.proposed_intervention is None
    assert objective.budget is not None and objective.budget.amount == 12_000


@pytest.mark.parametrize(
    "who", ["civil servants", "people with small dogs", "vegetarians", "wealthy pensioners"]
)
def test_people_without_a_field_are_asked_about(who: str) -> None:
    questions = read(f"Get {who} in Leeds to buy something.").objective.clarifications
    assert any("no field" in question for question in questions)


@pytest.mark.parametrize(
    "who", ["our loyal customers", "the VIPs", "people who viewed lamps", "one-time buyers"]
)
def test_people_with_a_field_are_not(who: str) -> None:
    assert read(f"Get {who} in Leeds to buy something.").objective.clarifications == ()


@pytest.mark.parametrize(
    ("brief", "goal"),
    [
        ("I have 80 kettles to shift. Anyone can buy.", CampaignGoal.CLEAR_INVENTORY),
        ("We started selling drums last week, VIPs should know.", CampaignGoal.LAUNCH_PRODUCT),
        ("People in Porto with three orders should place another.", CampaignGoal.REPEAT_PURCHASE),
    ],
)  # fmt: skip
def test_the_goal_of_indirect_words(brief: str, goal: CampaignGoal) -> None:
    assert read(brief).objective.campaign_goal is goal


def test_money_is_written_as_on_the_continent_in_english_too() -> None:
    budget = read("Win back lapsed customers, budget 3.500 EUR.").objective.budget
    assert budget is not None and budget.amount == 3_500


def test_a_share_ranks_by_the_trait_beside_it() -> None:
    objective = read("Get the top 30% discount sensitive customers to buy.").objective
    assert [(c.field, c.value) for c in conditions(objective.audience)] == [
        ("discount_sensitivity_score", 30)
    ]
