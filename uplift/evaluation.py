"""Estimates with honest errors from cross-fitted AIPW scores, the one source of every figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from uplift.dataset import FloatArray, IntArray
from uplift.evidence import NotEnoughEvidence

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and interval; `n` is the number of independent units."""

    value: float
    se: float
    low: float
    high: float
    level: float
    n: int


def aipw_scores(
    outcome: FloatArray, arm: IntArray, propensity: FloatArray, mu: FloatArray
) -> FloatArray:
    """Gamma (n, arms): row i's unbiased score of the outcome it would have under each arm.

    Gamma_ia = mu_a(x_i) + 1[arm_i = a] (y_i - mu_a(x_i)) / p_a(x_i), Robins, Rotnitzky and Zhao
    (1994). `mu` (n, arms) must come from models that did not see row i; an arm whose mu is NaN
    (not judged) keeps NaN, and so does an arm whose propensity is 0 (not on offer in the row's
    campaign): nothing was observed that could speak for it there.
    """
    gamma = np.where(propensity > 0, mu, np.nan)
    rows = np.arange(len(outcome))
    gamma[rows, arm] += (outcome - mu[rows, arm]) / propensity[rows, arm]
    return gamma


def rows_with_scores(scores: FloatArray, arms: NDArray[Any]) -> NDArray[np.bool_]:
    """(n,) which rows of scores (n, arms) bear witness to each of the arms named by their places.

    A campaign that did not offer an arm says nothing of it: its rows hold NaN there.
    """
    return np.asarray(np.isfinite(scores[:, arms]).all(axis=1))


def mean_estimate(
    scores: FloatArray, cluster: NDArray[Any] | None = None, level: float = LEVEL
) -> Estimate:
    """The mean of scores (n,) with the standard error that holds under clustering.

    se = sqrt(G / (G - 1) sum_g (sum_{i in g} (s_i - mean))^2) / n with G clusters (each row one
    where `cluster` is None), and the interval is Student's with G - 1 degrees of freedom
    (Liang and Zeger 1986). With fewer than two clusters the error is infinite.
    """
    n = len(scores)
    if n == 0:
        return Estimate(np.nan, np.inf, -np.inf, np.inf, level, 0)
    value = float(scores.mean())
    return from_influence(value, scores - value, cluster, level)


def from_influence(
    value: float, influence: FloatArray, cluster: NDArray[Any] | None = None, level: float = LEVEL
) -> Estimate:
    """The estimate of a statistic whose influence on row i is `influence` (n,), summing to 0."""
    n = len(influence)
    sums = influence if cluster is None else np.bincount(_codes(cluster), weights=influence)
    groups = len(sums)
    if groups < 2:
        return Estimate(value, np.inf, -np.inf, np.inf, level, groups)
    se = float(np.sqrt(groups / (groups - 1) * np.sum(sums**2)) / n)
    half = float(stats.t.ppf(0.5 + level / 2, groups - 1)) * se
    return Estimate(value, se, value - half, value + half, level, groups)


def _codes(cluster: NDArray[Any]) -> IntArray:
    return np.unique(cluster, return_inverse=True)[1].astype(np.int64)


def average_effect(
    gamma: FloatArray, arm_index: int, cluster: NDArray[Any] | None = None, level: float = LEVEL
) -> Estimate:
    """The average effect of arm `arm_index` (1 is the first trigger) against the control, among
    the rows that could have got it."""
    return _known_mean(gamma[:, arm_index] - gamma[:, 0], cluster, level)


def policy_scores(gamma: FloatArray, policy: NDArray[Any]) -> FloatArray:
    """(n,) scores of a policy: chosen arms (n,) of integers, or probabilities (n, arms)."""
    if policy.ndim == 1:
        return np.asarray(gamma[np.arange(len(gamma)), policy])
    return np.asarray(np.where(policy > 0, policy * gamma, 0.0).sum(axis=1))


def policy_value(
    gamma: FloatArray,
    policy: NDArray[Any],
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Estimate:
    """The mean outcome had everyone got the arm that `policy` gives them, among the rows that
    could have got it."""
    return _known_mean(policy_scores(gamma, policy), cluster, level)


def policy_difference(
    gamma: FloatArray,
    policy: NDArray[Any],
    other: NDArray[Any],
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Estimate:
    """The paired difference in value of two policies on the same rows.

    Rows on which both agree add no noise, so that this is much sharper than the difference of
    two values. Rows that could not have got what one of the policies gives say nothing of it and
    are left out.
    """
    return _known_mean(policy_scores(gamma, policy) - policy_scores(gamma, other), cluster, level)


def _known_mean(scores: FloatArray, cluster: NDArray[Any] | None, level: float) -> Estimate:
    known = np.isfinite(scores)
    return mean_estimate(scores[known], None if cluster is None else cluster[known], level)


def segment_lift(
    gamma: FloatArray,
    mask: NDArray[np.bool_],
    arm_index: int,
    cluster: NDArray[Any] | None = None,
    *,
    arm: IntArray | None = None,
    name: str = "",
    minimum: int = 30,
    level: float = LEVEL,
) -> Estimate | NotEnoughEvidence:
    """The average effect of an arm within the rows of a segment, with its interval.

    `gamma` must be that of rows that nothing was chosen on; rows on which the arm was not on offer
    are left out. With `arm` (n,) given, the segment
    needs `minimum` rows of that arm and of the control; without it, `minimum` rows. Otherwise the
    result says why there is none: a normal interval from a handful of treated rows would lie.
    """
    known = np.isfinite(gamma[:, arm_index])
    inside = np.flatnonzero(mask & known)
    label = name or f"arm {arm_index}"
    if len(gamma) and not known.any():
        return NotEnoughEvidence(
            label, 0, 0, f"Not enough evidence on {label}: it was not judged in any segment."
        )
    if arm is None:
        treated = controls = len(inside)
        reason = f"{treated} held-out exposures in the segment, where {minimum} are needed"
    else:
        treated = int(np.count_nonzero(arm[inside] == arm_index))
        controls = int(np.count_nonzero(arm[inside] == 0))
        reason = (
            f"{treated} treated and {controls} held-out customers in the segment, "
            f"where {minimum} of each are needed"
        )
    if min(treated, controls) < minimum:
        return NotEnoughEvidence(label, treated, 0, f"Not enough evidence on {label}: {reason}.")
    units = None if cluster is None else cluster[inside]
    return mean_estimate(gamma[inside, arm_index] - gamma[inside, 0], units, level)


def together(estimates: Mapping[str, Estimate], level: float = LEVEL) -> dict[str, Estimate]:
    """Estimates with intervals so wide that all of them hold the truth at once with `level`.

    Bonferroni: of many segments looked at together some look good by chance alone, and the best
    of them most of all. The `level` of each is its own, 1 - (1 - level) / count.
    """
    each = 1 - (1 - level) / max(len(estimates), 1)
    widened = {}
    for name, estimate in estimates.items():
        half = np.inf
        if estimate.n > 1 and np.isfinite(estimate.se):
            half = float(stats.t.ppf(0.5 + each / 2, estimate.n - 1)) * estimate.se
        low, high = estimate.value - half, estimate.value + half
        widened[name] = Estimate(estimate.value, estimate.se, low, high, each, estimate.n)
    return widened
