from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.profiles_cdnow import EARLIER, LATER, measure, predictions, read_orders
from profiles.scores.clv import ClvModel, fit_clv
from profiles.scores.features import Vocabulary
from profiles.scores.labels import label_bucket
from profiles.scores.past import Past, Period, lesson
from profiles.scores.protocol import Unscored
from tests.profiles.scores.conftest import Learned


def test_the_better_of_both_is_kept_and_finds_who_spends(learned: Learned) -> None:
    model = learned.models.models["clv_score"]
    assert isinstance(model, ClvModel)
    figures = model.evaluation.figures
    trees_better = figures["rank_correlation_boosted"] > figures["rank_correlation_btyd"]
    assert (model.boosted is not None) == trees_better
    assert max(figures["rank_correlation_boosted"], figures["rank_correlation_btyd"]) > 0.3


def _shuffled(past: Past, seed: int) -> Past:
    """The earlier period's spending belongs to other people: there is nothing to learn from it."""
    revenue = past.earlier.outcome("revenue")
    outcomes = past.earlier.outcomes
    place = outcomes.schema.get_field_index("revenue")
    mixed = np.random.default_rng(seed).permutation(revenue)
    wrong = outcomes.set_column(place, "revenue", [mixed])
    return replace(past, earlier=replace(past.earlier, outcomes=wrong))


def test_trees_that_learned_nonsense_give_way_to_buy_till_you_die(learned: Learned) -> None:
    model = fit_clv(_shuffled(learned.past(Period.VALUE), seed=1))
    assert isinstance(model, ClvModel)
    assert model.boosted is None
    assert model.evaluation.words.startswith("In use: buy-till-you-die,")


def test_without_orders_there_is_no_value(learned: Learned) -> None:
    past = learned.past(Period.VALUE)
    outcomes = past.later.outcomes
    place = outcomes.schema.get_field_index("revenue")
    unknown = outcomes.set_column(place, "revenue", [[None] * outcomes.num_rows])
    assert fit_clv(replace(past, later=replace(past.later, outcomes=unknown))) == Unscored(
        "There are no orders."
    )


@pytest.mark.real_data
def test_cdnow_first_39_weeks_predict_the_next_39(shared_data: Path) -> None:
    found, actual = predictions(read_orders(shared_data / "cdnow" / "CDNOW_master.txt"))
    measured = {name: measure(predicted, actual) for name, predicted in found.items()}
    assert len(actual) == 23_570
    alone, upon = measured["buy till you die"], measured["trees upon buy till you die"]
    # What the paper's figures lead one to expect, and what any contender must beat.
    everyone_alike = np.mean(np.abs(actual - actual.mean()))
    for one in (alone, upon):
        assert one["mae"] < 0.8 * everyone_alike
        assert one["rank_correlation"] > 0.42
    assert upon["rank_correlation"] > alone["rank_correlation"]
    assert upon["mae"] < measured["trees alone"]["mae"]


@pytest.mark.slow
@pytest.mark.real_data
def test_cdnow_by_the_products_own_choice(shared_data: Path) -> None:
    tables = read_orders(shared_data / "cdnow" / "CDNOW_master.txt")
    given = [lesson(label_bucket(tables, cut), Vocabulary(), threads=1) for cut in (EARLIER, LATER)]
    model = fit_clv(Past(given[0], given[1], given[1].given, seed=0, threads=1))
    assert isinstance(model, ClvModel)
    figures = model.evaluation.figures
    assert (model.boosted is not None) == (
        figures["rank_correlation_boosted"] > figures["rank_correlation_btyd"]
    )
    # Nobody's value is negative, and who bought most and lately is near the top.
    expected = model.expected(given[1].given)
    assert np.all(expected >= 0)
    orders = given[1].given.profiles.column("lifetime_orders").to_numpy()
    recent = given[1].given.profiles.column("days_since_last_purchase").to_numpy() < 30
    assert np.median(expected[(orders >= 5) & recent]) > 5 * np.median(expected)
