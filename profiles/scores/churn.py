"""`churn_probability_score`: the calibrated probability of neither a session nor an order in the
next 30 days.

Trees give the order of customers; isotonic regression on forecasts of customers that the trees did
not see makes them probabilities (Zadrozny & Elkan 2002).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from profiles.scores.features import Prepared
from profiles.scores.forecast import Forecast, fit_forecast, out_of_fold
from profiles.scores.past import Lesson, Past
from profiles.scores.protocol import Evaluation, Unscored

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibrated:
    """Trees, and the points between which their output is read as a probability."""

    forecast: Forecast
    raw: tuple[float, ...]
    probability: tuple[float, ...]

    def predict(self, given: Prepared) -> Floats:
        return np.interp(self.forecast.predict(given.X), self.raw, self.probability)


@dataclass(frozen=True)
class ChurnModel:
    calibrated: Calibrated
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        return pa.array(self.calibrated.predict(given))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "churn",
            "forecast": self.calibrated.forecast.text,
            "raw": self.calibrated.raw,
            "probability": self.calibrated.probability,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> ChurnModel:
        calibrated = Calibrated(
            Forecast(raw["forecast"]), tuple(raw["raw"]), tuple(raw["probability"])
        )
        return cls(calibrated, Evaluation.from_json(raw["evaluation"]))


def fit_churn(past: Past) -> ChurnModel | Unscored:
    if past.later.outcomes.column("active").null_count:
        return Unscored("Whether someone was active is known only from both orders and events.")
    for lesson in (past.earlier, past.later):
        if len(np.unique(lesson.outcome("active"))) < 2:
            return Unscored("Everyone, or no one, was active in a period of 30 days.")
    predicted = _calibrate(past.earlier, past.seed, past.threads).predict(past.later.given)
    gone = 1 - past.later.outcome("active")
    base = float(np.mean(1 - past.earlier.outcome("active")))
    figures = {
        "auc": float(roc_auc_score(gone, predicted)),
        "brier": float(np.mean((predicted - gone) ** 2)),
        "brier_of_the_base_rate": float(np.mean((base - gone) ** 2)),
        "calibration_error": calibration_error(predicted, gone),
        "mean_predicted": float(np.mean(predicted)),
        "mean_actual": float(np.mean(gone)),
    }
    evaluation = Evaluation(
        len(gone),
        past.later.cut.as_of.isoformat(),
        past.later.cut.until.isoformat(),
        past.later.cut.horizon_days,
        figures,
        f"Forecast and actual churn differ by {100 * figures['calibration_error']:.1f} points on "
        "average over tenths of customers.",
    )
    return ChurnModel(_calibrate(past.later, past.seed, past.threads), evaluation)


def calibration_error(predicted: Floats, actual: Floats, groups: int = 10) -> float:
    """Mean absolute difference of the mean forecast and the actual share, over equal groups of
    customers in order of the forecast."""
    order = np.argsort(predicted, kind="stable")
    parts = [part for part in np.array_split(order, groups) if len(part)]
    gaps = [abs(float(np.mean(predicted[p]) - np.mean(actual[p]))) for p in parts]
    sizes = [len(part) for part in parts]
    return float(np.average(gaps, weights=sizes))


def _calibrate(lesson: Lesson, seed: int, threads: int) -> Calibrated:
    X, gone = lesson.given.X, 1 - lesson.outcome("active")
    unseen = out_of_fold(X, gone, "binary", seed=seed, threads=threads)
    isotonic = IsotonicRegression(out_of_bounds="clip", y_min=0.0, y_max=1.0).fit(unseen, gone)
    forecast = fit_forecast(X, gone, "binary", seed=seed, threads=threads)
    return Calibrated(
        forecast,
        tuple(isotonic.X_thresholds_.tolist()),
        tuple(isotonic.y_thresholds_.tolist()),
    )
