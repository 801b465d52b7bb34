import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.uplift.trials import trial
from uplift.boosting import BinnedRows, ScoredRows, Shape
from uplift.capacity import Capacity
from uplift.crossfit import crossfit, grouped_folds, single_split
from uplift.features import FeatureSpace
from uplift.stages import fit_x_models


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(2, 5), st.integers(0, 9))
def test_a_customer_is_in_one_fold(units, folds, seed):
    found = grouped_folds(np.array(units), folds, seed)
    assert found.min() >= 0
    assert found.max() < folds
    for unit in set(units):
        assert len({fold for fold, u in zip(found.tolist(), units, strict=True) if u == unit}) == 1


TINY = (
    Capacity("one", Shape(rows=20), (Shape(2, 20, rows=20), Shape(4, 20, rows=20))),
    Capacity("two", Shape(rows=20), (Shape(4, 20, rows=20),)),
)


def test_each_row_is_predicted_by_the_models_of_the_other_folds():
    data = trial(0, 2000).data
    space = FeatureSpace.of(data.X)
    rows = BinnedRows(space.encode(data.X), space.categorical, 63, 1)
    fold = grouped_folds(data.customer_id, 3, 0)
    common = (data.arm, data.outcome, data.propensity, (1, 2))
    found = crossfit(rows, *common, fold, TINY)
    for held in range(3):
        others = np.array([i for i in range(data.n) if fold[i] != held])
        mine = fold == held
        for capacity in TINY:
            models = fit_x_models(rows, others, *common, capacity)
            np.testing.assert_allclose(
                found.tau[capacity.name][mine],
                models.effects(ScoredRows(rows.matrix[mine]), 3),
                atol=1e-12,
            )
            np.testing.assert_allclose(
                found.mu[mine], models.outcomes(ScoredRows(rows.matrix[mine]), 3), atol=1e-12
            )


def test_an_outcome_changed_in_a_fold_leaves_that_fold_as_it_was():
    data = trial(1, 1500).data
    space = FeatureSpace.of(data.X)
    rows = BinnedRows(space.encode(data.X), space.categorical, 63, 1)
    fold = grouped_folds(data.customer_id, 3, 0)
    changed = np.where(fold == 1, 5.0, data.outcome)
    before, after = (
        crossfit(rows, data.arm, outcome, data.propensity, (1,), fold, TINY[1:]).tau["two"]
        for outcome in (data.outcome, changed)
    )
    np.testing.assert_array_equal(before[fold == 1], after[fold == 1])
    assert (before[fold != 1, 0] != after[fold != 1, 0]).any()
    assert np.isnan(before[:, 1]).all()


def test_rows_that_only_train_are_not_judged():
    data = trial(1, 1500).data
    space = FeatureSpace.of(data.X)
    rows = BinnedRows(space.encode(data.X), space.categorical, 63, 1)
    fold = single_split(data.n, 0)
    found = crossfit(rows, data.arm, data.outcome, data.propensity, (1,), fold, TINY)
    assert np.isfinite(found.mu[fold == 0][:, :2]).all()
    assert np.isnan(found.mu[fold < 0]).all()
