"""How much an effect model may express, chosen by cross-validated R-loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uplift.boosting import Shape
from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import Estimate, mean_estimate

RIDGE = 1000.0
"""How many rows without an effect each leaf of an effect model is averaged with. An effect of a
tenth of the outcome's deviation is as large as its error in a leaf of a few hundred rows; small
arms shrink more than large ones, so that their noise does not win the comparison of the arms."""

MANY = 100_000
"""From so many rows on, the ridge hides no effect, and one split is enough to choose by."""

COMMON = Shape(8, 100, rows=100)


@dataclass(frozen=True)
class Capacity:
    """The shape of what each arm's outcome model has beside the common one of all arms, one or more
    of the effect models, averaged, and that of the common model.

    Without a common model (`common` None), the arms have outcome models of their own.
    """

    name: str
    outcome: Shape
    effect: tuple[Shape, ...]
    common: Shape | None = COMMON


def ladder(sizes: NDArray[Any], bins: int = 63) -> tuple[Capacity, ...]:
    """The capacities that are tried, the default first, for arms of these sizes.

    The default averages stumps and four-leaf trees: what an additive effect and an interaction of
    two fields need, and little that noise could use. More leaves ("medium", "large") and more
    rounds ("long", where many rows leave little noise) have to show their worth, and so has "loud",
    for few rows and effects well above the noise: no ridge, and nothing shared by the arms.
    """
    rows, common = default_rows_a_leaf(sizes), common_shape(sizes, bins)

    def shape(leaves: int, rounds: int) -> Shape:
        return Shape(leaves, rounds, rows=rows, bins=bins, ridge=RIDGE)

    outcome = shape(4, 30)
    steps = [
        Capacity("small", outcome, (shape(2, 50), outcome), common),
        Capacity("stumps", outcome, (shape(2, 50),), common),
        Capacity("medium", outcome, (shape(4, 60), shape(8, 30)), common),
    ]
    n = sizes.sum()
    if n < MANY:
        few = _part_of_the_smallest(sizes, 40)
        four, eight = (Shape(leaves, 400 // leaves, rows=few, bins=bins) for leaves in (4, 8))
        steps.append(Capacity("loud", four, (four, eight), None))
    else:
        steps.append(Capacity("long", outcome, (shape(2, 100), shape(4, 60)), common))
    if n >= 1_000_000:
        steps.append(Capacity("large", outcome, (shape(8, 100), shape(16, 100)), common))
    return tuple(steps)


def common_shape(sizes: NDArray[Any], bins: int = 63) -> Shape:
    """The shape of the outcome model of all arms: it has every row to learn from, and what it
    gets wrong is the same for all arms."""
    return replace(COMMON, rows=int(np.clip(sizes.sum() // 100, 5, COMMON.rows)), bins=bins)


def default_rows_a_leaf(sizes: NDArray[Any]) -> int:
    """A sixteenth of the smallest arm, from 5 to 200; the ridge does the rest."""
    return _part_of_the_smallest(sizes, 16)


def _part_of_the_smallest(sizes: NDArray[Any], parts: int) -> int:
    return int(np.clip(sizes[sizes > 0].min() // parts, 5, 200))


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
