from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from domain.errors import BadRequest, NotFound
from tests.uplift.test_learning import FAST
from tests.uplift.trials import halves, profiles, trial
from uplift.explain import Comparison, contrast, drivers, shap_values
from uplift.learning import learn
from uplift.policy import Economics, best_choice
from uplift.standings import changes, standings


def holds(fact, value):
    """Whether a value of the fact's field makes it true, one value at a time."""
    if pd.isna(value):
        return fact.comparison is Comparison.MISSING
    if fact.comparison is Comparison.EQUAL:
        return str(value) == str(fact.value) if isinstance(fact.value, str) else value == fact.value
    if fact.comparison is Comparison.AT_LEAST:
        return value >= fact.value
    return fact.comparison is Comparison.BELOW and value < fact.value


def test_every_number_of_every_fact_is_counted_from_the_data():
    X = profiles(np.random.default_rng(0), 3000)
    inside = ((X["x1"] > 0.5) & (X["city"] == "Rome")).to_numpy() | X["gappy"].isna().to_numpy()
    facts = contrast(X, inside, ~inside, least=0.0, sure=0.0)
    assert {fact.field for fact in facts} >= {"x1", "city", "gappy"}
    for fact in facts:
        has = [holds(fact, value) for value in X[fact.field]]
        assert fact.inside_count == sum(h for h, i in zip(has, inside, strict=True) if i)
        assert fact.against_count == sum(h for h, i in zip(has, inside, strict=True) if not i)
        assert fact.inside_n == inside.sum()
        assert fact.against_n == (~inside).sum()
    strengths = [fact.strength for fact in facts]
    assert strengths == sorted(strengths, reverse=True)


def test_what_made_the_segment_comes_first():
    X = profiles(np.random.default_rng(1), 4000)
    inside = (X["x3"] < -0.5).to_numpy()
    first = contrast(X, inside, ~inside)[0]
    assert first.field == "x3"
    assert first.comparison is Comparison.BELOW
    assert first.inside_share > 0.9


def test_noise_is_no_fact():
    X = profiles(np.random.default_rng(2), 2000)
    inside = np.random.default_rng(3).random(2000) < 0.3
    assert contrast(X, inside, ~inside) == ()


def test_an_empty_group_can_not_be_contrasted():
    X = profiles(np.random.default_rng(0), 10)
    with pytest.raises(BadRequest):
        contrast(X, np.zeros(10, dtype=bool), np.ones(10, dtype=bool))


@pytest.fixture(scope="module")
def learned():
    made = trial(0, 16_000)
    return made, learn(*halves(made.data, 0), Economics.free(2), FAST).model


def test_the_driver_of_the_effect_is_not_the_driver_of_the_outcome(learned):
    made, model = learned
    first, second = drivers(model, made.data.X, "first"), drivers(model, made.data.X, "second")
    assert first[0].field == "x1"
    assert first[0].direction > 0
    assert second[0].field == "x1"
    assert second[0].direction < 0


def test_shap_values_add_up_to_the_delivered_effect(learned):
    made, model = learned
    X = made.data.X.iloc[:300]
    values = shap_values(model, X, "first").sum(axis=1)
    effects = model.score(X).effects[:, 0]
    np.testing.assert_allclose(values - values[0], effects - effects[0], atol=1e-9)


def test_an_unknown_trigger_has_no_drivers(learned):
    made, model = learned
    with pytest.raises(NotFound, match="third"):
        drivers(model, made.data.X, "third")


def test_standings_name_choice_runner_up_and_margin():
    found = standings(np.array([[0.3, 0.1], [-0.2, -0.1], [np.nan, 0.2]]))
    assert found.choice.tolist() == [1, 0, 2]
    assert found.runner_up.tolist() == [2, 2, 0]
    np.testing.assert_allclose(found.margin, [0.2, 0.1, 0.2])


@pytest.mark.parametrize("among", [None, ["second"]])
def test_a_change_named_does_change_the_recommendation(learned, among):
    made, model = learned
    model = replace(model, economics=Economics(1.0, (0.04, 0.04), (0.0, 0.0)))

    def best(X):
        net = model.score(X).net_values
        if among is not None:
            net[:, 0] = -np.inf
        return int(best_choice(net)[0])

    by_x1 = []
    for place in range(5, 12):
        customer = made.data.X.iloc[[place]]
        found = changes(model, customer, made.data.X, among)
        for change in found:
            other = customer.copy()
            other[change.field] = (
                pd.Categorical([change.value]) if isinstance(change.value, str) else change.value
            )
            assert best(other) == change.choice != best(customer)
        distances = [change.distance for change in found]
        assert distances == sorted(distances)
        by_x1 += [(customer, change) for change in found if change.field == "x1"]
    assert by_x1
    for customer, change in by_x1:
        low, high = sorted([change.value, customer["x1"].iloc[0]])
        between = [low <= value < high for value in made.data.X["x1"]]
        assert change.distance == pytest.approx(np.mean(between))


def test_a_gap_can_be_changed_too(learned):
    made, model = learned
    customer = made.data.X.iloc[[5]].assign(x1=np.nan)
    found = [change for change in changes(model, customer, made.data.X) if change.field == "x1"]
    assert [change.distance for change in found] == [1.0]
