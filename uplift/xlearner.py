"""XLearner: the multi-treatment X-learner as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from uplift.boosting import BinnedRows, Rows, ScoredRows, Shape
from uplift.capacity import (
    MANY,
    RIDGE,
    Capacity,
    CapacityTrial,
    choose_capacity,
    common_shape,
    default_rows_a_leaf,
    ladder,
    r_loss,
)
from uplift.crossfit import crossfit, grouped_folds, single_split
from uplift.dataset import BadArm, FloatArray, IntArray, LengthMismatch, checked_propensity
from uplift.features import FeatureSpace
from uplift.stages import Combination, fit_x_models
from uplift.textbook import fit_textbook


class XLearner(BaseEstimator):  # type: ignore[misc]
    """Multi-treatment X-learner (Künzel et al. 2019) with one shared control model.

    `num_leaves` None chooses the capacity by cross-validated R-loss among a few small ones (see
    `capacity.ladder`), which `capacity_` and `trials_` report. With `num_leaves` given, every
    model has that shape; `min_child_samples` None then takes `capacity.default_rows_a_leaf`.
    `combination` "pooled" has outcome models that share one of all arms (see `stages`); "textbook"
    trains the models of the paper and mixes them by the propensity at prediction (it needs
    `num_leaves`; 4 if None). `control` is the label of the control where `arm` holds labels;
    otherwise `arm` holds integers, 0 the control.

    After `fit`: `arms_` (labels, the control first), `models_`, `features_`, `capacity_`,
    `trials_`.
    """

    def __init__(
        self,
        *,
        num_leaves: int | None = None,
        n_estimators: int = 100,
        learning_rate: float = 0.08,
        min_child_samples: int | None = None,
        reg_lambda: float = RIDGE,
        max_bin: int = 63,
        combination: Combination = "pooled",
        control: Any = None,
        n_jobs: int = 1,
        random_state: int = 0,
    ) -> None:
        self.num_leaves = num_leaves
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.min_child_samples = min_child_samples
        self.reg_lambda = reg_lambda
        self.max_bin = max_bin
        self.combination = combination
        self.control = control
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self, X: Any, arm: ArrayLike, y: ArrayLike, propensity: ArrayLike | None = None
    ) -> Self:
        """Learn the effects of every arm against the control.

        X: numpy, pandas, Arrow or polars, (n, features), NaN and categories as they are. arm (n,).
        y (n,). propensity (n, arms) or (arms,), columns in the order of `arms_`; None takes the
        arms' shares, which is right only where assignment was randomised alike for everyone.
        Raises BadArm, LengthMismatch, BadPropensity or BadFeature.
        """
        frame = as_frame(X)
        codes, labels = _coded(np.asarray(arm), self.control)
        outcome = np.asarray(y, dtype=np.float64)
        if not len(frame) == len(codes) == len(outcome):
            raise LengthMismatch(
                f"X has {len(frame)} rows, arm {len(codes)} and y {len(outcome)}.",
                remedy="Give one arm and one outcome a row.",
            )
        sizes = np.bincount(codes, minlength=len(labels))
        given = sizes / sizes.sum() if propensity is None else propensity
        chances = checked_propensity(given, codes, len(labels))
        self.features_ = FeatureSpace.of(frame)
        rows = BinnedRows(
            self.features_.encode(frame), self.features_.categorical, self.max_bin, self.n_jobs
        )
        self.arms_ = labels
        self.constant_propensity_ = chances[0] if (chances == chances[0]).all() else None
        self.trials_: tuple[CapacityTrial, ...] = ()
        if self.num_leaves is None and self.combination == "pooled":
            self.capacity_ = self._chosen(rows, codes, outcome, chances, sizes)
        else:
            self.capacity_ = self._given(sizes)
        everyone, arms = np.arange(len(codes)), range(1, len(labels))
        common = (rows, everyone, codes, outcome, chances, arms)
        if self.combination == "pooled":
            self.models_ = fit_x_models(*common, self.capacity_, self.random_state)
            return self
        self.models_ = fit_textbook(
            rows, codes, outcome, arms, self.capacity_.outcome, self.random_state
        )
        return self

    def _given(self, sizes: NDArray[Any]) -> Capacity:
        shape = Shape(
            self.num_leaves or 4,
            self.n_estimators,
            self.learning_rate,
            self.min_child_samples or default_rows_a_leaf(sizes),
            self.max_bin,
            self.reg_lambda,
        )
        return Capacity("given", shape, (shape,), common_shape(sizes, self.max_bin))

    def _chosen(
        self,
        rows: Rows,
        arm: IntArray,
        outcome: FloatArray,
        propensity: FloatArray,
        sizes: NDArray[Any],
    ) -> Capacity:
        capacities = ladder(sizes, self.max_bin)
        n, arms = len(arm), range(1, len(sizes))
        if n < MANY:
            fold = grouped_folds(np.arange(n), 3, self.random_state)
        else:
            fold = single_split(n, self.random_state)
        judged = np.flatnonzero(fold >= 0)
        found = crossfit(rows, arm, outcome, propensity, arms, fold, capacities, self.random_state)
        losses = {
            name: r_loss(
                tau[judged], found.mu[judged], arm[judged], outcome[judged],
                propensity[judged], arms,
            )
            for name, tau in found.tau.items()
        }  # fmt: skip
        name, self.trials_ = choose_capacity(losses, capacities[0].name, None)
        return next(item for item in capacities if item.name == name)

    def predict(self, X: Any, propensity: ArrayLike | None = None) -> FloatArray:
        """Effects (n, arms - 1) against the control, in the order of `arms_[1:]`.

        `propensity` matters to the textbook combination only, where fit had one a row.
        """
        check_is_fitted(self, "models_")
        matrix = self.features_.encode(as_frame(X))
        given = self.constant_propensity_ if propensity is None else propensity
        chances = None
        if given is not None:
            held_out = np.zeros(len(matrix), dtype=np.int64)
            chances = checked_propensity(given, held_out, len(self.arms_))
        rows = ScoredRows(matrix, self.n_jobs)
        return self.models_.effects(rows, len(self.arms_), propensity=chances)

    def predict_outcomes(self, X: Any) -> FloatArray:
        """Expected outcomes (n, arms) under each arm, the control first."""
        check_is_fitted(self, "models_")
        matrix = self.features_.encode(as_frame(X))
        return self.models_.outcomes(ScoredRows(matrix, self.n_jobs), len(self.arms_))


def as_frame(X: Any) -> pd.DataFrame:
    """Numpy arrays, Arrow tables and polars frames as a pandas frame; pandas as it is."""
    if isinstance(X, pd.DataFrame):
        return X
    if hasattr(X, "to_pandas"):
        return pd.DataFrame(X.to_pandas())
    matrix = np.asarray(X)
    names = [f"x{place}" for place in range(matrix.shape[1])]
    return pd.DataFrame(matrix, columns=names, copy=False)


def _coded(arm: NDArray[Any], control: Any) -> tuple[IntArray, tuple[Any, ...]]:
    labels, codes = np.unique(arm, return_inverse=True)
    first = 0 if control is None else control
    if first not in labels.tolist():
        raise BadArm(
            f"No row is in the control {first!r}; arms are {labels.tolist()}.",
            remedy="Code the control as 0, or name it by control=.",
            field="arm",
        )
    if len(labels) < 2:
        raise BadArm("Every row is in the control.", remedy="Give treated rows.", field="arm")
    place = labels.tolist().index(first)
    order = [place, *(other for other in range(len(labels)) if other != place)]
    return np.argsort(order)[codes].astype(np.int64), tuple(labels[order].tolist())
