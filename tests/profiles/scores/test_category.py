from __future__ import annotations

from dataclasses import replace

from profiles.scores.category import CategoryModel, fit_category
from profiles.scores.features import Vocabulary
from profiles.scores.past import Period
from profiles.scores.protocol import Unscored
from tests.profiles.scores.conftest import Learned


def test_the_favourite_is_found(learned: Learned) -> None:
    model = learned.models.models["predicted_next_purchase_category"]
    assert isinstance(model, CategoryModel)
    figures = model.evaluation.figures
    assert figures["accuracy"] > figures["accuracy_of_the_commonest_category"] + 0.2
    assert figures["accuracy"] > figures["accuracy_of_the_category_bought_most"] - 0.05


def test_too_few_buyers_or_categories(learned: Learned) -> None:
    past = learned.past(Period.QUARTER)
    few = fit_category(past, Vocabulary(categories=("hats",)))
    assert isinstance(few, Unscored) and "two categories" in few.reason
    outcomes = past.later.outcomes
    place = outcomes.schema.get_field_index("next_category")
    nobody = outcomes.set_column(place, "next_category", [[None] * outcomes.num_rows])
    found = fit_category(
        replace(past, later=replace(past.later, outcomes=nobody)), learned.models.vocabulary
    )
    assert isinstance(found, Unscored) and found.reason.startswith("Only 0 customers")
