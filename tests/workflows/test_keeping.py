"""A kept discovery is a field: in criteria, in briefs, in segments and in their reasons."""

from __future__ import annotations

from collections import Counter

import pytest

from domain.criteria import AllOf, Condition, Expression, Op
from domain.discovery import Discovery, DiscoveryParameters, Tier
from domain.errors import BadRequest, Conflict, UnknownField
from domain.parsing import check
from storage import audit
from storage.population import Population
from workflows.briefs import read_brief
from workflows.bycriteria import segment_by_criteria
from workflows.discovery import discover
from workflows.keeping import keep_discovery, list_kept
from workflows.qualification import apply_card
from workflows.why import why
from workflows.workspace import PROFILES, Workspace

FIELD = "cluster.baskets"


@pytest.fixture
def found(own: Workspace) -> Discovery:
    return discover(own, DiscoveryParameters(tier=Tier.HEURISTIC, fields=("basket",)))


def level(name: str) -> Expression:
    return Condition(field=FIELD, op=Op.EQ, value=name)


def test_its_members_are_those_of_the_clusters(own: Workspace, found: Discovery) -> None:
    kept = keep_discovery(own, found.discovery_id, "baskets", by="Ada  Lovelace")
    assert list_kept(own) == [kept]
    assert (kept.kept_by, kept.agreement) == ("Ada Lovelace", 1.0)
    assert found.members_id is not None
    members = own.snapshots.open(found.members_id).table().to_pylist()
    theirs = {row["customer_id"]: row["segment"] for row in members}
    assert kept.counts == dict(Counter(theirs.values()))
    with Population(own.schema(), [own.current(PROFILES)]) as people:
        for card in found.cards:
            assert people.count(level(card.name)) == card.size
        rows = people.select(level(found.cards[0].name), ["customer_id", FIELD]).to_pylist()
    assert all(theirs[row["customer_id"]] == row[FIELD] for row in rows)
    with own.control.read() as session:
        entry = audit.entries(session, found.discovery_id)[-1]
    assert (entry.action, entry.detail["field"]) == ("keep discovery", FIELD)


def test_a_brief_a_segment_and_its_reasons_may_name_it(own: Workspace, found: Discovery) -> None:
    keep_discovery(own, found.discovery_id, "baskets", by="Ada")
    low, high = found.cards[0], found.cards[2]
    reading = read_brief(f"Increase conversion of {low.name.lower()} customers", own)
    assert reading.objective.audience == AllOf(all=(level(low.name),))
    assert f"{low.name}: the segment of baskets" in reading.objective.assumptions
    made = segment_by_criteria(own, level(low.name), "free_shipping")
    assert made.size == low.size
    assert made.criteria_text == f"baskets is {low.name}"
    assert made.expected_lift is not None
    assert low.causal is not None
    assert low.causal.lift is not None
    assert made.expected_lift.estimate == pytest.approx(low.causal.lift.estimate)
    with Population(own.schema(), [own.current(PROFILES)]) as people:
        outside = people.select(level(high.name), ["customer_id"]).column(0)[0].as_py()
    told = " ".join(why(own, outside, made.segment_id).sentences)
    assert f"baskets is {low.name}. This customer: baskets {high.name}" in told


def test_what_a_name_means_never_changes(own: Workspace, found: Discovery) -> None:
    with pytest.raises(UnknownField):
        check(level("x"), own.schema())
    keep_discovery(own, found.discovery_id, "baskets", by="Ada")
    with pytest.raises(Conflict) as error:
        keep_discovery(own, found.discovery_id, "baskets", by="Ada")
    assert error.value.field == "name"
    for name in ("Baskets", "a b", "", "a" * 64, "axis.x", "1st"):
        with pytest.raises(BadRequest):
            keep_discovery(own, found.discovery_id, name, by="Ada")
    with pytest.raises(BadRequest) as nobody:
        keep_discovery(own, found.discovery_id, "other", by=" ")
    assert nobody.value.field == "by"


def test_without_segments_there_is_nothing_to_keep(own: Workspace) -> None:
    none = discover(own, DiscoveryParameters(max_clusters=4))
    with pytest.raises(Conflict, match="No natural segments"):
        keep_discovery(own, none.discovery_id, "nothing", by="Ada")


def test_a_rule_of_a_card_stays_a_rule_of_its_own(own: Workspace, found: Discovery) -> None:
    keep_discovery(own, found.discovery_id, "baskets", by="Ada")
    applied = apply_card(own, found.discovery_id, "segment_1")
    assert applied.rule.name == found.cards[0].name
