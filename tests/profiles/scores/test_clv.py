from __future__ import annotations

from dataclasses import replace

import numpy as np

from profiles.scores.clv import ClvModel, fit_clv
from profiles.scores.past import Past, Period
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
