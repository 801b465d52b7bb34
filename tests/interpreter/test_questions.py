"""Questions are asked where a brief needs one, and hardly elsewhere; triggers in other words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.objective import CampaignObjective
from interpreter.reader import read

BRIEFS = Path(__file__).with_name("briefs")


def labelled(name: str) -> list[dict[str, Any]]:
    lines = (BRIEFS / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def questions() -> list[tuple[dict[str, Any], CampaignObjective]]:
    """Each brief of the file with what was read; of the plain ones every second, to be quick."""
    rows = labelled("questions")
    plain = [row for row in rows if not row["needs_clarification"]]
    asking = [row for row in rows if row["needs_clarification"]]
    return [(row, read(row["brief"]).objective) for row in [*plain[::2], *asking]]


def test_plain_briefs_are_hardly_asked_about(
    questions: list[tuple[dict[str, Any], CampaignObjective]],
) -> None:
    plain = [(row, made) for row, made in questions if not row["needs_clarification"]]
    asked = [row["brief"] for row, made in plain if made.clarifications]
    assert len(plain) >= 90
    assert len(asked) <= 0.05 * len(plain), asked


def test_what_must_not_be_guessed_is_mostly_asked(
    questions: list[tuple[dict[str, Any], CampaignObjective]],
) -> None:
    doubtful = [(row, made) for row, made in questions if row["needs_clarification"]]
    guessed = [row["brief"] for row, made in doubtful if not made.clarifications]
    assert len(doubtful) >= 50
    assert len(guessed) <= 0.25 * len(doubtful), guessed


@pytest.mark.parametrize(
    ("field", "least"), [("campaign_goal", 0.8), ("proposed_intervention", 0.85)]
)
def test_plain_briefs_are_read(
    questions: list[tuple[dict[str, Any], CampaignObjective]], field: str, least: float
) -> None:
    plain = [(row, made) for row, made in questions if not row["needs_clarification"]]
    right = sum(getattr(made, field) == row[field] for row, made in plain)
    assert right >= least * len(plain)


def test_a_dozen_wordings_of_each_trigger() -> None:
    rows = labelled("triggers")
    wrong = [
        row["brief"]
        for row in rows
        if read(row["brief"]).objective.proposed_intervention != row["proposed_intervention"]
    ]
    assert len(rows) >= 110
    assert len(wrong) <= 0.1 * len(rows), wrong


@pytest.mark.parametrize(
    "brief",
    [
        "Audience = lapsed customers; budget = 2000 EUR; 15% off.",
        "Send the new guide to our whole database, more visits please.",
        "No restriction on who gets it. 20% off to clear 300 chairs.",
        "Gift for loyal customers, under 5 euros apiece, so they stay.",
        "Bundles for all with 2+ orders, higher order values, runs 1-15 April.",
        "No order for 365 days or more -> 1,000 bonus miles.",
        "Nine in ten people who tried the capsules took them again. Tell viewers of capsules.",
        "Gardeners who bought roses should buy again.",
    ],
)
def test_what_is_no_condition_is_not_asked_about(brief: str) -> None:
    assert read(brief).objective.clarifications == ()


@pytest.mark.parametrize(
    ("brief", "about"),
    [
        ("Free delivery for people over 65 to get their first order.", "over 65"),
        ("Civil servants should buy more often.", "Civil servants"),
        ("Gardeners should buy more often.", "Gardeners"),
        ("Customers with more than 300 badges should reorder.", "more than 300"),
    ],
)
def test_what_no_field_holds_is_asked(brief: str, about: str) -> None:
    assert any(about in question for question in read(brief).objective.clarifications)


def test_an_interest_beside_a_condition_is_assumed_to_name_the_customers() -> None:
    objective = read("Gardeners who bought roses should buy again.").objective
    assert any(text.startswith("Gardeners: a name") for text in objective.assumptions)
