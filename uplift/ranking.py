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
    return _weighted_rank(score, contrast, 0.5 - place, -np.ones_like(place), cluster, level)


def auuc(
    score: FloatArray,
    contrast: FloatArray,
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Area under the gain curve of treating by `score`: the mean gain over all depths of a list.

    It is mean(contrast_i (1 - q_i)), the Qini coefficient plus half the average effect.
    """
    place = treated_share(score)
    return _weighted_rank(score, contrast, 1 - place, -np.ones_like(place), cluster, level)


def rate(
    score: FloatArray,
    contrast: FloatArray,
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Estimate:
    """The rank-weighted average treatment effect AUTOC (Yadlowsky et al. 2025): the area under
    the TOC curve, mean(contrast_i (-ln q_i - 1)).

    More than the Qini coefficient it asks whether the very best-ranked customers stand out.
    """
    place = treated_share(score)
    return _weighted_rank(score, contrast, -np.log(place) - 1, -1 / place, cluster, level)


@dataclass(frozen=True)
class TocPoint:
    """How much more the effect is among the best-ranked `share` than among all."""

    share: float
    advantage: Estimate


def toc(
    score: FloatArray,
    contrast: FloatArray,
    cluster: NDArray[Any] | None = None,
    points: int = 10,
    level: float = LEVEL,
) -> tuple[TocPoint, ...]:
    """The targeting operator characteristic at `points` equal steps, ranks taken as given.

    Ties at a step's border count by the part of them that is inside.
    """
    _, codes, counts = np.unique(-score, return_inverse=True, return_counts=True)
    before = (np.cumsum(counts) - counts) / len(score)
    width = counts / len(score)
    found = []
    for share in np.arange(1, points + 1) / points:
        inside = np.clip((share - before) / width, 0, 1)[codes]
        found.append(
            TocPoint(float(share), mean_estimate(contrast * (inside / share - 1), cluster, level))
        )
    return tuple(found)


def _weighted_rank(
    score: FloatArray,
    contrast: FloatArray,
    weight: FloatArray,
    slope: FloatArray,
    cluster: NDArray[Any] | None,
    level: float,
) -> Estimate:
    """mean(contrast_i weight(q_i)) with its error; `slope` is the weight's derivative in q.

    Row j moves q_i by 1/n wherever it is ranked before i, whence the second part of the influence.
    """
    value = float(np.mean(contrast * weight))
    pushed = _mean_after(score, contrast * slope)
    return from_influence(
        value, contrast * weight - value + (pushed - pushed.mean()), cluster, level
    )


def _mean_after(score: FloatArray, amount: FloatArray) -> FloatArray:
    """(n,) mean over j of amount_j 1[j is ranked after row i], ties counted half."""
    values, codes = np.unique(score, return_inverse=True)
    totals = np.bincount(codes, weights=amount, minlength=len(values))
    below = np.cumsum(totals) - totals
    return np.asarray((below + totals / 2)[codes] / len(score))


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
