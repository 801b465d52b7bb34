"""The same review for a reader, an LLM and an objective edited by hand."""

from __future__ import annotations

from domain.customer import STANDARD
from domain.triggers import CATALOGUE
from interpreter.review import as_json, review, said


def reviewed(**raw: object) -> tuple[dict[str, object], str]:
    result = review(raw, STANDARD, CATALOGUE)
    return as_json(result.objective), " ".join(question.text for question in result.questions)


def test_what_is_sound_stays_and_the_type_follows_from_the_trigger() -> None:
    made, asked = reviewed(campaign_goal="win_back", proposed_intervention="social_proof")
    assert made["intervention_type"] == "psychological"
    assert asked == ""


def test_what_is_outside_the_vocabulary_is_asked() -> None:
    made, asked = reviewed(campaign_goal="conquer", channel="fax", max_customers=-3)
    assert (made["campaign_goal"], made["channel"], made["max_customers"]) == (None, None, None)
    assert "conquer" in asked and "fax" in asked


def test_personal_data_and_wrong_types_are_refused() -> None:
    leaves = [
        {"field": "first_name", "op": "eq", "value": "Ann"},
        {"field": "lifetime_orders", "op": "gt", "value": "many"},
        {"field": "lifetime_orders", "op": "gt", "value": 2},
    ]
    made, asked = reviewed(audience={"all": leaves})
    assert made["audience"] == {"all": [leaves[2]]}
    assert "personal data" in asked and "many" in asked


def test_bounds_that_nobody_meets_are_asked() -> None:
    leaves = [
        {"field": "lifetime_orders", "op": "gte", "value": 5},
        {"field": "lifetime_orders", "op": "lt", "value": 2},
    ]
    _, asked = reviewed(audience={"all": leaves})
    assert "Nobody can have" in asked


def test_a_trigger_both_proposed_and_excluded_is_asked() -> None:
    made, asked = reviewed(
        proposed_intervention="social_proof", excluded_interventions=["social_proof"]
    )
    assert made["proposed_intervention"] is None
    assert "both proposed and excluded" in asked


def test_evidence_is_compared_without_case_accents_and_spaces() -> None:
    assert said("clients  à Lyon", "Pour les Clients a lyon.")
    assert not said("Paris", "Lyon")
    assert not said(None, "Lyon") and not said(" ", "Lyon")
