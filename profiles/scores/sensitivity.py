"""`discount_sensitivity_score`, `free_shipping_sensitivity_score`: the percentile of the estimated
effect of that trigger on conversion.

The estimate is the plainest there is, two outcome models and their difference, weighted by the
inverse probability of the arm given, from randomised campaigns that held some customers out. It
serves as a field of the profile; which trigger a customer gets is decided by the uplift models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.scores.features import Prepared, Vocabulary, features
from profiles.scores.forecast import Forecast, fit_forecast
from profiles.scores.percentile import PercentileTable
from profiles.scores.protocol import Evaluation, Unscored
from profiles.visible import Source, open_tables

Floats = NDArray[np.float64]
MIN_ARM, MIN_CONVERTED = 300, 30


@dataclass(frozen=True)
class Exposed:
    """Customers of one randomised campaign who got the trigger or were held out: profiles as of
    its start, `treated` (n,), `converted` (n,) 0/1 within the window that has closed, and `weight`
    (n,), one over the probability of the arm they were given."""

    campaign_id: str
    started_at: datetime
    profiles: pa.Table
    treated: NDArray[np.bool_]
    converted: Floats
    weight: Floats


def exposed_bucket(
    profiles: pa.Table,
    tables: Mapping[str, Source],
    *,
    campaign_id: str,
    started_at: datetime,
    trigger: str,
    as_of: datetime,
    threads: int = 2,
) -> Exposed:
    """One bucket's customers of a campaign, given their profiles as of its start (those that its
    uplift models train on); outcomes that are not known at `as_of` are left out."""
    with open_tables(tables, as_of, threads=threads) as connection:
        connection.register("given", profiles.select(["customer_id"]))
        rows = connection.execute(
            """
            SELECT customer_id, trigger <> 'none', converted::DOUBLE, 1 / coalesce(propensity, 1)
            FROM exposures JOIN given USING (customer_id)
            WHERE campaign_id = $campaign AND trigger IN ($trigger, 'none')
                AND converted IS NOT NULL
            ORDER BY customer_id
            """,
            {"campaign": campaign_id, "trigger": trigger},
        ).fetchall()
    place = {name: row for row, name in enumerate(profiles.column("customer_id").to_pylist())}
    _, treated, converted, weight = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Exposed(
        campaign_id,
        started_at,
        profiles.take(pa.array([place[row[0]] for row in rows], pa.int64())),
        np.array(treated, dtype=np.bool_),
        np.array(converted, dtype=np.float64),
        np.array(weight, dtype=np.float64),
    )


def exposed_together(parts: Sequence[Exposed]) -> Exposed:
    """The same campaign's customers of several buckets as one."""
    return Exposed(
        parts[0].campaign_id,
        parts[0].started_at,
        pa.concat_tables([part.profiles for part in parts]),
        np.concatenate([part.treated for part in parts]),
        np.concatenate([part.converted for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


@dataclass(frozen=True)
class SensitivityModel:
    treated: Forecast
    control: Forecast
    table: PercentileTable
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        return pa.array(self.table.share_below(_effect((self.treated, self.control), given.X)))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "sensitivity",
            "treated": self.treated.text,
            "control": self.control.text,
            "table": self.table.points,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> SensitivityModel:
        return cls(
            Forecast(raw["treated"]),
            Forecast(raw["control"]),
            PercentileTable(tuple(raw["table"])),
            Evaluation.from_json(raw["evaluation"]),
        )


def fit_sensitivity(
    campaigns: Sequence[Exposed],
    vocabulary: Vocabulary,
    now: Prepared,
    *,
    as_of: datetime,
    seed: int,
    threads: int,
) -> SensitivityModel | Unscored:
    """Fitted on all but the newest campaign and measured on that; then fitted again on all."""
    ordered = sorted(campaigns, key=lambda one: one.started_at)
    enough = [one for one in ordered if _few(one) is None]
    if not ordered:
        return Unscored("No past randomised campaign tried this trigger against a control group.")
    if not enough:
        return Unscored(f"Campaign {ordered[-1].campaign_id}: {_few(ordered[-1])}")
    if len(enough) < 2:
        return Unscored("It takes two campaigns, one to learn from and a later one to measure on.")
    seen = [(one, features(one.profiles, vocabulary, threads=threads)) for one in enough]
    last, X = seen[-1]
    effect = _effect(_fit(seen[:-1], seed, threads), X)
    high = effect > np.median(effect)
    (above, above_error), (below, below_error) = (
        difference(last.converted[rows], last.treated[rows], last.weight[rows])
        for rows in (high, ~high)
    )
    figures = {
        "effect_above_median": above,
        "effect_below_median": below,
        "standard_error_of_difference": float(np.hypot(above_error, below_error)),
    }
    evaluation = Evaluation(
        len(effect),
        last.started_at.isoformat(),
        as_of.isoformat(),
        (as_of - last.started_at).days,
        figures,
        f"In campaign {last.campaign_id} the effect was {100 * above:.2f} points in the half with "
        f"the higher estimate and {100 * below:.2f} in the other (standard error of the difference "
        f"{100 * figures['standard_error_of_difference']:.2f}).",
    )
    treated, control = _fit(seen, seed, threads)
    table = PercentileTable.of(_effect((treated, control), now.X))
    return SensitivityModel(treated, control, table, evaluation)


def difference(outcome: Floats, treated: NDArray[np.bool_], weight: Floats) -> tuple[float, float]:
    """The weighted difference of means, treated less control, and its standard error (of a ratio
    estimator, by linearisation)."""
    means, variances = [], []
    for rows in (treated, ~treated):
        share = weight[rows] / weight[rows].sum()
        mean = float(np.sum(share * outcome[rows]))
        means.append(mean)
        variances.append(float(np.sum((share * (outcome[rows] - mean)) ** 2)))
    return means[0] - means[1], float(np.sqrt(sum(variances)))


def _few(one: Exposed) -> str | None:
    for name, rows in (("treated", one.treated), ("held out", ~one.treated)):
        count, converted = int(rows.sum()), int(one.converted[rows].sum())
        if count < MIN_ARM or converted < MIN_CONVERTED:
            return (
                f"{count} customers were {name} and {converted} of them bought; it takes "
                f"{MIN_ARM} and {MIN_CONVERTED}."
            )
    return None


def _fit(
    seen: Sequence[tuple[Exposed, NDArray[np.float32]]], seed: int, threads: int
) -> tuple[Forecast, Forecast]:
    X = np.concatenate([matrix for _, matrix in seen])
    treated, converted, weight = (
        np.concatenate([getattr(one, name) for one, _ in seen])
        for name in ("treated", "converted", "weight")
    )
    first, second = (
        fit_forecast(
            X[rows],
            converted[rows],
            "binary",
            weight=weight[rows] / weight[rows].mean(),
            seed=seed,
            rounds=60,
            threads=threads,
        )
        for rows in (treated, ~treated)
    )
    return first, second


def _effect(models: tuple[Forecast, Forecast], X: NDArray[np.float32]) -> Floats:
    treated, control = models
    return treated.predict(X) - control.predict(X)
