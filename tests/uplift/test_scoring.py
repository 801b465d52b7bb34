import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uplift.scoring import CHUNK, Forest, _rounded_down


def rows(seed, n):
    """Numbers, counts with zeros, gaps, and codes of categories, as float32."""
    rng = np.random.default_rng(seed)
    gappy = np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    columns = [rng.normal(size=n), rng.poisson(1, size=n), gappy, rng.integers(0, 40, size=n)]
    return np.column_stack(columns).astype(np.float32)


def booster(leaves, seed=0, **more):
    rng = np.random.default_rng(seed)
    X = rows(seed, 4000)
    y = X[:, 0] * X[:, 1] + np.nan_to_num(X[:, 2], nan=1.0) + X[:, 3] % 3 + rng.normal(size=4000)
    parameters = {"num_leaves": leaves, "verbosity": -1, "num_threads": 1, "seed": seed, **more}
    data = lgb.Dataset(X, label=y, categorical_feature=[3], params={"verbosity": -1})
    return lgb.train(parameters, data, num_boost_round=15)


@pytest.mark.parametrize("leaves", [2, 3, 4, 8, 9, 31])
@pytest.mark.parametrize("more", [{}, {"zero_as_missing": True}, {"use_missing": False}])
def test_scores_equal_lightgbms_own(leaves, more):
    own = [booster(leaves, seed, **more) for seed in (0, 1)]
    X = rows(7, 3000)
    X[:20] = np.nan
    X[20:40, 3] = [-1, 41, 1e6, 0.5] * 5
    X[40:60] = 0
    expected = np.column_stack([one.predict(X, num_threads=1) for one in own])
    np.testing.assert_allclose(Forest.of(own).score(X), expected, atol=1e-6, rtol=0)


def test_chosen_rows_and_threads_change_nothing():
    forest = Forest.of([booster(4)])
    X = rows(3, CHUNK + 777)
    chosen = np.random.default_rng(0).integers(0, len(X), size=CHUNK + 99)
    whole = forest.score(X)
    np.testing.assert_array_equal(forest.score(X, chosen), whole[chosen])
    np.testing.assert_array_equal(forest.score(X, n_jobs=2), whole)


def test_a_booster_that_never_split_is_a_constant():
    data = lgb.Dataset(np.zeros((50, 4)), label=np.ones(50), params={"verbosity": -1})
    constant = lgb.train({"verbosity": -1}, data, num_boost_round=3)
    found = Forest.of([constant, booster(4)]).score(rows(0, 10))
    np.testing.assert_allclose(found[:, 0], constant.predict(np.zeros((10, 4))))


@settings(max_examples=300)
@given(st.floats(-1e30, 1e30), st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_rounding_the_threshold_down_keeps_every_decision(threshold, value):
    assert (np.float32(value) <= _rounded_down(threshold)) == (float(value) <= threshold)
