import numpy as np
import pandas as pd
import pytest

from domain.errors import BadRequest, NotFound
from tests.uplift.test_learning import FAST
from tests.uplift.trials import halves, profiles, trial
from uplift.explain import Comparison, changes, contrast, drivers, shap_values, standings
from uplift.learning import learn
from uplift.policy import Economics


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
    assert [(item.choice, item.runner_up) for item in found] == [(1, 2), (0, 2), (2, 0)]
    assert [item.margin for item in found] == pytest.approx([0.2, 0.1, 0.2])


def test_a_change_named_does_change_the_recommendation(learned):
    made, model = learned
    customer = made.data.X.iloc[[5]]
    found = changes(model, customer, made.data.X)
    assert "x1" in {change.field for change in found}
    now = model.score(customer).best[0]
    for change in found:
        other = customer.copy()
        other[change.field] = (
            pd.Categorical([change.value]) if isinstance(change.value, str) else change.value
        )
        best = model.score(other).best[0]
        assert best == change.choice
        assert best != now
