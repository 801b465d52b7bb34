"""One outcome's models: their capacity chosen out of fold, then fitted on all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from uplift.capacity import Capacity, CapacityTrial, choose_capacity, r_loss
from uplift.crossfit import Smooth, crossfit
from uplift.dataset import FloatArray, IntArray, UpliftDataset
from uplift.delivery import Delivery
from uplift.evaluation import aipw_scores
from uplift.methods import Method, fit_models
from uplift.ranking import calibration_slope
from uplift.rowsource import RowSource
from uplift.stages import XModels


@dataclass(frozen=True)
class Part:
    """The rows of one part and what was observed of them: `arm` and `outcome` (n,), `propensity`
    (n, arms)."""

    arm: IntArray
    outcome: FloatArray
    propensity: FloatArray


@dataclass(frozen=True)
class Fitted:
    """One outcome's final models, with AIPW scores and raw predictions of both parts.

    `learning_mu` (n, arms) and `learning_tau` (n, K) are out of fold; `learning` and `reporting`
    (n, arms) are AIPW scores, `tau` (m, K) raw effects of the reporting rows.
    """

    capacity: Capacity
    trials: tuple[CapacityTrial, ...]
    models: XModels
    learning_mu: FloatArray
    learning_tau: FloatArray
    learning: FloatArray
    reporting: FloatArray
    tau: FloatArray


def fit_outcome(
    source: RowSource,
    learning: Part,
    reporting: Part,
    data: UpliftDataset,
    arms: Sequence[int],
    fold: IntArray,
    capacities: Sequence[Capacity],
    method: Method,
    seed: int,
    smooth: Smooth | None = None,
) -> Fitted:
    """Choose among capacities (the default first) by out-of-fold R-loss, and fit the chosen.

    `data` is the learning data set: its units cluster the errors of the choice. Models learn from
    what `smooth` makes of the outcomes, estimates are of the outcomes themselves.
    """
    rows, width = source.learning, len(data.arms)
    observed = (learning.arm, learning.outcome, learning.propensity, arms)
    cross = crossfit(rows, *observed, fold, capacities, seed, method, smooth)
    judged = (learning.arm, cross.target, learning.propensity, arms)
    losses = {name: r_loss(tau, cross.mu, *judged) for name, tau in cross.tau.items()}
    name, trials = choose_capacity(losses, capacities[0].name, data.unit)
    capacity = next(item for item in capacities if item.name == name)
    everyone = np.arange(data.n)
    target = learning.outcome if smooth is None else smooth(everyone)
    common = (learning.arm, target, learning.propensity, arms)
    models = fit_models(method, rows, everyone, *common, capacity, seed)
    mu = models.outcomes(source.reporting, width)
    return Fitted(
        capacity,
        trials,
        models,
        cross.mu,
        cross.tau[name],
        aipw_scores(learning.outcome, learning.arm, learning.propensity, cross.mu),
        aipw_scores(reporting.outcome, reporting.arm, reporting.propensity, mu),
        models.effects(source.reporting, width),
    )


def calibrated(fitted: Fitted, data: UpliftDataset) -> Delivery:
    """The average effects, and slopes by which out-of-fold scores correct the personal ones.

    An arm's are taken from the rows to which it was on offer; NaN for one that was not judged.
    """
    contrast = fitted.learning[:, 1:] - fitted.learning[:, :1]
    tau = fitted.learning_tau
    average: list[float] = []
    slopes: list[float] = []
    centres: list[float] = []
    for column in range(tau.shape[1]):
        known = np.isfinite(contrast[:, column])
        if not known.any():
            for gap in (average, slopes, centres):
                gap.append(np.nan)
            continue
        effect, personal = contrast[known, column], tau[known, column]
        slope = calibration_slope(personal, effect, data.unit[known])
        average.append(float(effect.mean()))
        slopes.append(0.0 if slope is None else float(np.clip(slope.value, 0.0, 2.0)))
        centres.append(float(personal.mean()))
    return Delivery(
        weight=1.0,
        average=tuple(average),
        slope=tuple(slopes),
        centre=tuple(centres),
        quiet=(0.0,) * len(centres),
        base_average=float(fitted.learning[:, 0].mean()),
        base_centre=float(fitted.learning_mu[:, 0].mean()),
    )
