"""Three ways from the same boosted trees to effects: X, T and DR."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from uplift.boosting import Rows
from uplift.capacity import Capacity
from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import aipw_scores
from uplift.stages import OutcomeModels, XModels, fit_common, fit_outcomes, fit_x_models

DR_FOLDS = 2


class Method(StrEnum):
    """X-learner (Künzel et al. 2019), T-learner (the difference of two outcome models), or
    DR-learner (Kennedy 2023: cross-fitted AIPW contrasts regressed on the profile)."""

    X = "x"
    T = "t"
    DR = "dr"


def fit_models(
    method: Method,
    rows: Rows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    capacity: Capacity,
    seed: int = 0,
) -> XModels:
    """Models of the triggers `arms` from the rows `index` (ascending), by one method.

    `arm`, `outcome` (n,) and `propensity` (n, arms) describe all rows.
    """
    if method is Method.X:
        return fit_x_models(rows, index, arm, outcome, propensity, arms, capacity, seed)

    def outcome_models(chosen: IntArray) -> OutcomeModels:
        common = fit_common(rows, chosen, outcome, capacity.common, seed)
        return fit_outcomes(rows, chosen, arm, common, propensity, arms, capacity.outcome, seed)

    models = outcome_models(index).merged()
    if method is Method.T:
        return XModels(models, {}, "difference")
    mu = np.full((len(arm), propensity.shape[1]), np.nan)
    half = np.random.default_rng(seed).permutation(len(index)) % DR_FOLDS
    for held in range(DR_FOLDS):
        inside, outside = index[half != held], index[half == held]
        mu[outside] = outcome_models(inside).outcomes(rows, propensity.shape[1], outside)
    gamma = aipw_scores(outcome[index], arm[index], propensity[index], mu[index])
    effect = {}
    for place in arms:
        contrast = gamma[:, place] - gamma[:, 0]
        known = np.isfinite(contrast)
        effect[place] = tuple(
            rows.fit(index[known], contrast[known], None, shape, seed, rows.context)
            for shape in capacity.effect
        )
    return XModels(models, effect)
