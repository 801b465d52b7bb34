"""Estimated propensities for campaigns whose assignment is not known, and where they overlap."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from uplift.dataset import FloatArray, IntArray

CLIP = 0.01
"""Least propensity: beyond it one row would weigh more than a hundred."""


@dataclass(frozen=True)
class PropensityModel:
    """A multinomial LightGBM for the arm, sharpened or softened by one temperature."""

    booster: lgb.Booster
    temperature: float
    n_jobs: int

    def predict(self, matrix: NDArray[np.float32]) -> FloatArray:
        """Propensities (n, arms), clipped to at least CLIP."""
        raw = self.booster.predict(matrix, raw_score=True, num_threads=self.n_jobs)
        return clipped(softmax(np.asarray(raw, dtype=np.float64) / self.temperature))


def softmax(score: FloatArray) -> FloatArray:
    """Row-wise softmax of (n, arms)."""
    exponent = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=1, keepdims=True))


def clipped(propensity: FloatArray) -> FloatArray:
    """Propensities (n, arms) moved to at least CLIP and back to a sum of 1."""
    bounded = np.maximum(propensity, CLIP)
    return np.asarray(bounded / bounded.sum(axis=1, keepdims=True))


def estimate_propensity(
    matrix: NDArray[np.float32],
    categorical: tuple[int, ...],
    arm: IntArray,
    arms: int,
    fold: IntArray,
    seed: int,
    n_jobs: int,
    rounds: int = 150,
) -> tuple[FloatArray, PropensityModel]:
    """Out-of-fold propensities (n, arms) and the model for new rows.

    The number of rounds is the one with the least out-of-fold log loss, so that a randomised
    assignment gives nearly constant propensities; a temperature fitted out of fold calibrates
    them.
    """
    parameters = {
        "objective": "multiclass",
        "num_class": arms,
        "num_leaves": 8,
        "learning_rate": 0.06,
        "min_data_in_leaf": int(np.clip(len(arm) // 50, 5, 100)),
        "seed": seed,
        "num_threads": n_jobs,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    data = lgb.Dataset(
        matrix,
        label=arm,
        categorical_feature=list(categorical),
        params={"verbosity": -1, "feature_pre_filter": False, "num_threads": n_jobs},
    ).construct()
    boosters: dict[int, lgb.Booster] = {}
    losses = np.zeros(rounds)
    for held in np.unique(fold):
        inside = np.flatnonzero(fold != held).tolist()
        outside = np.flatnonzero(fold == held).tolist()
        record: dict[str, dict[str, list[float]]] = {}
        boosters[int(held)] = lgb.train(
            parameters,
            data.subset(inside),
            num_boost_round=rounds,
            valid_sets=[data.subset(outside)],
            valid_names=["held"],
            callbacks=[lgb.record_evaluation(record)],
        )
        losses += np.array(record["held"]["multi_logloss"]) * len(outside)
    best = int(np.argmin(losses)) + 1
    raw = np.zeros((len(arm), arms))
    for held, booster in boosters.items():
        rows = fold == held
        raw[rows] = booster.predict(
            matrix[rows], raw_score=True, num_iteration=best, num_threads=n_jobs
        )
    temperature = _temperature(raw, arm)
    final = lgb.train(parameters, data, num_boost_round=best)
    return clipped(softmax(raw / temperature)), PropensityModel(final, temperature, n_jobs)


def _temperature(raw: FloatArray, arm: IntArray) -> float:
    rows = np.arange(len(arm))

    def loss(log_temperature: float) -> float:
        chances = softmax(raw / np.exp(log_temperature))[rows, arm]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-1.5, 3.0), method="bounded").x))


@dataclass(frozen=True)
class Overlap:
    """Whether an arm and the control meet among like customers.

    `outside` is the share of customers whose propensity for the arm or the control is at the
    clipping bound, of those to whom the arm was on offer; `effective` the Kish sample size of the
    arm's weighted rows.
    """

    arm: str
    outside: float
    treated: int
    effective: float


def overlap(propensity: FloatArray, arm: IntArray, arms: tuple[str, ...]) -> tuple[Overlap, ...]:
    """The overlap of every arm, the control first, from propensities (n, arms)."""
    bound = CLIP * 1.05
    found = []
    for place, name in enumerate(arms):
        weight = 1 / propensity[arm == place, place]
        offered = propensity[propensity[:, place] > 0]
        low = np.minimum(offered[:, place], offered[:, 0]) <= bound
        effective = float(weight.sum() ** 2 / np.sum(weight**2)) if len(weight) else 0.0
        outside = float(low.mean()) if len(low) else 1.0
        found.append(Overlap(name, outside, len(weight), effective))
    return tuple(found)
