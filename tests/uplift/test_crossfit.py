import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.uplift.trials import trial
from uplift.boosting import BinnedRows, Shape
from uplift.crossfit import crossfit, grouped_folds
from uplift.features import FeatureSpace
from uplift.xlearner import fit_x_models


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(2, 5), st.integers(0, 9))
def test_a_customer_is_in_one_fold(units, folds, seed):
    found = grouped_folds(np.array(units), folds, seed)
    assert found.min() >= 0
    assert found.max() < folds
    for unit in set(units):
        assert len({fold for fold, u in zip(found.tolist(), units, strict=True) if u == unit}) == 1


def test_each_row_is_predicted_by_the_models_of_the_other_folds():
    data = trial(0, 2000).data
    space = FeatureSpace.of(data.X)
    rows = BinnedRows(space.encode(data.X), space.categorical, 63, 1)
    fold = grouped_folds(data.customer_id, 3, 0)
    shape = Shape(rows=20)
    found = crossfit(rows, data.arm, data.outcome, data.propensity, (1, 2), fold, shape)
    for held in range(3):
        others = np.array([i for i in range(data.n) if fold[i] != held])
        models = fit_x_models(rows, others, data.arm, data.outcome, data.propensity, (1, 2), shape)
        mine = fold == held
        np.testing.assert_array_equal(found.tau[mine], models.effects(rows.matrix[mine], 3, 1))
        np.testing.assert_array_equal(found.mu[mine], models.outcomes(rows.matrix[mine], 3, 1))


def test_an_outcome_changed_in_a_fold_leaves_that_fold_as_it_was():
    data = trial(1, 1500).data
    space = FeatureSpace.of(data.X)
    rows = BinnedRows(space.encode(data.X), space.categorical, 63, 1)
    fold = grouped_folds(data.customer_id, 3, 0)
    changed = np.where(fold == 1, 5.0, data.outcome)
    before, after = (
        crossfit(rows, data.arm, outcome, data.propensity, (1,), fold, Shape(rows=20))
        for outcome in (data.outcome, changed)
    )
    np.testing.assert_array_equal(before.tau[fold == 1], after.tau[fold == 1])
    assert (before.tau[fold != 1, 0] != after.tau[fold != 1, 0]).any()
    assert np.isnan(before.tau[:, 1]).all()
