"""The multi-treatment X-learner (Künzel, Sekhon, Bickel and Yu 2019) on rows binned once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from domain.errors import BadRequest
from uplift.boosting import BinnedRows, Shape, fit_booster, predict_booster
from uplift.dataset import BadArm, FloatArray, IntArray, LengthMismatch, checked_propensity
from uplift.features import FeatureSpace

Combination = Literal["pooled", "textbook"]


@dataclass(frozen=True)
class XModels:
    """The fitted stages: `outcome` by arm (0 the control), `effect` by arm (one or two models).

    A pooled effect model learns from the imputed effects of the treated and of the controls
    together; the textbook form keeps (model of the controls', model of the treated's) apart.
    """

    outcome: dict[int, lgb.Booster]
    effect: dict[int, tuple[lgb.Booster, ...]]

    def outcomes(self, matrix: NDArray[np.float32], arms: int, n_jobs: int) -> FloatArray:
        """mu (n, arms): the expected outcome under each arm, NaN for those not learned."""
        mu = np.full((len(matrix), arms), np.nan)
        for place, booster in self.outcome.items():
            mu[:, place] = predict_booster(booster, matrix, n_jobs)
        return mu

    def effects(
        self,
        matrix: NDArray[np.float32],
        arms: int,
        n_jobs: int,
        propensity: FloatArray | None = None,
    ) -> FloatArray:
        """tau (n, arms - 1): effects against the control, NaN for arms not learned.

        The textbook form needs `propensity` (n, arms): tau = e tau_control + (1 - e) tau_treated
        with e = p_a / (p_a + p_0).
        """
        tau = np.full((len(matrix), arms - 1), np.nan)
        for place, boosters in self.effect.items():
            parts = [predict_booster(booster, matrix, n_jobs) for booster in boosters]
            if len(parts) == 1:
                tau[:, place - 1] = parts[0]
                continue
            if propensity is None:
                raise BadRequest(
                    "The textbook combination needs the propensity of the rows to predict.",
                    remedy="Pass propensity=, or fit with combination='pooled'.",
                    field="propensity",
                )
            e = propensity[:, place] / (propensity[:, place] + propensity[:, 0])
            tau[:, place - 1] = e * parts[0] + (1 - e) * parts[1]
        return tau


def fit_x_models(
    rows: BinnedRows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    shape: Shape,
    combination: Combination = "pooled",
    seed: int = 0,
    n_jobs: int = 1,
) -> XModels:
    """Fit both stages for the triggers `arms` on the rows `index` (ascending) of `rows`.

    `arm`, `outcome` (n,) and `propensity` (n, arms) describe all rows. The control model meets
    the treated rows, and an arm's model the controls, only as rows it never trained on, so that
    the imputed effects need no further cross-fitting. In the pooled form rows are weighted by
    e^2 (controls) and (1 - e)^2 (treated): at any x a leaf then averages the two imputed effects
    with the weights e and 1 - e of Künzel et al.
    """
    by_arm = {place: index[arm[index] == place] for place in (0, *arms)}
    models: dict[int, lgb.Booster] = {}
    for place, chosen in by_arm.items():
        subset = rows.subset(chosen)
        models[place] = fit_booster(subset, outcome[chosen], None, shape, seed, n_jobs)
    effect: dict[int, tuple[lgb.Booster, ...]] = {}
    controls = by_arm[0]
    for place in arms:
        treated = by_arm[place]
        of_controls = (
            predict_booster(models[place], rows.matrix[controls], n_jobs) - outcome[controls]
        )
        of_treated = outcome[treated] - predict_booster(models[0], rows.matrix[treated], n_jobs)
        if combination == "textbook":
            effect[place] = (
                fit_booster(rows.subset(controls), of_controls, None, shape, seed, n_jobs),
                fit_booster(rows.subset(treated), of_treated, None, shape, seed, n_jobs),
            )
            continue
        both = np.concatenate([controls, treated])
        order = np.argsort(both, kind="stable")
        both = both[order]
        e = propensity[both, place] / (propensity[both, place] + propensity[both, 0])
        weight = np.where(arm[both] == 0, e**2, (1 - e) ** 2)
        imputed = np.concatenate([of_controls, of_treated])[order]
        effect[place] = (
            fit_booster(rows.subset(both), imputed, weight / weight.mean(), shape, seed, n_jobs),
        )
    return XModels(models, effect)


class XLearner(BaseEstimator):  # type: ignore[misc]
    """Multi-treatment X-learner with one shared control model, as a scikit-learn estimator.

    Few leaves by default: see `Shape`. `min_child_samples` None takes 200 rows a leaf, or a
    fortieth of the smallest arm where that is less. `combination` "pooled" trains one effect
    model an arm on its own and the control rows; "textbook" trains the two of the paper and
    mixes them by the propensity at prediction. `control` is the label of the control where `arm`
    holds labels; otherwise `arm` holds integers, 0 the control.

    After `fit`: `arms_` (labels, the control first), `models_`, `features_`, `shape_`.
    """

    def __init__(
        self,
        *,
        num_leaves: int = 4,
        n_estimators: int = 100,
        learning_rate: float = 0.08,
        min_child_samples: int | None = None,
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
        chances = checked_propensity(given, len(codes), len(labels))
        rows_a_leaf = self.min_child_samples or default_rows_a_leaf(sizes)
        self.shape_ = Shape(
            self.num_leaves, self.n_estimators, self.learning_rate, rows_a_leaf, self.max_bin
        )
        self.features_ = FeatureSpace.of(frame)
        rows = BinnedRows(
            self.features_.encode(frame), self.features_.categorical, self.max_bin, self.n_jobs
        )
        self.arms_ = labels
        self.constant_propensity_ = chances[0] if (chances == chances[0]).all() else None
        self.models_ = fit_x_models(
            rows,
            np.arange(len(codes)),
            codes,
            outcome,
            chances,
            range(1, len(labels)),
            self.shape_,
            self.combination,
            self.random_state,
            self.n_jobs,
        )
        return self

    def predict(self, X: Any, propensity: ArrayLike | None = None) -> FloatArray:
        """Effects (n, arms - 1) against the control, in the order of `arms_[1:]`.

        `propensity` matters to the textbook combination only, where fit had one a row.
        """
        check_is_fitted(self, "models_")
        matrix = self.features_.encode(as_frame(X))
        given = self.constant_propensity_ if propensity is None else propensity
        chances = None
        if given is not None:
            chances = checked_propensity(given, len(matrix), len(self.arms_))
        return self.models_.effects(matrix, len(self.arms_), self.n_jobs, chances)

    def predict_outcomes(self, X: Any) -> FloatArray:
        """Expected outcomes (n, arms) under each arm, the control first."""
        check_is_fitted(self, "models_")
        matrix = self.features_.encode(as_frame(X))
        return self.models_.outcomes(matrix, len(self.arms_), self.n_jobs)


def default_rows_a_leaf(sizes: NDArray[Any]) -> int:
    """200 rows a leaf, fewer where the smallest arm is small: a fortieth of it, at least 5."""
    return int(np.clip(sizes[sizes > 0].min() // 40, 5, 200))


def as_frame(X: Any) -> pd.DataFrame:
    """Numpy arrays, Arrow tables and polars frames as a pandas frame; pandas as it is."""
    if isinstance(X, pd.DataFrame):
        return X
    if hasattr(X, "to_pandas"):
        return pd.DataFrame(X.to_pandas())
    matrix = np.asarray(X)
    return pd.DataFrame(matrix, columns=[f"x{place}" for place in range(matrix.shape[1])])


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
