"""Copy keeps its limits, marks what nobody said, and speaks the brief's language."""

from __future__ import annotations

import re

import pytest

from domain.objective import CampaignGoal, CampaignObjective
from domain.triggers import CATALOGUE, Channel, Trigger, TriggerType
from interpreter.copywriting import LIMITS, SCARCITY_NOTE, shortened, write_copy
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


def test_a_rewrite_that_adds_a_number_or_loses_a_placeholder_is_not_taken() -> None:
    objective = CampaignObjective(
        campaign_goal=CampaignGoal.WIN_BACK,
        proposed_intervention="percentage_discount",
        channel=Channel.SMS,
    )
    (kept,) = write_copy(objective, rewrite=lambda text, limit: "Hi! " + text)
    assert kept.source == "llm" and kept.parts["body"].startswith("Hi! ")
    for bad in ("50 % off today", "no facts", "x" * 500):
        (copy,) = write_copy(objective, rewrite=lambda text, limit, bad=bad: bad)
        assert copy.source == "template" and copy.reason


def test_a_text_is_cut_at_a_word_and_never_inside_a_placeholder() -> None:
    assert shortened("one two three", 9) == "one two…"
    assert shortened("buy [PRODUCT NAME] now", 12) == "buy…"
    assert shortened("short", 10) == "short"
