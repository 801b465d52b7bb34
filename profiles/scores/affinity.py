"""Scores of what a customer is drawn to, as forecasts of the next 90 days.

- `social_proof_affinity`: percentile of the expected share of what they do in the shop that is
  looking at bestsellers or writing reviews.
- `content_engagement_score`: percentile of the expected number of articles read and e-mails
  clicked.
- `exclusivity_seeker_flag`: whether, of the products they touch, the expected share of limited
  editions is at least half as much again as everyone's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import spearmanr

from profiles.scores.features import Prepared
from profiles.scores.forecast import Forecast, fit_forecast
from profiles.scores.past import Lesson, Past
from profiles.scores.percentile import PercentileTable
from profiles.scores.protocol import Evaluation, Unscored

Floats = NDArray[np.float64]
SEEKER = 1.5
"""How many times everyone's share of limited editions makes a seeker."""


@dataclass(frozen=True)
class RankedForecast:
    """The percentile of a forecast."""

    forecast: Forecast
    table: PercentileTable
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        return pa.array(self.table.share_below(self.forecast.predict(given.X)))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "ranked",
            "forecast": self.forecast.text,
            "table": self.table.points,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> RankedForecast:
        return cls(
            Forecast(raw["forecast"]),
            PercentileTable(tuple(raw["table"])),
            Evaluation.from_json(raw["evaluation"]),
        )


@dataclass(frozen=True)
class FlagForecast:
    """Whether a forecast reaches a threshold."""

    forecast: Forecast
    threshold: float
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        return pa.array(self.forecast.predict(given.X) >= self.threshold)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "flag",
            "forecast": self.forecast.text,
            "threshold": self.threshold,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> FlagForecast:
        return cls(
            Forecast(raw["forecast"]), raw["threshold"], Evaluation.from_json(raw["evaluation"])
        )


def fit_social_proof(past: Past) -> RankedForecast | Unscored:
    return _fit_share(past, "social_proof", "in_shop", "bestsellers and reviews")


def fit_content(past: Past) -> RankedForecast | Unscored:
    reason = _without(past, "content", "content read or e-mails clicked")
    if reason is not None:
        return reason

    def fit(lesson: Lesson) -> Forecast:
        count = lesson.outcome("content")
        return fit_forecast(lesson.given.X, count, "poisson", seed=past.seed, threads=past.threads)

    actual = past.later.outcome("content")
    predicted = fit(past.earlier).predict(past.later.given.X)
    fifth = predicted >= np.quantile(predicted, 0.8)
    figures = {
        "rank_correlation": _rank_correlation(predicted, actual),
        "mean_actual": float(np.mean(actual)),
        "mean_actual_of_the_top_fifth": float(np.mean(actual[fifth])),
    }
    words = (
        f"The fifth with the highest forecast read or clicked "
        f"{figures['mean_actual_of_the_top_fifth']:.2f} times, everyone "
        f"{figures['mean_actual']:.2f} times."
    )
    final = fit(past.later)
    table = PercentileTable.of(final.predict(past.now.X))
    return RankedForecast(final, table, _evaluation(past, len(actual), figures, words))


def fit_exclusivity(past: Past) -> FlagForecast | Unscored:
    reason = _without(past, "limited", "limited editions touched")
    if reason is not None:
        return reason
    forecast = _fit_ratio(past.earlier, "limited", "product_touches", past)
    overall = _ratio(past.earlier, "limited", "product_touches")
    flagged = forecast.predict(past.later.given.X) >= SEEKER * overall
    limited, touches = past.later.outcome("limited"), past.later.outcome("product_touches")

    def share(rows: NDArray[np.bool_]) -> float:
        return float(limited[rows].sum() / max(touches[rows].sum(), 1.0))

    figures = {
        "flagged": float(np.mean(flagged)),
        "share_of_flagged": share(flagged),
        "share_of_others": share(~flagged),
    }
    words = (
        f"Of the products that those flagged touched, {100 * figures['share_of_flagged']:.1f} % "
        f"were limited editions, of the others' {100 * figures['share_of_others']:.1f} %."
    )
    final = _fit_ratio(past.later, "limited", "product_touches", past)
    threshold = SEEKER * _ratio(past.later, "limited", "product_touches")
    return FlagForecast(final, threshold, _evaluation(past, len(limited), figures, words))


def _fit_share(past: Past, part: str, whole: str, what: str) -> RankedForecast | Unscored:
    reason = _without(past, part, what)
    if reason is not None:
        return reason
    predicted = _fit_ratio(past.earlier, part, whole, past).predict(past.later.given.X)
    some = past.later.outcome(whole) > 0
    actual = past.later.outcome(part)[some] / past.later.outcome(whole)[some]
    fifth = predicted[some] >= np.quantile(predicted[some], 0.8)
    figures = {
        "rank_correlation": _rank_correlation(predicted[some], actual),
        "mean_actual": float(np.mean(actual)),
        "mean_actual_of_the_top_fifth": float(np.mean(actual[fifth])),
    }
    words = (
        f"The share of {what} was {100 * figures['mean_actual_of_the_top_fifth']:.1f} % in the "
        f"fifth with the highest forecast, {100 * figures['mean_actual']:.1f} % overall."
    )
    final = _fit_ratio(past.later, part, whole, past)
    table = PercentileTable.of(final.predict(past.now.X))
    return RankedForecast(final, table, _evaluation(past, int(some.sum()), figures, words))


def _fit_ratio(lesson: Lesson, part: str, whole: str, past: Past) -> Forecast:
    """The expected share, each customer weighted by how much they did."""
    total = lesson.outcome(whole)
    some = total > 0
    return fit_forecast(
        lesson.given.X[some],
        lesson.outcome(part)[some] / total[some],
        "cross_entropy",
        weight=total[some],
        seed=past.seed,
        threads=past.threads,
    )


def _ratio(lesson: Lesson, part: str, whole: str) -> float:
    return float(lesson.outcome(part).sum() / max(lesson.outcome(whole).sum(), 1.0))


def _without(past: Past, outcome: str, what: str) -> Unscored | None:
    if past.later.outcomes.column(outcome).null_count:
        return Unscored("There are no events, or no products for them.")
    for lesson in (past.earlier, past.later):
        if lesson.outcome(outcome).sum() == 0:
            return Unscored(f"There were no {what} in a period of {lesson.cut.horizon_days} days.")
    return None


def _evaluation(past: Past, count: int, figures: dict[str, float], words: str) -> Evaluation:
    cut = past.later.cut
    return Evaluation(
        count, cut.as_of.isoformat(), cut.until.isoformat(), cut.horizon_days, figures, words
    )


def _rank_correlation(predicted: Floats, actual: Floats) -> float:
    found = float(spearmanr(predicted, actual).statistic)
    return found if np.isfinite(found) else 0.0
