"""Copy keeps its limits, marks what nobody said, and speaks the brief's language."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping

import pytest

from domain.objective import CampaignGoal, CampaignObjective
from domain.triggers import CATALOGUE, Channel, Trigger, TriggerType
from interpreter.completion import LlmFailed
from interpreter.copywriting import (
    LIMITS,
    SCARCITY_NOTE,
    VARIANTS,
    Author,
    Draft,
    shortened,
    write_copy,
)
from interpreter.reader import read

BRIEFS = {
    "en": "Win back lapsed customers with a discount.",
    "de": "Bitte die Kunden mit einem Rabatt zurückgewinnen, die nicht mehr kaufen.",
    "fr": "Reconquérir les clients inactifs avec une remise pour la rentrée.",
    "es": "Recuperar a los clientes que no han comprado con un descuento.",
}


@pytest.mark.parametrize("trigger", CATALOGUE)
@pytest.mark.parametrize("language", BRIEFS)
def test_every_trigger_goal_and_channel_keeps_its_limits(trigger: str, language: str) -> None:
    for goal in CampaignGoal:
        objective = CampaignObjective(campaign_goal=goal, brief=BRIEFS[language])
        copies = write_copy(objective, trigger=trigger)
        assert {copy.channel for copy in copies} == set(Channel)
        for copy in copies:
            assert copy.language == language
            for name, text in copy.parts.items():
                assert text and len(text) <= LIMITS[copy.channel][name]
                assert not re.search(r"\d", text), "no number that nobody gave"
                for found in re.findall(r"\[[^\]]*\]", text):
                    assert found in copy.placeholders


def test_a_discount_that_the_brief_gives_is_stated_and_no_other() -> None:
    given = read("Win back lapsed customers with a 15% coupon by email.").objective
    (copy,) = write_copy(given)
    assert "15 %" in copy.parts["subject"] and "[DISCOUNT]" not in copy.placeholders
    unsaid = read("Win back lapsed customers with a coupon by email, churn down 3%.").objective
    (copy,) = write_copy(unsaid)
    assert "[DISCOUNT]" in copy.placeholders


def test_scarcity_carries_a_note() -> None:
    objective = read("Tell customers who viewed tents by SMS that few are left.").objective
    (copy,) = write_copy(objective)
    assert copy.notes == (SCARCITY_NOTE,)


def test_a_companys_own_trigger_is_written_by_its_name() -> None:
    own = Trigger(key="mens", name="Men's e-mail {{ 7*7 }}", type=TriggerType.INFORMATIONAL)
    objective = CampaignObjective(proposed_intervention="mens", channel=Channel.EMAIL)
    (copy,) = write_copy(objective, CATALOGUE.with_triggers((own,)))
    assert copy.parts["subject"].startswith("Men's e-mail") and "49" not in copy.parts["subject"]


@pytest.mark.parametrize("language", BRIEFS)
@pytest.mark.parametrize("goal", [None, *CampaignGoal])
def test_variants_share_no_wording_and_a_round_later_are_new(
    language: str, goal: CampaignGoal | None
) -> None:
    objective = CampaignObjective(campaign_goal=goal, brief=BRIEFS[language])
    for trigger in CATALOGUE:
        rounds = [
            [write_copy(objective, trigger=trigger, variant=turn * VARIANTS + n) for n in range(3)]
            for turn in (0, 1)
        ]
        for number in range(len(Channel)):
            for name in rounds[0][0][number].parts:
                texts = [made[number].parts[name] for made in rounds[0]]
                for one, other in itertools.combinations(texts, 2):
                    assert len(set(one.split()) ^ set(other.split())) > 2, (one, other)
            before = {
                made[number].parts["body"] for made in rounds[0] if "body" in made[number].parts
            }
            after = {
                made[number].parts["body"] for made in rounds[1] if "body" in made[number].parts
            }
            assert not before & after


@pytest.mark.parametrize("language", BRIEFS)
def test_no_template_is_too_long_for_its_channel(language: str) -> None:
    for trigger in CATALOGUE:
        for variant in range(9):
            objective = CampaignObjective(
                campaign_goal=CampaignGoal.REPEAT_PURCHASE, brief=BRIEFS[language]
            )
            for copy in write_copy(objective, trigger=trigger, variant=variant):
                assert not any("…" in text for text in copy.parts.values())


def by(change: Callable[[str], str]) -> Author:
    return lambda language, drafts: {name: change(one.text) for name, one in drafts.items()}


def test_an_authors_text_is_taken_where_it_keeps_to_the_facts() -> None:
    objective = CampaignObjective(
        campaign_goal=CampaignGoal.WIN_BACK,
        proposed_intervention="percentage_discount",
        channel=Channel.SMS,
    )
    (kept,) = write_copy(objective, author=by(lambda text: "Hi! " + text))
    assert kept.source == "llm" and kept.parts["body"].startswith("Hi! ")
    assert kept.reason is None
    for bad, why in (
        ("50 % off today", "leaves out [DISCOUNT]"),
        ("[DISCOUNT] off with [CODE]: [LINK]", "states what nobody said"),
        ("[DISCOUNT] off for 3 days: [LINK]", "states what nobody said"),
        ("", "is missing"),
        ("[DISCOUNT] [LINK]" + "x" * 500, "more than 160"),
    ):
        (copy,) = write_copy(objective, author=by(lambda text, bad=bad: bad))  # type: ignore[misc]
        assert copy.source == "template" and copy.reason is not None
        assert why in copy.reason


def test_an_author_without_an_answer_leaves_the_templates_and_says_why() -> None:
    def silent(language: str, drafts: Mapping[str, Draft]) -> Mapping[str, str]:
        raise LlmFailed("The LLM did not answer in time.")

    objective = CampaignObjective(proposed_intervention="free_shipping")
    assert [copy.parts for copy in write_copy(objective, author=silent)] == [
        copy.parts for copy in write_copy(objective)
    ]
    assert {copy.reason for copy in write_copy(objective, author=silent)} == {
        "The LLM did not answer in time."
    }


def test_a_text_is_cut_at_a_word_and_never_inside_a_placeholder() -> None:
    assert shortened("one two three", 9) == "one two…"
    assert shortened("buy [PRODUCT NAME] now", 12) == "buy…"
    assert shortened("short", 10) == "short"
