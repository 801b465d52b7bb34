"""The statistical and heuristic tiers: cards whose every number is the data's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from clustering.characteristics import superiority
from clustering.choosing import Thoroughness
from clustering.discovery import Found, by_size, discover_statistically
from clustering.heuristic import discover_heuristically
from clustering.naming import suggestion
from clustering.preparing import prepare
from domain.customer import STANDARD, Field, FieldType, Schema
from domain.discovery import Algorithm, Characteristic, DiscoveryParameters
from domain.errors import BadRequest
from storage.matching import TableMatcher
from tests.clustering.planted import SCHEMA, planted

QUICK = Thoroughness(fit_rows=600, judge_rows=300, resamples=3, shuffles=3)


def run(
    table: pa.Table,
    parameters: DiscoveryParameters | None = None,
    schema: Schema = SCHEMA,
    tier: Callable[..., Found] = discover_statistically,
) -> Found:
    prepared = prepare(table, [schema[name] for name in table.column_names])
    matcher = TableMatcher(table, schema)
    try:
        if tier is discover_heuristically:
            return discover_heuristically(table, prepared, schema, matcher.meets)
        chosen = parameters or DiscoveryParameters(max_clusters=6)
        return discover_statistically(
            table, prepared, schema, chosen, matcher.meets, thoroughness=QUICK
        )
    finally:
        matcher.close()


@pytest.fixture(scope="module")
def found() -> Found:
    return run(planted()[0])


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_planted_clusters_become_cards(algorithm: Algorithm) -> None:
    table, labels = planted(900, seed=2)
    done = run(table, DiscoveryParameters(max_clusters=6, algorithm=algorithm))
    assert len(done.cards) == 3
    assert adjusted_rand_score(labels, done.labels) >= 0.9


def test_shuffled_columns_give_no_cards_and_say_so() -> None:
    table, _ = planted(900)
    rng = np.random.default_rng(1)
    mixed = pa.table(
        {name: table.column(name).take(rng.permutation(900)) for name in table.column_names}
    )
    done = run(mixed)
    assert done.cards == ()
    assert done.message.startswith("No natural segments")
    assert (done.labels == -1).all()


def test_everybody_is_on_one_card_and_the_largest_is_first(found: Found) -> None:
    sizes = [card.size for card in found.cards]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == len(found.labels)
    assert sum(card.percentage for card in found.cards) == pytest.approx(100)
    assert len({card.name for card in found.cards}) == len(sizes)
    assert [int((found.labels == place).sum()) for place in range(len(sizes))] == sizes


def test_rules_are_as_precise_as_the_card_says(found: Found) -> None:
    table, _ = planted()
    matcher = TableMatcher(table, SCHEMA)
    for place, card in enumerate(found.cards):
        rules = card.filter_rules
        assert rules is not None
        met = matcher.meets([rules.criteria])[:, 0]
        inside = found.labels == place
        assert rules.size == met.sum()
        assert rules.precision == pytest.approx((met & inside).sum() / met.sum())
        assert rules.recall == pytest.approx((met & inside).sum() / inside.sum())
        assert rules.precision > 0.9
        assert rules.recall > 0.9
    matcher.close()


def test_characteristics_are_those_of_the_segment(found: Found) -> None:
    table, _ = planted()
    recency = table.column("recency").to_numpy()
    for place, card in enumerate(found.cards):
        one = next(c for c in card.characteristics if c.feature == "recency")
        inside = found.labels == place
        assert one.value == pytest.approx(np.median(recency[inside]))
        assert one.population == pytest.approx(np.median(recency))
        auc = roc_auc_score(inside, recency)
        assert one.importance == pytest.approx(abs(2 * auc - 1))
        assert one.high == (auc >= 0.5)
        assert [c.importance for c in card.characteristics] == sorted(
            (c.importance for c in card.characteristics), reverse=True
        )
        assert f"{card.size:,}" in card.description


def test_superiority_is_the_auc_with_ties_counted_half() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 5, 60).astype(float)
    inside = rng.random(60) < 0.3
    pairs = [(a > b) + 0.5 * (a == b) for a in values[inside] for b in values[~inside]]
    ranks = np.array([(values < v).sum() + ((values == v).sum() + 1) / 2 for v in values])
    assert superiority(ranks, inside) == pytest.approx(np.mean(pairs))
    assert superiority(ranks, np.zeros(60, dtype=bool)) == 0.5


def test_few_rows_tell_no_segments() -> None:
    done = run(planted(40)[0])
    assert done.cards == ()
    assert "too few" in done.message


def test_clusters_are_numbered_by_size() -> None:
    labels = np.array([5, 5, -1, 2, 2, 2, 9])
    assert by_size(labels).tolist() == [1, 1, -1, 0, 0, 0, 2]


def test_the_heuristic_tier_cuts_the_widest_field_in_thirds() -> None:
    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "visits": rng.normal(100, 1, 600),
            "spend": pa.array(rng.lognormal(3, 1, 600), mask=np.arange(600) < 30),
        }
    )
    done = run(table, tier=discover_heuristically)
    assert [card.name for card in done.cards] == [
        "Low spend", "Mid spend", "High spend", "No known spend"
    ]  # fmt: skip
    assert [card.size for card in done.cards] == pytest.approx([190, 190, 190, 30], abs=6)
    assert sum(card.size for card in done.cards) == 600
    assert all(card.filter_rules and card.filter_rules.precision == 1 for card in done.cards)
    assert "Nothing says that these are natural groups" in done.message


def test_the_heuristic_tier_without_numbers_is_one_segment() -> None:
    table = pa.table({"colour": ["red", "green"] * 60})
    done = run(table, tier=discover_heuristically)
    (card,) = done.cards
    assert card.name == "All customers"
    assert (card.size, card.percentage) == (120, 100)
    assert "No field is numeric" in done.message


def test_the_same_seed_finds_the_same(found: Found) -> None:
    again = run(planted()[0])
    assert again.cards == found.cards
    assert np.array_equal(again.labels, found.labels)


def test_parameters_that_can_not_be_are_refused_by_name() -> None:
    usual = DiscoveryParameters()
    for values, field in (
        ({"min_clusters": 21}, "min_clusters"),
        ({"max_clusters": 51}, "max_clusters"),
        ({"algorithm": "dbscan"}, "algorithm"),
        ({"tier": "magic"}, "tier"),
        ({"min_clusters": 9}, "min_clusters"),
    ):
        with pytest.raises(BadRequest) as error:
            usual.overridden(**values)
        assert error.value.field == field
    assert usual.overridden(max_clusters=None) == usual


def fact(feature: str, high: bool, importance: float = 0.8, value: float = 1) -> Characteristic:
    field = STANDARD.get(feature) or Field(name=feature, type=FieldType.FLOAT)
    return Characteristic(
        feature=feature,
        label=field.text,
        value=value,
        population=2,
        importance=importance,
        high=high,
        text=f"{field.text} {value:g} (all: 2)",
    )


def test_suggestions_follow_from_what_sets_a_segment_apart() -> None:
    lapsed = fact("days_since_last_purchase", high=True)
    rich = fact("lifetime_value", high=True)
    assert "Win them back" in suggestion([lapsed, rich])
    assert "cheap win-back" in suggestion([lapsed])
    assert "randomised campaign" in suggestion([fact("shoe_size", high=True)])
