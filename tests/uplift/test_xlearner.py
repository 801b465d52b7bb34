import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from causalml.inference.meta import BaseXRegressor
from econml.metalearners import XLearner as EconmlXLearner
from lightgbm import LGBMRegressor
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from tests.uplift.trials import trial
from uplift.dataset import BadArm
from uplift.xlearner import XLearner

SHAPE = {"num_leaves": 8, "n_estimators": 60, "learning_rate": 0.1, "min_child_samples": 50}


class Known(LogisticRegression):
    """Stands in for econml's propensity model and returns the known chances."""

    def predict_proba(self, X):
        counts = np.array([self.share, 1 - self.share])
        return np.tile(counts / counts.sum(), (len(X), 1))

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.share = float(np.mean(y == self.classes_[0]))
        return self


@pytest.fixture(scope="module")
def numeric():
    made = trial(3, 12_000, shares=(0.5, 0.25, 0.25))
    # One decimal: then every library's bins are the values themselves, and the base models of
    # all three are the same, although only ours bins the rows of all arms together.
    X = made.data.X[[f"x{j}" for j in range(5)]].to_numpy(dtype=np.float64).round(1)
    return made, X


@pytest.fixture(scope="module")
def textbook(numeric):
    made, X = numeric
    learner = XLearner(**SHAPE, reg_lambda=0, max_bin=255, combination="textbook")
    return learner.fit(X, made.data.arm, made.data.outcome, np.array([0.5, 0.25, 0.25])).predict(X)


def peer(**more):
    return LGBMRegressor(**SHAPE, verbosity=-1, n_jobs=1, **more)


def test_textbook_form_agrees_with_causalml(numeric, textbook):
    made, X = numeric
    learner = BaseXRegressor(learner=peer(), control_name=0)
    chances = {1: np.full(len(X), 1 / 3), 2: np.full(len(X), 1 / 3)}
    learner.fit(X, made.data.arm, made.data.outcome, p=chances)
    effects = learner.predict(X, p=chances)
    for column in range(2):
        assert np.corrcoef(effects[:, column], textbook[:, column])[0, 1] > 0.98


def test_textbook_form_agrees_with_econml(numeric, textbook):
    made, X = numeric
    learner = EconmlXLearner(models=peer(), cate_models=peer(), propensity_model=Known())
    learner.fit(made.data.outcome, made.data.arm, X=X)
    for column in range(2):
        effects = learner.effect(X, T0=0, T1=column + 1)
        assert np.corrcoef(effects, textbook[:, column])[0, 1] > 0.98


def test_pooled_form_finds_the_effects():
    made = trial(1, 20_000)
    effects = XLearner().fit(made.data.X, made.data.arm, made.data.outcome).predict(made.data.X)
    for column in range(2):
        assert np.corrcoef(effects[:, column], made.effects[:, column])[0, 1] > 0.8
        assert effects[:, column].mean() == pytest.approx(made.effects[:, column].mean(), abs=0.02)


def test_effects_are_those_of_all_customers_where_propensities_differ():
    """Saturated models find the difference of the cell means, and a model too small for them the
    mean over all customers, not over those whom the arm was given to."""
    rng = np.random.default_rng(0)
    n = 8000
    x = (rng.random(n) < 0.5).astype(float)
    e = np.where(x == 1, 0.8, 0.2)
    arm = (rng.random(n) < e).astype(int)
    y = 0.1 * rng.normal(size=n) + arm * (1 + x)
    propensity = np.column_stack([1 - e, e])
    shape = {"n_estimators": 400, "learning_rate": 0.2, "reg_lambda": 0.0}
    learner = XLearner(num_leaves=2, min_child_samples=5, **shape)
    found = learner.fit(x[:, None], arm, y, propensity).predict(np.array([[0.0], [1.0]]))
    for value in (0.0, 1.0):
        treated, control = y[(arm == 1) & (x == value)], y[(arm == 0) & (x == value)]
        assert found[int(value), 0] == pytest.approx(treated.mean() - control.mean(), abs=0.01)
    constant = XLearner(num_leaves=2, min_child_samples=n, **shape)
    average = constant.fit(x[:, None], arm, y, propensity).predict(np.array([[0.0]]))
    assert average[0, 0] == pytest.approx(1.5, abs=0.05)


def test_labels_and_a_named_control():
    made = trial(2, 3000)
    data = made.data
    labels = np.array(data.arms)[data.arm]
    by_name = XLearner(control="none").fit(data.X, labels, data.outcome)
    by_code = XLearner().fit(data.X, data.arm, data.outcome)
    assert by_name.arms_ == ("none", "first", "second")
    np.testing.assert_array_equal(by_name.predict(data.X), by_code.predict(data.X))


def test_pandas_numpy_arrow_and_polars_give_the_same():
    made = trial(4, 3000)
    X = made.data.X[["x0", "x1", "x2", "gappy"]]
    learner = XLearner().fit(X, made.data.arm, made.data.outcome)
    expected = learner.predict(X)
    arrow = pa.Table.from_pandas(X)
    for frame in (arrow, pl.from_arrow(arrow)):
        again = XLearner().fit(frame, made.data.arm, made.data.outcome).predict(frame)
        np.testing.assert_array_equal(again, expected)
    matrix = X.to_numpy()
    plain = XLearner().fit(matrix, made.data.arm, made.data.outcome).predict(matrix)
    np.testing.assert_array_equal(plain, expected)


def test_it_is_a_scikit_learn_estimator():
    learner = XLearner(num_leaves=3, random_state=7)
    copy = clone(learner)
    assert copy.get_params() == learner.get_params()
    assert copy.set_params(num_leaves=5).num_leaves == 5


def test_fit_is_deterministic_and_returns_itself():
    made = trial(5, 2000)
    first, second = XLearner(), XLearner()
    assert first.fit(made.data.X, made.data.arm, made.data.outcome) is first
    second.fit(made.data.X, made.data.arm, made.data.outcome)
    np.testing.assert_array_equal(first.predict(made.data.X), second.predict(made.data.X))


def test_duplicated_rows_and_a_column_of_nan_do_no_harm():
    made = trial(6, 1500)
    X = pd.concat([made.data.X, made.data.X], ignore_index=True).assign(empty=np.nan)
    arm, y = np.tile(made.data.arm, 2), np.tile(made.data.outcome, 2)
    assert np.isfinite(XLearner().fit(X, arm, y).predict(X)).all()


def test_an_absent_control_is_named():
    with pytest.raises(BadArm, match="control 0"):
        XLearner().fit(np.zeros((4, 1)), np.array([1, 1, 2, 2]), np.arange(4.0))
