"""How well predicted effects order customers, and whether their sizes are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from uplift.dataset import FloatArray
from uplift.evaluation import LEVEL, Estimate, from_influence, mean_estimate


def treated_share(score: FloatArray) -> FloatArray:
    """(n,) share of customers ranked before each one, highest score first; ties in the middle."""
    return np.asarray(1 - (stats.rankdata(score) - 0.5) / len(score))


def qini(
    score: FloatArray,
    contrast: FloatArray,
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Estimate:
    """The Qini coefficient: area between the gain curve of treating by `score` and random order.

    `contrast` (n,) are AIPW scores of the effect of treating. With q_i the share ranked before
    row i, the area is mean(contrast_i (1/2 - q_i)): 0 for an order that knows nothing, and in the
    outcome's units a customer. The error takes into account that the ranks are estimated too
    (first-order projection of the U-statistic; Yadlowsky et al. 2025).
    """
    place = treated_share(score)
    return _weighted_rank(
        score, contrast, 0.5 - place, _mean_before(score, contrast), cluster, level
    )


def _mean_before(score: FloatArray, contrast: FloatArray) -> FloatArray:
    """(n,) mean over j of contrast_j 1[row i is ranked before j], ties counted half."""
    values, codes = np.unique(score, return_inverse=True)
    totals = np.bincount(codes, weights=contrast, minlength=len(values))
    below = np.cumsum(totals) - totals
    return np.asarray((below + totals / 2)[codes] / len(score))


def _weighted_rank(
    score: FloatArray,
    contrast: FloatArray,
    weight: FloatArray,
    pushed: FloatArray,
    cluster: NDArray[Any] | None,
    level: float,
) -> Estimate:
    value = float(np.mean(contrast * weight))
    influence = contrast * weight - value - (pushed - pushed.mean())
    return from_influence(value, influence, cluster, level)


@dataclass(frozen=True)
class CalibrationBin:
    """Customers of like predicted effect: what was predicted and what the held-out rows say."""

    predicted: float
    observed: Estimate


@dataclass(frozen=True)
class Calibration:
    """Predicted against observed effects by bins, and the slope of observed on predicted.

    A slope of 1 means that a customer predicted one unit better is one unit better; 0 that the
    predictions order nobody. `slope` is None where all predictions are alike. `p_value` tests
    the slope against 1.
    """

    bins: tuple[CalibrationBin, ...]
    slope: Estimate | None
    p_value: float | None


def effect_bins(predicted: FloatArray, count: int) -> FloatArray:
    """Inner edges that cut predicted effects into up to `count` bins of about equal size.

    Ties stay together, so that few distinct values give few bins: constant effects one, whose
    edges are the empty array. A value equal to an edge belongs to the bin above it.
    """
    edges = np.unique(np.quantile(predicted, np.arange(1, count) / count, method="lower"))
    return np.asarray(edges[edges > predicted.min()])


def calibration(
    predicted: FloatArray,
    contrast: FloatArray,
    cluster: NDArray[Any] | None = None,
    count: int = 10,
    level: float = LEVEL,
) -> Calibration:
    """Calibration by deciles of the predicted effect, from AIPW contrasts (n,).

    The slope is the best linear predictor's (Chernozhukov et al. 2018), with cluster-robust error.
    """
    place = np.searchsorted(effect_bins(predicted, count), predicted, side="right")
    bins = tuple(
        CalibrationBin(
            float(predicted[place == b].mean()),
            mean_estimate(
                contrast[place == b], None if cluster is None else cluster[place == b], level
            ),
        )
        for b in np.unique(place)
    )
    slope = calibration_slope(predicted, contrast, cluster, level)
    if slope is None or not 0 < slope.se < np.inf:
        return Calibration(bins, slope, None)
    p_value = float(2 * stats.t.sf(abs(slope.value - 1) / slope.se, slope.n - 1))
    return Calibration(bins, slope, p_value)


def calibration_slope(
    predicted: FloatArray,
    contrast: FloatArray,
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Estimate | None:
    """Slope of AIPW contrasts on predicted effects; None where all predictions are alike."""
    centred = predicted - predicted.mean()
    spread = float(np.mean(centred**2))
    if spread <= 1e-12 * max(float(np.mean(predicted**2)), 1e-300):
        return None
    value = float(np.mean(centred * contrast) / spread)
    residual = contrast - contrast.mean() - value * centred
    return from_influence(value, centred * residual / spread, cluster, level)
