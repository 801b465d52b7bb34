"""A segment straight from an approved rule: whom, with which trigger, and measured how."""

from __future__ import annotations

import pytest

from domain.discovery import Discovery, DiscoveryParameters, SegmentCard, Tier
from domain.errors import Conflict, NoEvidence, NotFound
from workflows.byrule import segment_of_approved_rule
from workflows.discovery import discover
from workflows.qualification import apply_card, approve_rule
from workflows.workspace import Workspace


@pytest.fixture
def found(own: Workspace) -> Discovery:
    return discover(own, DiscoveryParameters(tier=Tier.HEURISTIC, fields=("basket",)))


def approved(workspace: Workspace, found: Discovery, card: SegmentCard, name: str) -> str:
    rule = apply_card(workspace, found.discovery_id, card.key, name=name).rule
    return approve_rule(workspace, rule.rule_id, by="Ada").rule_id


def test_it_has_the_cards_customers_and_the_cards_lift(own: Workspace, found: Discovery) -> None:
    low = found.cards[0]
    approved(own, found, low, "Small ones")
    made = segment_of_approved_rule(own, "small  ONES")
    assert low.causal is not None
    assert low.causal.lift is not None
    assert made.expected_lift is not None
    assert (made.size, made.recommended_trigger) == (low.size, low.causal.trigger)
    assert made.expected_lift.estimate == pytest.approx(low.causal.lift.estimate)
    assert made.expected_lift.low == pytest.approx(low.causal.lift.low)
    assert made.name == "Free shipping: Small ones"
    assert made.exact


def test_a_person_may_name_another_trigger(own: Workspace, found: Discovery) -> None:
    rule = approved(own, found, found.cards[0], "Small ones")
    made = segment_of_approved_rule(own, rule, trigger="gift_guide", outcome="converted")
    assert made.recommended_trigger == "gift_guide"
    with pytest.raises(NoEvidence) as error:
        segment_of_approved_rule(own, rule, trigger="social_proof")
    assert error.value.field == "trigger"


def test_the_newest_approved_version_counts(own: Workspace, found: Discovery) -> None:
    rule = approved(own, found, found.cards[0], "Ones")
    apply_card(own, found.discovery_id, found.cards[2].key, name="Ones")
    assert segment_of_approved_rule(own, rule, trigger="gift_guide").size == found.cards[0].size
    approve_rule(own, rule, by="Ada")
    assert segment_of_approved_rule(own, rule, trigger="gift_guide").size == found.cards[2].size


def test_a_draft_or_an_unknown_rule_makes_none(own: Workspace, found: Discovery) -> None:
    with pytest.raises(NotFound, match="aether discover apply"):
        segment_of_approved_rule(own, "Ones")
    apply_card(own, found.discovery_id, "segment_1", name="Ones")
    with pytest.raises(Conflict, match="aether discover approve"):
        segment_of_approved_rule(own, "Ones")
    with pytest.raises(NotFound, match="There are Ones"):
        segment_of_approved_rule(own, "Twos")
