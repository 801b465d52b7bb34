"""From a card to an audience: a draft, a person's approval, and a brief that uses the rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.criteria import EVERYONE, NOBODY, both
from domain.discovery import Discovery, DiscoveryParameters, QualificationRule, RuleStatus, Tier
from domain.errors import BadRequest, Conflict, NotFound
from storage import audit
from tests.workflows.company import NOW
from workflows.briefs import read_brief
from workflows.campaign import OpenQuestions, build_segments
from workflows.discovery import discover
from workflows.qualification import apply_card, approve_rule, list_rules
from workflows.ruleaudience import take_rules
from workflows.workspace import Workspace

BRIEF = "Increase conversion of customers of Low usual basket with free shipping"


@pytest.fixture
def found(own: Workspace) -> Discovery:
    return discover(own, DiscoveryParameters(tier=Tier.HEURISTIC, fields=("basket",)))


def test_a_card_becomes_a_recommendation_and_a_draft(own: Workspace, found: Discovery) -> None:
    card = found.cards[0]
    made = apply_card(own, found.discovery_id, card.key)
    assert card.filter_rules is not None
    assert made.rule.criteria == card.filter_rules.criteria
    assert made.filter_rules == card.filter_rules
    assert (made.rule.status, made.rule.version, made.rule.name) == ("draft", 1, card.name)
    assert f"{card.size:,}" in made.text
    assert card.causal is not None
    assert card.causal.text in made.text
    assert list_rules(own) == [made.rule]


def test_a_rule_of_the_same_name_is_its_next_version(own: Workspace, found: Discovery) -> None:
    first = apply_card(own, found.discovery_id, "segment_1", name="Small ones").rule
    approve_rule(own, first.rule_id, by="Ada")
    second = apply_card(own, found.discovery_id, "segment_2", name="SMALL  ones").rule
    assert (second.rule_id, second.version, second.name) == (first.rule_id, 2, "Small ones")
    assert second.status is RuleStatus.DRAFT
    reading = read_brief("Sell more to customers of small ones", own)
    assert reading.objective.audience == both(first.criteria)
    approve_rule(own, second.rule_id, by="Ada")
    reading = read_brief("Sell more to customers of small ones", own)
    assert reading.objective.audience == both(second.criteria)


def test_a_person_approves_and_the_audit_keeps_who_and_when(
    own: Workspace, found: Discovery
) -> None:
    rule = apply_card(own, found.discovery_id, "segment_1").rule
    for nobody in ("", "  \n"):
        with pytest.raises(BadRequest) as error:
            approve_rule(own, rule.rule_id, by=nobody)
        assert error.value.field == "by"
    approved = approve_rule(own, rule.rule_id, by="Ada  Lovelace", actor="key:1")
    assert (approved.approved_by, approved.approved_at) == ("Ada Lovelace", NOW)
    with pytest.raises(Conflict):
        approve_rule(own, rule.rule_id, by="Grace")
    with pytest.raises(NotFound):
        approve_rule(own, "rule_none", by="Ada")
    with pytest.raises(NotFound):
        approve_rule(own, rule.rule_id, by="Ada", version=7)
    with own.control.read() as session:
        draft, approval = audit.entries(session, rule.rule_id)
        assert audit.broken_at(session) is None
    assert draft.action == "rule draft"
    assert (approval.actor, approval.detail["approved_by"]) == ("key:1", "Ada Lovelace")


def test_a_draft_is_nobodys_audience(own: Workspace, found: Discovery) -> None:
    apply_card(own, found.discovery_id, "segment_1")
    reading = read_brief(BRIEF, own)
    assert reading.objective.audience == NOBODY
    assert any("is a draft" in text for text in reading.objective.clarifications)
    with pytest.raises(OpenQuestions):
        build_segments(own, reading.objective)


def test_an_approved_rule_is_an_audience_of_briefs_and_segments(
    own: Workspace, found: Discovery
) -> None:
    rule = apply_card(own, found.discovery_id, "segment_1").rule
    approve_rule(own, rule.rule_id, by="Ada")
    reading = read_brief(BRIEF, own)
    objective = reading.objective
    assert objective.brief == BRIEF
    assert objective.clarifications == ()
    assert objective.proposed_intervention == "free_shipping"
    assert objective.audience == both(rule.criteria)
    assert any("approved by Ada" in text for text in objective.assumptions)
    plan = build_segments(own, objective)
    card = found.cards[0]
    assert card.filter_rules is not None
    assert plan.eligible == card.filter_rules.size
    assert plan.segments[0].recommended_trigger == "free_shipping"


def test_a_brief_that_names_no_rule_is_read_as_before(own: Workspace, found: Discovery) -> None:
    before = read_brief("Sell more to customers with low usual basket", own)
    rule = apply_card(own, found.discovery_id, "segment_1").rule
    approve_rule(own, rule.rule_id, by="Ada")
    assert read_brief("Sell more to customers with low usual basket", own) == before


@pytest.mark.parametrize(
    ("segment", "name", "error", "field"),
    [
        ("segment_9", None, NotFound, "segment"),
        ("segment_1", "", BadRequest, "name"),
        ("segment_1", 'a "b"', BadRequest, "name"),
        ("segment_1", "x" * 121, BadRequest, "name"),
        ("segment_1", "a\x00b", BadRequest, "name"),
    ],
)
def test_what_can_not_be_applied_is_refused(
    own: Workspace,
    found: Discovery,
    segment: str,
    name: str | None,
    error: type[Exception],
    field: str,
) -> None:
    with pytest.raises(error) as raised:
        apply_card(own, found.discovery_id, segment, name=name)
    assert raised.value.field == field  # type: ignore[attr-defined]
    assert list_rules(own) == []


def rule(name: str, approved: bool = True) -> QualificationRule:
    return QualificationRule(
        rule_id="rule_" + name,
        version=1,
        name=name,
        criteria=EVERYONE,
        criteria_text="everyone",
        status=RuleStatus.APPROVED if approved else RuleStatus.DRAFT,
        created_at=NOW,
        discovery_id="dis_1",
        segment="segment_1",
    )


@pytest.mark.parametrize(
    "brief",
    [
        "Win back customers of Night owls by e-mail",
        "Win back customers of the night  owls by e-mail",
        'Win back customers in the segment "Night owls" by e-mail',
        "Win back people of “night owls” by e-mail",
        "Win back members of the rule 'Night owls' by e-mail",
    ],
)
def test_rules_are_named_in_several_ways(brief: str) -> None:
    named = take_rules(brief, [rule("Night owls"), rule("Night")])
    assert [one.name for one in named.approved] == ["Night owls"]
    assert "owls" not in named.rest.lower()
    assert named.rest.endswith("by e-mail")


@pytest.mark.parametrize(
    "brief", ["Win back night owls", "customers of night owlsy things", "customers of day owls"]
)
def test_other_words_are_no_rule(brief: str) -> None:
    assert take_rules(brief, [rule("Night owls")]).rest == brief


@pytest.mark.parametrize(
    ("brief", "unknown"),
    [
        ("Win back customers of Nigth owls by e-mail", {"Nigth owls": ("Night owls",)}),
        ("Win back customers of night owl.", {"night owl": ("Night owls",)}),
        ('Win back people in the segment "Early birds" by e-mail', {"Early birds": ()}),
        ('Win back people of "Early birds" by e-mail', {"Early birds": ()}),
        ('Win back people from "Paris" by e-mail', {}),
        ("Win back customers of the rule Birds", {"Birds": ()}),
        ("Win back customers of our London shop", {}),
        ("Win back customers from Paris or London", {}),
    ],
)
def test_what_is_almost_a_rule_is_asked_about(
    brief: str, unknown: dict[str, tuple[str, ...]]
) -> None:
    named = take_rules(brief, [rule("Night owls")])
    assert named.unknown == unknown
    assert named.approved == ()


def test_a_misspelt_rule_never_means_everybody(own: Workspace, found: Discovery) -> None:
    made = apply_card(own, found.discovery_id, "segment_1", name="Night owls").rule
    approve_rule(own, made.rule_id, by="Ada")
    objective = read_brief("Sell more to customers of Nihgt owls", own).objective
    assert objective.audience == NOBODY
    assert "is 'Night owls' meant?" in objective.clarifications[-1]


@given(brief=st.text(max_size=80), name=st.text(min_size=2, max_size=20))
def test_any_text_is_taken_without_an_error_and_keeps_its_length(brief: str, name: str) -> None:
    rules = [rule(name)] if name.strip() else []
    assert len(take_rules(brief, rules).rest) == len(brief)
