"""Out-of-fold nuisances and effects: no row is judged by a model that saw its customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uplift.boosting import BinnedRows, Shape
from uplift.dataset import FloatArray, IntArray
from uplift.xlearner import fit_x_models


def grouped_folds(unit: NDArray[Any], folds: int, seed: int) -> IntArray:
    """(n,) fold of each row, by its unit (customer or household), at random."""
    codes = np.unique(unit, return_inverse=True)[1]
    count = int(codes.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(count)
    return np.asarray((order % folds)[codes], dtype=np.int64)


@dataclass(frozen=True)
class OutOfFold:
    """mu (n, arms) expected outcomes and tau (n, arms - 1) effects, each row's from the models of
    the other folds; NaN for arms that were not learned."""

    mu: FloatArray
    tau: FloatArray


def crossfit(
    rows: BinnedRows,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    fold: IntArray,
    shape: Shape,
    seed: int = 0,
    n_jobs: int = 1,
) -> OutOfFold:
    """Cross-fit the X-learner of the triggers `arms` over the folds (n,) of all rows."""
    width = propensity.shape[1]
    mu = np.full((len(arm), width), np.nan)
    tau = np.full((len(arm), width - 1), np.nan)
    for held in np.unique(fold):
        inside, outside = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        models = fit_x_models(
            rows, inside, arm, outcome, propensity, arms, shape, seed=seed, n_jobs=n_jobs
        )
        mu[outside] = models.outcomes(rows.matrix[outside], width, n_jobs)
        tau[outside] = models.effects(rows.matrix[outside], width, n_jobs)
    return OutOfFold(mu, tau)
