"""How much an effect model may express, chosen by cross-validated R-loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uplift.boosting import Shape
from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import Estimate, mean_estimate


@dataclass(frozen=True)
class Capacity:
    """One shape for the outcome models, and one or more for the effect models, averaged."""

    name: str
    outcome: Shape
    effect: tuple[Shape, ...]


def ladder(sizes: NDArray[Any], bins: int = 63) -> tuple[Capacity, ...]:
    """The capacities that are tried, the default first, for arms of these sizes.

    The default averages stumps and four-leaf trees: what an additive effect and an interaction of
    two fields need, and little that noise could use. More leaves, and leaves of fewer rows, have
    to show their worth.
    """
    rows = default_rows_a_leaf(sizes)

    def shape(leaves: int, rounds: int, times: int = 1) -> Shape:
        return Shape(leaves, rounds, rows=min(times * rows, 200), bins=bins)

    outcome = shape(4, 100)
    steps = [
        Capacity("small", outcome, (shape(2, 100, 3), shape(4, 50, 3))),
        Capacity("stumps", outcome, (shape(2, 100, 3),)),
        Capacity("medium", outcome, (shape(4, 100), shape(8, 50))),
    ]
    if sizes.sum() >= 1_000_000:
        steps.append(Capacity("large", outcome, (shape(8, 100), shape(16, 100))))
    return tuple(steps)


def default_rows_a_leaf(sizes: NDArray[Any]) -> int:
    """200 rows a leaf, fewer where the smallest arm is small: a fortieth of it, at least 5."""
    return int(np.clip(sizes[sizes > 0].min() // 40, 5, 200))


@dataclass(frozen=True)
class CapacityTrial:
    """How much less (below 0: better) a capacity's out-of-fold R-loss is than the default's, in
    thousandths of the loss of a constant effect of zero."""

    name: str
    loss: Estimate


def r_loss(
    tau: FloatArray,
    mu: FloatArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
) -> FloatArray:
    """(n,) R-loss of effects tau (n, K), summed over the arms a row bears on.

    Among the rows of arm a and of the controls who could have got it, with e = p_a / (p_a + p_0)
    and m = e mu_a + (1 - e) mu_0, it is (y - m - (w - e) tau_a)^2 (Nie and Wager 2021). `mu` and
    `tau` must be out of fold.
    """
    loss = np.zeros(len(arm))
    for place in arms:
        rows = np.flatnonzero(((arm == 0) | (arm == place)) & (propensity[:, place] > 0))
        e = propensity[rows, place] / (propensity[rows, place] + propensity[rows, 0])
        expected = e * mu[rows, place] + (1 - e) * mu[rows, 0]
        treated = (arm[rows] == place) - e
        loss[rows] += (outcome[rows] - expected - treated * tau[rows, place - 1]) ** 2
    return loss


def choose_capacity(
    losses: Mapping[str, FloatArray],
    default: str,
    cluster: NDArray[Any] | None,
    caution: float = 1.0,
) -> tuple[str, tuple[CapacityTrial, ...]]:
    """The capacity with the least loss among those better than the default beyond noise.

    `losses` are each capacity's out-of-fold losses (n,). A change from the default must lower the
    loss by more than `caution` standard errors of the paired difference; differences between
    shapes are small beside the noise of any choice, so that without this rule choosing costs more
    than it gains.
    """
    scale = 1000 / max(float(losses[default].mean()), 1e-300)
    trials = tuple(
        CapacityTrial(name, mean_estimate((loss - losses[default]) * scale, cluster))
        for name, loss in losses.items()
        if name != default
    )
    better = [trial for trial in trials if trial.loss.value < -caution * trial.loss.se]
    best = min(better, key=lambda trial: trial.loss.value, default=None)
    return (default if best is None else best.name), trials
