"""The two stages of the multi-treatment X-learner (Künzel, Sekhon, Bickel and Yu 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from domain.errors import BadRequest
from uplift.boosting import BinnedRows, Shape, fit_booster
from uplift.capacity import Capacity
from uplift.dataset import FloatArray, IntArray
from uplift.scoring import Forest

Combination = Literal["pooled", "textbook"]


@dataclass(frozen=True)
class XModels:
    """The fitted stages: `outcome` by arm (0 the control), `effect` by arm (one or more models).

    A pooled effect model learns from the imputed effects of the treated and of the controls
    together, and several are averaged; the textbook form keeps (model of the controls', model of
    the treated's) apart.
    """

    outcome: dict[int, lgb.Booster]
    effect: dict[int, tuple[lgb.Booster, ...]]
    combination: Combination = "pooled"

    def outcomes(
        self,
        matrix: NDArray[np.float32],
        arms: int,
        n_jobs: int = 1,
        rows: IntArray | None = None,
    ) -> FloatArray:
        """mu (n, arms): the expected outcome under each arm, NaN for those not learned."""
        found = Forest.of(list(self.outcome.values())).score(matrix, rows, n_jobs)
        mu = np.full((len(found), arms), np.nan)
        mu[:, list(self.outcome)] = found
        return mu

    def effects(
        self,
        matrix: NDArray[np.float32],
        arms: int,
        n_jobs: int = 1,
        rows: IntArray | None = None,
        propensity: FloatArray | None = None,
    ) -> FloatArray:
        """tau (n, arms - 1): effects against the control, NaN for arms not learned.

        The textbook form needs `propensity` (n, arms): tau = e tau_control + (1 - e) tau_treated
        with e = p_a / (p_a + p_0).
        """
        if self.combination == "textbook" and propensity is None:
            raise BadRequest(
                "The textbook combination needs the propensity of the rows to predict.",
                remedy="Pass propensity=, or fit with combination='pooled'.",
                field="propensity",
            )
        forest = Forest.of([part for parts in self.effect.values() for part in parts])
        found = forest.score(matrix, rows, n_jobs)
        tau = np.full((len(found), arms - 1), np.nan)
        first = 0
        for place, parts in self.effect.items():
            columns = found[:, first : first + len(parts)]
            first += len(parts)
            if self.combination == "pooled" or propensity is None:
                tau[:, place - 1] = columns.mean(axis=1)
                continue
            e = propensity[:, place] / (propensity[:, place] + propensity[:, 0])
            tau[:, place - 1] = e * columns[:, 0] + (1 - e) * columns[:, 1]
        return tau


@dataclass(frozen=True)
class Imputed:
    """First stage of the X-learner: outcome models, and imputed effects to learn from.

    For each arm: the rows (ascending) of the arm and the control, their imputed effects, and the
    weights that mix the two kinds as the paper does.
    """

    outcome: dict[int, lgb.Booster]
    rows: dict[int, IntArray]
    effects: dict[int, FloatArray]
    weights: dict[int, FloatArray]


def impute(
    rows: BinnedRows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    shape: Shape,
    seed: int = 0,
    n_jobs: int = 1,
) -> Imputed:
    """Fit an outcome model an arm on the rows `index` (ascending) and impute effects.

    `arm`, `outcome` (n,) and `propensity` (n, arms) describe all rows. The control model meets
    the treated rows, and an arm's model the controls, only as rows it never trained on, so that
    the imputed effects need no further cross-fitting. Rows are weighted by e^2 (controls) and
    (1 - e)^2 (treated): at any x a leaf then averages the two imputed effects with the weights e
    and 1 - e of Künzel et al.
    """
    by_arm = {place: index[arm[index] == place] for place in (0, *arms)}
    models = {
        place: fit_booster(rows.subset(chosen), outcome[chosen], None, shape, seed, n_jobs)
        for place, chosen in by_arm.items()
    }
    controls = by_arm[0]
    treated_models = Forest.of([models[place] for place in arms])
    had_they = treated_models.score(rows.matrix, controls, n_jobs)
    control_model = Forest.of([models[0]])
    found = Imputed(models, {}, {}, {})
    for column, place in enumerate(arms):
        treated = by_arm[place]
        of_controls = had_they[:, column] - outcome[controls]
        of_treated = outcome[treated] - control_model.score(rows.matrix, treated, n_jobs)[:, 0]
        both = np.concatenate([controls, treated])
        order = np.argsort(both, kind="stable")
        both = both[order]
        e = propensity[both, place] / (propensity[both, place] + propensity[both, 0])
        weight = np.where(arm[both] == 0, e**2, (1 - e) ** 2)
        found.rows[place] = both
        found.effects[place] = np.concatenate([of_controls, of_treated])[order]
        found.weights[place] = weight / weight.mean()
    return found


def fit_effects(
    rows: BinnedRows, imputed: Imputed, shape: Shape, seed: int = 0, n_jobs: int = 1
) -> dict[int, lgb.Booster]:
    """Second stage: one effect model an arm, of one shape, on its own and the control rows."""
    return {
        place: fit_booster(
            rows.subset(chosen), imputed.effects[place], imputed.weights[place], shape, seed, n_jobs
        )
        for place, chosen in imputed.rows.items()
    }


def fit_textbook_effects(
    rows: BinnedRows, imputed: Imputed, arm: IntArray, shape: Shape, seed: int, n_jobs: int
) -> dict[int, tuple[lgb.Booster, ...]]:
    """Second stage as in the paper: (model of the controls' effects, model of the treated's)."""
    effect: dict[int, tuple[lgb.Booster, ...]] = {}
    for place, both in imputed.rows.items():
        sides = [arm[both] == 0, arm[both] == place]
        effect[place] = tuple(
            fit_booster(
                rows.subset(both[side]), imputed.effects[place][side], None, shape, seed, n_jobs
            )
            for side in sides
        )
    return effect


def fit_x_models(
    rows: BinnedRows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    capacity: Capacity,
    seed: int = 0,
    n_jobs: int = 1,
) -> XModels:
    """Both stages for the triggers `arms`, with every shape of the capacity."""
    imputed = impute(rows, index, arm, outcome, propensity, arms, capacity.outcome, seed, n_jobs)
    parts = [fit_effects(rows, imputed, shape, seed, n_jobs) for shape in capacity.effect]
    return XModels(imputed.outcome, {place: tuple(part[place] for part in parts) for place in arms})
