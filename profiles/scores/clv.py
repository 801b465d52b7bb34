"""`clv_score`: the percentile of what a customer is expected to spend in the next 12 months.

Two contenders: buy-till-you-die with its monetary part, and boosted trees that start from it and
learn by what factor it is wrong, from everything else in the profile. Started from nothing, trees
fitted on one period carry its level into the next, when everyone is older; started from the model
of how buyers fade, they do not. The one whose ranks agree better with the later period's spending
is kept, since a percentile is a rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import spearmanr

from profiles.scores.btyd import BuyTillYouDie, fit_btyd, purchases
from profiles.scores.features import Prepared
from profiles.scores.forecast import Forecast, fit_forecast
from profiles.scores.past import Lesson, Past
from profiles.scores.percentile import PercentileTable
from profiles.scores.protocol import Evaluation, Unscored

Floats = NDArray[np.float64]
ROUNDS = 60
YEAR = 365.0


@dataclass(frozen=True)
class ClvModel:
    """`boosted` is None where buy-till-you-die predicted better; `newcomers` is what someone who
    never ordered is taken to spend in `days`."""

    btyd: BuyTillYouDie
    boosted: Forecast | None
    newcomers: float
    days: float
    table: PercentileTable
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        return pa.array(self.table.share_below(self.expected(given)), from_pandas=True)

    def expected(self, given: Prepared) -> Floats:
        """Expected spending (n,): over a year, or over `days` where trees are in use."""
        if self.boosted is None:
            return _spending(self.btyd, given.profiles, YEAR, 0.0)
        start = _spending(self.btyd, given.profiles, self.days, self.newcomers)
        return self.boosted.predict_from(given.X, start)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "clv",
            "btyd": self.btyd.to_json(),
            "boosted": None if self.boosted is None else self.boosted.text,
            "newcomers": self.newcomers,
            "days": self.days,
            "table": self.table.points,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> ClvModel:
        return cls(
            BuyTillYouDie(**raw["btyd"]),
            None if raw["boosted"] is None else Forecast(raw["boosted"]),
            raw["newcomers"],
            raw["days"],
            PercentileTable(tuple(raw["table"])),
            Evaluation.from_json(raw["evaluation"]),
        )


def fit_clv(past: Past) -> ClvModel | Unscored:
    if past.later.outcomes.column("revenue").null_count:
        return Unscored("There are no orders.")
    for given in (past.earlier.given, past.later.given, past.now):
        if not np.any(purchases(given.profiles)[1].repeats > 0):
            return Unscored("Nobody had bought twice when the earlier period began.")
    actual = past.later.outcome("revenue")
    days = past.later.cut.horizon_days
    btyd = _fit(past.later)
    alone = _spending(btyd, past.later.given.profiles, days, 0.0)
    model, newcomers = _boost(past.earlier, past.seed, past.threads)
    # The trees learned the factor for a shorter period where the history is short: a factor holds.
    start = _spending(btyd, past.later.given.profiles, days, newcomers)
    boosted = model.predict_from(past.later.given.X, start)
    figures = {
        "mae_btyd": float(np.mean(np.abs(alone - actual))),
        "mae_boosted": float(np.mean(np.abs(boosted - actual))),
        "rank_correlation_btyd": _rank_correlation(alone, actual),
        "rank_correlation_boosted": _rank_correlation(boosted, actual),
        "mean_actual": float(np.mean(actual)),
    }
    better = figures["rank_correlation_boosted"] > figures["rank_correlation_btyd"]
    name = "boosted trees upon buy-till-you-die" if better else "buy-till-you-die"
    evaluation = Evaluation(
        len(actual),
        past.later.cut.as_of.isoformat(),
        past.later.cut.until.isoformat(),
        days,
        figures,
        f"In use: {name}, whose expected spending agreed better in rank with what was spent in the "
        f"{days} days after.",
    )
    # Buy-till-you-die needs no outcomes: it is fitted on all that is known by now.
    now = fit_btyd(purchases(past.now.profiles)[1])
    final, newcomers = _boost(past.later, past.seed, past.threads) if better else (None, 0.0)
    unranked = ClvModel(now, final, newcomers, days, PercentileTable((0.0,)), evaluation)
    table = PercentileTable.of(unranked.expected(past.now))
    return ClvModel(now, final, newcomers, days, table, evaluation)


def _fit(lesson: Lesson) -> BuyTillYouDie:
    return fit_btyd(purchases(lesson.given.profiles)[1])


def _boost(lesson: Lesson, seed: int, threads: int) -> tuple[Forecast, float]:
    """Trees upon what buy-till-you-die expected, and what those who had never ordered spent."""
    btyd = _fit(lesson)
    revenue = np.maximum(lesson.outcome("revenue"), 0.0)
    bought, _ = purchases(lesson.given.profiles)
    spent = float(np.mean(revenue[~bought])) if np.any(~bought) else 0.0
    newcomers = max(spent, 1e-3 * float(np.mean(revenue)), 1e-6)
    start = _spending(btyd, lesson.given.profiles, lesson.cut.horizon_days, newcomers)
    model = fit_forecast(
        lesson.given.X, revenue, "tweedie", seed=seed, start=start, rounds=ROUNDS, threads=threads
    )
    return model, newcomers


def _spending(btyd: BuyTillYouDie, profiles: pa.Table, days: float, newcomers: float) -> Floats:
    """Expected spending in `days` (n,) of each customer, `newcomers` of who never ordered."""
    bought, known = purchases(profiles)
    expected = np.full(profiles.num_rows, newcomers)
    spent = btyd.expected_orders(known, days) * btyd.expected_value(known)
    expected[bought] = np.maximum(spent, min(newcomers, 1e-6))
    return expected


def _rank_correlation(predicted: Floats, actual: Floats) -> float:
    found = float(spearmanr(predicted, actual).statistic)
    return found if np.isfinite(found) else 0.0
