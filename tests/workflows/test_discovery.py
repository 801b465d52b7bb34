"""Discovery over a workspace: what it reads, finds, keeps and refuses."""

from __future__ import annotations

import numpy as np
import pytest

from domain.criteria import conditions
from domain.discovery import Discovery, DiscoveryParameters, Tier
from domain.errors import BadRequest, NotFound, UnknownField
from domain.parsing import check
from storage import audit, models
from storage.population import Population
from tests.workflows.fakellm import FakeCompleter
from workflows.discovery import ConfirmationNeeded, discover, list_discoveries, show_discovery
from workflows.discoverydefaults import discovery_defaults, save_discovery_defaults
from workflows.workspace import PROFILES, Workspace

HEURISTIC = DiscoveryParameters(tier=Tier.HEURISTIC, fields=("basket",))
LLM = DiscoveryParameters(tier=Tier.LLM)


@pytest.fixture
def heuristic(own: Workspace) -> Discovery:
    return discover(own, HEURISTIC)


def test_a_discovery_is_kept_with_its_members_and_audited(
    own: Workspace, heuristic: Discovery
) -> None:
    assert show_discovery(own, heuristic.discovery_id) == heuristic
    assert list_discoveries(own) == [heuristic]
    assert heuristic.members_id is not None
    members = own.snapshots.open(heuristic.members_id).table()
    profiles = own.current(PROFILES).table(["customer_id"])
    assert members.column("customer_id").equals(profiles.column("customer_id"))
    names = members.column("segment").to_pylist()
    for card in heuristic.cards:
        assert names.count(card.name) == card.size
    with own.control.read() as session:
        (row,) = audit.entries(session, heuristic.discovery_id)
    assert row.detail["segments"] == len(heuristic.cards)
    with pytest.raises(NotFound):
        show_discovery(own, "dis_none")


def test_the_same_customers_meet_the_rules_in_the_one_engine(
    own: Workspace, heuristic: Discovery
) -> None:
    with Population(own.schema(), [own.current(PROFILES)]) as people:
        for card in heuristic.cards:
            assert card.filter_rules is not None
            check(card.filter_rules.criteria, own.schema())
            assert people.count(card.filter_rules.criteria) == card.filter_rules.size


def test_what_the_causal_engine_knows_is_measured_on_held_out_customers(
    own: Workspace, heuristic: Discovery
) -> None:
    """Free shipping wins small baskets here, and puts off large ones."""
    assert heuristic.message.startswith("Low, mid and high of usual basket")
    low = heuristic.cards[0].causal
    assert low is not None
    assert low.trigger == "free_shipping"
    assert low.lift is not None
    assert 0.1 < low.lift.low < 0.3 < low.lift.high < 0.5
    assert "held-out customers of Spring test" in low.text
    assert low.joint_lift is not None
    assert low.joint_lift.low < low.lift.low
    high = heuristic.cards[2].causal
    assert high is not None
    assert high.trigger != "free_shipping"
    with own.control.read() as session:
        (model,) = models.listed(session)
    assert model.looks > 0


def test_without_a_model_the_cards_say_so(own: Workspace) -> None:
    with own.control.write() as session:
        models.roll_back(session, "converted", own.now())
    for card in discover(own, HEURISTIC).cards:
        assert card.causal is not None
        assert card.causal.trigger is None
        assert "no model is trained" in card.causal.text


def test_independent_fields_have_no_natural_segments(own: Workspace) -> None:
    found = discover(own, DiscoveryParameters(max_clusters=4))
    assert found.cards == ()
    assert found.members_id is None
    assert found.message.startswith("No natural segments")
    assert found.quality is not None
    assert len(found.quality.candidates) == 3
    assert {note.field for note in found.fields} >= {"past_orders", "basket", "newsletter"}


def test_saved_defaults_are_not_changed_by_a_run(own: Workspace) -> None:
    save_discovery_defaults(own, max_clusters=5, tier="heuristic", fields=("basket",))
    saved = discovery_defaults(own)
    assert (saved.max_clusters, saved.min_clusters, saved.tier) == (5, 2, Tier.HEURISTIC)
    found = discover(own, saved.overridden(fields=("past_orders", "basket")))
    assert found.parameters.fields == ("past_orders", "basket")
    assert discovery_defaults(own) == saved
    with pytest.raises(BadRequest):
        save_discovery_defaults(own, min_clusters=6)
    assert discovery_defaults(own) == saved


@pytest.mark.parametrize(
    ("table", "fields", "error", "field"),
    [
        ("identities", (), BadRequest, "table"),
        ("truth:traits", (), NotFound, "table"),
        ("../etc", (), NotFound, "table"),
        ("orders", (), NotFound, None),
        (PROFILES, ("bascet",), UnknownField, "bascet"),
        (PROFILES, ("email_address",), UnknownField, "email_address"),
        (PROFILES, ("basket", "basket"), BadRequest, "fields"),
        (PROFILES, ("customer_id",), BadRequest, "fields"),
    ],
)
def test_what_can_not_be_used_is_refused(
    own: Workspace,
    table: str,
    fields: tuple[str, ...],
    error: type[Exception],
    field: str | None,
) -> None:
    with pytest.raises(error) as raised:
        discover(own, HEURISTIC.overridden(fields=fields or None), table=table)
    assert raised.value.field == field  # type: ignore[attr-defined]
    assert list_discoveries(own) == []


def test_the_llm_is_compared_first_and_only_asked_when_confirmed(own: Workspace) -> None:
    llm = FakeCompleter()
    with pytest.raises(ConfirmationNeeded) as needed:
        discover(own, LLM, completer=llm)
    assert llm.asked == []
    tiers = {one.tier: one for one in needed.value.comparison.tiers}
    assert set(tiers) == set(Tier)
    assert tiers[Tier.LLM].accuracy is None
    assert tiers[Tier.LLM].tokens > 1_000
    assert tiers[Tier.LLM].cost is None, "no price is set"
    assert tiers[Tier.HEURISTIC].accuracy is not None
    assert 0 < tiers[Tier.HEURISTIC].accuracy < 1
    assert tiers[Tier.STATISTICAL].tokens == 0
    found = discover(own, LLM, completer=llm, confirmed=True)
    assert {card.name for card in found.cards} == {"Readers", "Large baskets"}
    assert found.tokens is not None
    assert (found.tokens.prompt, found.tokens.completion) == (100, 10)
    assert sum(card.size for card in found.cards) + found.outliers == found.rows
    profiles = own.current(PROFILES).table(["customer_id"])
    assert not any(profiles.column("customer_id")[0].as_py() in text for text in llm.asked)


def test_the_llm_tier_without_an_llm_is_refused(own: Workspace) -> None:
    with pytest.raises(BadRequest) as error:
        discover(own, LLM, confirmed=True)
    assert error.value.field == "tier"
    assert "AETHER_LLM_MODEL" in error.value.remedy


def test_names_by_an_llm_and_visible_fallback(own: Workspace) -> None:
    keys = [f"segment_{i}" for i in range(1, 5)]
    words = ["Small", "Middle", "Large", "Unknown"]
    segments = [
        {"key": key, "name": word, "description": "A part.", "suggested_use": "Ask them."}
        for key, word in zip(keys, words, strict=True)
    ]
    found = discover(own, HEURISTIC, completer=FakeCompleter({"segments": segments}))
    assert [card.name for card in found.cards] == words
    fallen = discover(own, HEURISTIC, completer=FakeCompleter(fails=True))
    assert fallen.cards[0].name == "Low usual basket"
    assert any("can't be reached" in text for text in fallen.warnings)


def test_profiles_of_a_campaign_can_be_looked_at(own: Workspace) -> None:
    found = discover(own, HEURISTIC, table="profiles@spring-26")
    assert found.source == "profiles@spring-26"
    assert all(card.causal is None for card in found.cards)
    leaves = [
        leaf.field
        for card in found.cards
        if card.filter_rules is not None
        for leaf in conditions(card.filter_rules.criteria)
    ]
    assert np.unique(leaves).tolist() == ["basket"]
