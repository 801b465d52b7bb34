"""Two or three turns end in an objective without open questions."""

from __future__ import annotations

from domain.criteria import to_json
from interpreter.conversation import refine
from interpreter.reader import ReaderContext, read

CONTEXT = ReaderContext()


def test_a_window_answers_a_question_about_the_calendar() -> None:
    first = read("Customers who bought this year should buy again.").objective
    assert first.clarifications
    second = refine(first, "last 60 days", CONTEXT).objective
    assert to_json(second.audience) == {
        "all": [{"field": "days_since_last_purchase", "op": "lte", "value": 60}]
    }
    assert second.clarifications == ()
    assert second.campaign_goal == first.campaign_goal


def test_a_correction_replaces_the_country_and_keeps_the_rest() -> None:
    first = read("Win back customers in Spain who have not bought for 120 days by email.").objective
    second = refine(first, "no, only UK", CONTEXT).objective
    assert to_json(second.audience) == {
        "all": [
            {"field": "days_since_last_purchase", "op": "gte", "value": 120},
            {"field": "location_country", "op": "eq", "value": "GB"},
        ]
    }
    assert second.channel == "email"


def test_three_turns_from_nothing_to_an_objective() -> None:
    objective = read("Do something for left-handed customers in Toronto.").objective
    assert objective.clarifications
    for answer in ("leave it out", "increase_conversion", "with free shipping, by SMS"):
        objective = refine(objective, answer, CONTEXT).objective
    assert objective.clarifications == ()
    assert objective.campaign_goal == "increase_conversion"
    assert objective.proposed_intervention == "free_shipping"
    assert objective.channel == "sms"
    assert to_json(objective.audience) == {
        "all": [{"field": "location_city", "op": "eq", "value": "Toronto"}]
    }


def test_an_answer_that_says_nothing_leaves_the_questions_open() -> None:
    first = read("Target left-handed customers in Toronto with free shipping.").objective
    assert first.clarifications
    assert refine(first, "hmm", CONTEXT).objective.clarifications == first.clarifications


def test_an_excluded_trigger_is_no_longer_proposed() -> None:
    first = read("Win back lapsed customers with a 10% discount.").objective
    second = refine(first, "no discounts please", CONTEXT).objective
    assert second.proposed_intervention is None
    assert second.excluded_interventions == ("percentage_discount",)
