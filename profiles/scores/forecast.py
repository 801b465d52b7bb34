"""A gradient-boosted forecast of what a customer does next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from profiles.scores.features import Matrix

Floats = NDArray[np.float64]
Objective = Literal["poisson", "tweedie", "binary", "cross_entropy", "multiclass"]


@dataclass(frozen=True)
class Forecast:
    """A fitted forecast, as LightGBM's own text."""

    text: str

    @cached_property
    def _booster(self) -> lgb.Booster:
        return lgb.Booster(model_str=self.text)

    def predict(self, X: Matrix) -> Floats:
        """The expected outcome of each row: (n,), or (n, classes) for several classes."""
        if len(X) == 0:
            classes = self._booster.num_model_per_iteration()
            return np.empty((0, classes) if classes > 1 else 0)
        return np.asarray(self._booster.predict(X, num_threads=1), dtype=np.float64)

    def predict_from(self, X: Matrix, start: Floats) -> Floats:
        """The same for a forecast that was fitted from a start: an expected number (n,), or, for
        several classes, values in the order of their probabilities (n, classes)."""
        if len(X) == 0:
            return np.empty_like(start)
        raw = self._booster.predict(X, raw_score=True, num_threads=1)
        return np.asarray(np.exp(np.asarray(raw) + np.log(start)), dtype=np.float64)


def fit_forecast(
    X: Matrix,
    y: Floats,
    objective: Objective,
    *,
    seed: int,
    weight: Floats | None = None,
    start: Floats | None = None,
    classes: int = 1,
    rounds: int = 100,
    threads: int = 1,
) -> Forecast:
    """Small trees, slowly. `start`, all positive, is what another model expects, (n,) or one for
    each class: the trees then learn by what factor that is wrong (objectives with a log link)."""
    parameters = {
        "objective": objective,
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": max(20, min(100, len(y) // 50)),
        "feature_fraction": 0.7,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 1.0,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "verbosity": -1,
    }
    if classes > 1:
        parameters["num_class"] = classes
    before = None if start is None else np.log(start)
    data = lgb.Dataset(X, label=y, weight=weight, init_score=before, params={"verbosity": -1})
    return Forecast(lgb.train(parameters, data, num_boost_round=rounds).model_to_string())


def out_of_fold(
    X: Matrix, y: Floats, objective: Objective, *, seed: int, folds: int = 3, threads: int = 1
) -> Floats:
    """The forecast of each row by a model that did not see it."""
    fold = np.random.default_rng(seed).integers(0, folds, len(y))
    predicted = np.empty(len(y))
    for number in range(folds):
        held = fold == number
        model = fit_forecast(X[~held], y[~held], objective, seed=seed, threads=threads)
        predicted[held] = model.predict(X[held])
    return predicted
