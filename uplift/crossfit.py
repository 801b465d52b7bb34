"""Out-of-fold nuisances and effects: no row is judged by a model that saw its customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from uplift.boosting import Rows, Shape
from uplift.capacity import Capacity
from uplift.dataset import FloatArray, IntArray
from uplift.methods import Method, fit_models
from uplift.stages import XModels, fit_common, fit_effects, fit_outcomes, impute


def grouped_folds(unit: NDArray[Any], folds: int, seed: int) -> IntArray:
    """(n,) fold of each row, by its unit (customer or household), at random."""
    codes = np.unique(unit, return_inverse=True)[1]
    count = int(codes.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(count)
    return np.asarray((order % folds)[codes], dtype=np.int64)


def single_split(n: int, seed: int, judged: float = 0.4) -> IntArray:
    """(n,) fold 0 for a random share of the rows and -1 for those that only train."""
    return np.where(np.random.default_rng(seed).random(n) < judged, 0, -1)


@dataclass(frozen=True)
class OutOfFold:
    """Each row's predictions by the models of the other folds, NaN for arms not learned.

    mu (n, arms) expected outcomes; `tau` by capacity name: effects (n, arms - 1). `target` (n,)
    are the outcomes as the models of the other folds take them.
    """

    mu: FloatArray
    tau: dict[str, FloatArray]
    target: FloatArray


Smooth = Callable[[IntArray], FloatArray]
"""The outcomes (n,) of all rows as models take them that learn from the rows of an index."""


def crossfit(
    rows: Rows,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    fold: IntArray,
    capacities: Sequence[Capacity],
    seed: int = 0,
    method: Method = Method.X,
    smooth: Smooth | None = None,
) -> OutOfFold:
    """Cross-fit the models of the triggers `arms` over the folds (n,) of all rows.

    The X-learner's capacities share what is alike in them: common models, outcome models on those,
    and effect models on those. `mu` is of the first. Rows of a fold below 0 only train and get no
    predictions. With `smooth` the models of a fold learn from what it makes of the rows they see.
    """
    width = propensity.shape[1]
    mu = np.full((len(arm), width), np.nan)
    tau = {item.name: np.zeros((len(arm), width - 1)) for item in capacities}
    target = outcome.copy()
    for held in np.unique(fold[fold >= 0]):
        inside, outside = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        seen = outcome if smooth is None else smooth(inside)
        target[outside] = seen[outside]
        if method is not Method.X:
            for item in capacities:
                models = fit_models(method, rows, inside, arm, seen, propensity, arms, item, seed)
                mu[outside] = models.outcomes(rows, width, outside)
                tau[item.name][outside] = models.effects(rows, width, outside)
            continue
        commons = {
            shape: fit_common(rows, inside, seen, shape, seed)
            for shape in dict.fromkeys(item.common for item in capacities)
        }
        for (common, shape), group in _by_outcome(capacities).items():
            outcomes = fit_outcomes(
                rows, inside, arm, commons[common], propensity, arms, shape, seed
            )
            if capacities[0] in group:
                mu[outside] = outcomes.outcomes(rows, width, outside)
            imputed = impute(rows, inside, arm, propensity, outcomes)
            for part in dict.fromkeys(part for item in group for part in item.effect):
                effect: dict[int, tuple[lgb.Booster, ...]] = {
                    place: (booster,)
                    for place, booster in fit_effects(rows, imputed, part, seed).items()
                }
                found = XModels({}, effect).effects(rows, width, outside)
                for item in group:
                    if part in item.effect:
                        tau[item.name][outside] += found / len(item.effect)
    return OutOfFold(mu, tau, target)


def _by_outcome(
    capacities: Sequence[Capacity],
) -> dict[tuple[Shape | None, Shape], list[Capacity]]:
    groups: dict[tuple[Shape | None, Shape], list[Capacity]] = {}
    for item in capacities:
        groups.setdefault((item.common, item.outcome), []).append(item)
    return groups
