import lightgbm as lgb
import numpy as np
import pytest

from uplift.boosting import BinnedRows, ScoredRows, Shape, summed


@pytest.fixture(scope="module")
def rows():
    """Numbers, gaps and codes of categories."""
    rng = np.random.default_rng(0)
    gappy = np.where(rng.random(3000) < 0.3, np.nan, rng.normal(size=3000))
    X = np.column_stack([rng.normal(size=3000), gappy, rng.integers(0, 40, size=3000)])
    return BinnedRows(X.astype(np.float32), (2,), 63, 1)


def outcome(rows):
    X = np.nan_to_num(rows.matrix.astype(float), nan=1.0)
    return X[:, 0] * X[:, 1] + X[:, 2] % 3


@pytest.mark.parametrize("leaves", [(4, 2), (2, 9)])
def test_a_sum_of_boosters_predicts_their_sum_and_comes_back_from_its_text(rows, leaves):
    everyone, y = np.arange(3000), outcome(rows)
    first, second = (
        rows.fit(everyone, y + number, None, Shape(count, 20, rows=20), 0)
        for number, count in enumerate(leaves)
    )
    both = summed(first, second)
    expected = first.predict(rows.matrix) + second.predict(rows.matrix)
    np.testing.assert_allclose(both.predict(rows.matrix), expected, atol=1e-12)
    np.testing.assert_allclose(ScoredRows(rows.matrix).score([both])[:, 0], expected, atol=1e-6)
    again = lgb.Booster(model_str=both.model_to_string())
    np.testing.assert_array_equal(again.predict(rows.matrix), both.predict(rows.matrix))
    parts = both.predict(rows.matrix, pred_contrib=True).sum(axis=1)
    np.testing.assert_allclose(parts, expected, atol=1e-9)


def test_a_model_that_never_split_adds_its_constant(rows):
    everyone, y = np.arange(3000), outcome(rows)
    split = rows.fit(everyone, y, None, Shape(4, 5, rows=20), 0)
    constant = rows.fit(everyone, np.full(3000, 2.5), None, Shape(4, 5, rows=20), 0)
    for pair in ((split, constant), (constant, split)):
        found = summed(*pair).predict(rows.matrix)
        np.testing.assert_allclose(found, split.predict(rows.matrix) + 2.5, atol=1e-9)


def test_ridge_averages_a_leaf_with_rows_of_no_effect():
    """One stump on two levels: each leaf divides its sum by its rows and the ridge."""
    x = np.repeat([0.0, 1.0], 500)[:, None].astype(np.float32)
    label = np.where(x[:, 0] == 1, 1.0, -1.0)
    found = BinnedRows(x, (), 63, 1).fit(
        np.arange(1000), label, None, Shape(2, 1, rate=1.0, rows=5, ridge=500.0), 0
    )
    np.testing.assert_allclose(found.predict(x), label * 500 / (500 + 500), atol=1e-6)


def test_a_fit_is_lightgbms_on_the_subset_by_a_list_of_its_rows(rows):
    index = np.flatnonzero(np.random.default_rng(1).random(3000) < 0.4)
    y, weight = outcome(rows)[index], np.random.default_rng(2).random(len(index)) + 0.5
    shape = Shape(4, 20, rows=20)
    found = rows.fit(index, y, weight, shape, 0)
    # The slow twin: the same bins by LightGBM's own list of rows.
    subset = rows._dataset.subset(index.tolist()).construct()
    subset.set_label(y.astype(np.float32))
    subset.set_weight(weight.astype(np.float32))
    slow = lgb.train(shape.parameters(0, 1, len(index), [True] * 3), subset, shape.rounds)
    assert found.model_to_string() == slow.model_to_string()


def test_many_rows_are_counted_row_by_row_with_the_same_result(rows, monkeypatch):
    everyone, y, shape = np.arange(3000), outcome(rows), Shape(8, 20, rows=20)
    by_column = rows.fit(everyone, y, None, shape, 0)
    monkeypatch.setattr("uplift.boosting.MANY", 3000)
    by_row = rows.fit(everyone, y, None, shape, 0)
    assert "force_row_wise: 1" in by_row.model_to_string()
    np.testing.assert_allclose(by_row.predict(rows.matrix), by_column.predict(rows.matrix))
