import numpy as np
import pytest

from tests.uplift.trials import trial
from uplift.boosting import BinnedRows, Shape
from uplift.features import FeatureSpace
from uplift.stages import HEAVIEST, balancing, fit_common, fit_outcomes, impute

COMMON = Shape(4, 20, rows=20)
OWN = Shape(2, 10, rows=20, ridge=50)


@pytest.fixture(scope="module")
def made():
    """A trial in which the second trigger was not on offer to a third of the customers."""
    trial_ = trial(0, 3000, shares=(0.5, 0.3, 0.2))
    data, rng = trial_.data, np.random.default_rng(1)
    propensity = trial_.propensity.copy()
    propensity[rng.random(data.n) < 1 / 3] = (0.625, 0.375, 0)
    kept = propensity[np.arange(data.n), data.arm] > 0
    space = FeatureSpace.of(data.X)
    rows = BinnedRows(space.encode(data.X), space.categorical, 63, 1)
    return rows, np.flatnonzero(kept), data.arm, data.outcome, propensity


def models_of(made, common):
    rows, index, arm, outcome, propensity = made
    shared = fit_common(rows, index, outcome, common)
    return fit_outcomes(rows, index, arm, shared, propensity, (1, 2), OWN)


@pytest.mark.parametrize("common", [COMMON, None])
def test_merged_models_predict_what_the_parts_sum_to(made, common):
    rows, index = made[:2]
    models = models_of(made, common)
    merged = models.merged()
    expected = np.column_stack([merged[place].predict(rows.matrix[index]) for place in range(3)])
    np.testing.assert_allclose(models.outcomes(rows, 3, index), expected, atol=1e-9)


def test_beside_a_common_model_the_treated_are_imputed_row_by_row(made):
    rows, index, arm, outcome, propensity = made
    models = models_of(made, COMMON)
    control = models.merged()[0]
    found = impute(rows, index, arm, propensity, models)
    for place in (1, 2):
        treated = [i for i in index if arm[i] == place]
        assert found.rows[place].tolist() == treated
        for i, effect in zip(treated, found.effects[place], strict=True):
            untreated = control.predict(rows.matrix[i : i + 1])[0]
            assert effect == pytest.approx(outcome[i] - untreated, abs=1e-6)
    assert found.weights[2] is None  # a fifth of all to whom the trigger was on offer
    chance = propensity[found.rows[1], 1]
    np.testing.assert_allclose(found.weights[1], (1 / chance) / (1 / chance).mean())


@pytest.mark.slow
def test_without_a_common_model_both_sides_are_imputed_row_by_row(made):
    """Only controls who could have got the trigger join; weights are (1 - e)^2 and e^2."""
    rows, index, arm, outcome, propensity = made
    models = models_of(made, None)
    found = impute(rows, index, arm, propensity, models)
    for place in (1, 2):
        both = [i for i in index if arm[i] in (0, place) and propensity[i, place] > 0]
        assert found.rows[place].tolist() == both
        weights = []
        for i, effect in zip(both, found.effects[place], strict=True):
            other = 0 if arm[i] == place else place
            elsewhere = models.own[other].predict(rows.matrix[i : i + 1])[0]
            sign = 1 if arm[i] == place else -1
            assert effect == pytest.approx(sign * (outcome[i] - elsewhere), abs=1e-6)
            e = propensity[i, place] / (propensity[i, place] + propensity[i, 0])
            weights.append((1 - e) ** 2 if arm[i] == place else e**2)
        np.testing.assert_allclose(found.weights[place], np.array(weights) / np.mean(weights))


def test_weights_balance_an_arm_and_are_bounded():
    """Rows weighted by them stand for everyone; a constant chance needs none."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=50_000)
    chance = 1 / (1 + np.exp(-x))
    given = rng.random(50_000) < chance
    weight = balancing(chance[given])
    assert x[given].mean() > 0.3
    assert np.average(x[given], weights=weight) == pytest.approx(0, abs=0.03)
    assert balancing(np.full(9, 0.2)) is None
    bounded = balancing(np.r_[np.full(999, 0.5), 1e-9])
    assert bounded.max() / np.median(bounded) == pytest.approx(HEAVIEST)
