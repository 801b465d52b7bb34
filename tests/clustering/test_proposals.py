"""The LLM tier and an LLM's words: only statistics go out, and nothing unchecked comes in."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from clustering.discovery import Found
from clustering.preparing import prepare
from clustering.proposals import check_proposals, discover_by_proposals
from clustering.writing import figures, write_cards
from domain.discovery import DiscoveryParameters
from domain.errors import NoEvidence
from storage.matching import TableMatcher
from tests.clustering.planted import SCHEMA, planted


def proposal(name: str, criteria: Any, description: str = "") -> dict[str, Any]:
    return {"name": name, "criteria": criteria, "description": description}


MEMBERS = proposal("Members", {"field": "member", "op": "eq", "value": True}, "They joined us.")
OTHERS = proposal("Often", {"all": [{"field": "orders", "op": "gte", "value": 3}]})
TOP = proposal("Best", {"field": "spend", "op": "top_percent", "value": 10})


class Fake:
    """An LLM that answers the same whatever it is asked, and remembers what that was."""

    def __init__(self, *segments: dict[str, Any], answer: str | None = None) -> None:
        self.answer = json.dumps({"segments": segments}) if answer is None else answer
        self.asked: list[str] = []

    def __call__(self, system: str, user: str) -> str:
        self.asked += [system, user]
        return self.answer


def run(complete: Fake, table: pa.Table | None = None, most: int = 8) -> Found:
    data = planted()[0] if table is None else table
    prepared = prepare(data, [SCHEMA[name] for name in data.column_names])
    matcher = TableMatcher(data, SCHEMA)
    parameters = DiscoveryParameters(max_clusters=most)
    try:
        return discover_by_proposals(
            data, prepared, SCHEMA, parameters, matcher.meets, matcher.resolve, complete
        )
    finally:
        matcher.close()


def test_definitions_are_applied_to_all_rows_and_measured() -> None:
    table, _ = planted()
    found = run(Fake(MEMBERS, OTHERS))
    member = table.column("member").to_numpy(zero_copy_only=False)
    often = table.column("orders").to_numpy() >= 3
    by_name = {card.name: card for card in found.cards}
    assert by_name["Members"].size == member.sum()
    assert by_name["Often"].size == (often & ~member).sum(), "the first definition counts"
    rules = by_name["Often"].filter_rules
    assert rules is not None
    assert (rules.size, rules.recall) == (often.sum(), 1)
    assert rules.precision == pytest.approx((often & ~member).sum() / often.sum())
    assert f"{(~often & ~member).sum():,} meet none" in found.message
    assert found.quality is not None
    assert 0 < found.quality.explained < 1
    assert by_name["Members"].description.startswith("They joined us.")


def test_percent_definitions_are_kept_with_their_border() -> None:
    found = run(Fake(TOP, OTHERS))
    best = next(card for card in found.cards if card.name == "Best")
    assert best.size == pytest.approx(150, abs=1)
    assert best.filter_rules is not None
    assert "spend at least" in best.filter_rules.text


def test_only_statistics_go_out() -> None:
    table, _ = planted()
    secret = table.set_column(
        table.schema.get_field_index("colour"),
        "colour",
        pa.array(["rare-colour", *table.column("colour").to_pylist()[1:]]),
    )
    spend = table.column("spend").to_numpy()
    fake = Fake(MEMBERS, OTHERS)
    run(fake, secret)
    asked = " ".join(fake.asked)
    assert "rare-colour" not in asked, "a level that few rows have could point at somebody"
    told = json.loads(fake.asked[1])
    assert told["rows"] == 1_500
    assert {one["field"] for one in told["fields"]} == set(table.column_names)
    for extreme in (spend.min(), spend.max()):
        assert f"{extreme:.4g}" not in asked


def test_bad_proposals_are_left_out_with_the_reason() -> None:
    bad = [
        proposal("Unknown", {"field": "income", "op": "gt", "value": 5}),
        proposal("Wrong type", {"field": "orders", "op": "gt", "value": "many"}),
        proposal("Wrong operator", {"field": "member", "op": "gt", "value": 1}),
        proposal("No shape", "orders > 5"),
        proposal("Everybody", {"all": []}),
        proposal("Again", MEMBERS["criteria"]),
        proposal("Nobody", {"field": "orders", "op": "gt", "value": 10_000}),
        proposal("Personal", {"field": "email_address", "op": "eq", "value": "a@b.c"}),
    ]
    found = run(Fake(MEMBERS, OTHERS, *bad))
    assert {card.name for card in found.cards} == {"Members", "Often"}
    told = " ".join(found.warnings)
    for one in bad:
        assert repr(one["name"]) in told
    assert "no customer field 'income'" in told


def test_more_than_wanted_are_left_out() -> None:
    third = proposal("Third", {"field": "reach", "op": "gt", "value": 2})
    found = run(Fake(MEMBERS, OTHERS, third), most=2)
    assert len(found.cards) == 2
    assert any("at most 2" in text for text in found.warnings)


@pytest.mark.parametrize(
    "answer", ["", "I can't", '{"segments": [{"criteria": {}}]}', "[1]", '{"segments": []}']
)
def test_an_answer_of_no_use_is_an_error_that_says_so(answer: str) -> None:
    with pytest.raises(NoEvidence) as error:
        run(Fake(answer=answer))
    assert error.value.field == "tier"
    assert "statistical tier" in error.value.remedy


def test_an_answer_may_stand_among_words() -> None:
    wrapped = "Here it is:\n```json\n" + json.dumps({"segments": [MEMBERS]}) + "\n```"
    assert len(check_proposals(wrapped, SCHEMA, 5).kept) == 1


def test_figures_of_an_llm_are_not_shown() -> None:
    liar = {**MEMBERS, "description": "They bring 90 % of revenue.", "name": "Top 10"}
    found = run(Fake(liar, OTHERS))
    assert not any("90" in card.description or "Top 10" in card.name for card in found.cards)


def test_an_llms_words_are_kept_where_their_figures_are_the_cards() -> None:
    cards = run(Fake(MEMBERS, OTHERS)).cards
    size = f"{cards[0].size:,}"
    texts = [
        {"key": cards[0].key, "name": "Club", "description": f"{size} of the club.",
         "suggested_use": "Thank them."},
        {"key": cards[1].key, "name": "Top 1", "description": "They spend 77,777 each.",
         "suggested_use": "Write to them."},
    ]  # fmt: skip
    written, told = write_cards(cards, Fake(*texts))
    assert (written[0].name, written[0].description) == ("Club", f"{size} of the club.")
    assert (written[1].name, written[1].description) == (cards[1].name, cards[1].description)
    assert written[1].suggested_use == "Write to them."
    assert "Of 1 segments" in told
    same, told = write_cards(cards, Fake(answer="no"))
    assert same == cards
    assert "templates" in told


def test_figures_are_read_with_their_thousands() -> None:
    assert figures("1,234 of 5.5 %, 3-4") == {"1234", "5.5", "3", "4"}
    assert figures("none") == set()
