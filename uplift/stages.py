"""The two stages of the multi-treatment X-learner (Künzel, Sekhon, Bickel and Yu 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import lightgbm as lgb
import numpy as np

from domain.errors import BadRequest
from uplift.boosting import Rows, Scored, Shape
from uplift.capacity import Capacity
from uplift.dataset import FloatArray, IntArray

Combination = Literal["pooled", "textbook", "difference"]


@dataclass(frozen=True)
class XModels:
    """The fitted stages: `outcome` by arm (0 the control), `effect` by arm (one or more models).

    A pooled effect model learns from the imputed effects of the treated and of the controls
    together, and several are averaged; the textbook form keeps (model of the controls', model of
    the treated's) apart. "difference" has no effect models: effects are differences of outcomes.
    """

    outcome: dict[int, lgb.Booster]
    effect: dict[int, tuple[lgb.Booster, ...]]
    combination: Combination = "pooled"

    def outcomes(self, rows: Scored, arms: int, index: IntArray | None = None) -> FloatArray:
        """mu (n, arms) of the rows: the expected outcome under each arm, NaN if not learned."""
        found = rows.score(list(self.outcome.values()), index)
        mu = np.full((len(found), arms), np.nan)
        mu[:, list(self.outcome)] = found
        return mu

    def effects(
        self,
        rows: Scored,
        arms: int,
        index: IntArray | None = None,
        propensity: FloatArray | None = None,
    ) -> FloatArray:
        """tau (n, arms - 1) of the rows: effects against the control, NaN if not learned.

        The textbook form needs `propensity` (n, arms): tau = e tau_control + (1 - e) tau_treated
        with e = p_a / (p_a + p_0).
        """
        if self.combination == "textbook" and propensity is None:
            raise BadRequest(
                "The textbook combination needs the propensity of the rows to predict.",
                remedy="Pass propensity=, or fit with combination='pooled'.",
                field="propensity",
            )
        if self.combination == "difference":
            mu = self.outcomes(rows, arms, index)
            return np.asarray(mu[:, 1:] - mu[:, :1])
        found = rows.score([part for parts in self.effect.values() for part in parts], index)
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

    For each arm: the rows (ascending) of the arm and of those controls who could have got it,
    their imputed effects, and the weights that mix the two kinds as the paper does.
    """

    outcome: dict[int, lgb.Booster]
    rows: dict[int, IntArray]
    effects: dict[int, FloatArray]
    weights: dict[int, FloatArray]


def fit_outcomes(
    rows: Rows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    arms: Sequence[int],
    shape: Shape,
    seed: int = 0,
) -> dict[int, lgb.Booster]:
    """First stage: an outcome model for the control and for each trigger, on its rows alone."""
    by_arm = {place: index[arm[index] == place] for place in (0, *arms)}
    return {
        place: rows.fit(chosen, outcome[chosen], None, shape, seed)
        for place, chosen in by_arm.items()
    }


def impute(
    rows: Rows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    shape: Shape,
    seed: int = 0,
) -> Imputed:
    """Fit an outcome model an arm on the rows `index` (ascending) and impute effects.

    `arm`, `outcome` (n,) and `propensity` (n, arms) describe all rows. The control model meets
    the treated rows, and an arm's model the controls, only as rows it never trained on, so that
    the imputed effects need no further cross-fitting. Rows are weighted by e^2 (controls) and
    (1 - e)^2 (treated): at any x a leaf then averages the two imputed effects with the weights e
    and 1 - e of Künzel et al.
    """
    models = fit_outcomes(rows, index, arm, outcome, arms, shape, seed)
    controls = index[arm[index] == 0]
    had_they = rows.score([models[place] for place in arms], controls)
    found = Imputed(models, {}, {}, {})
    for column, place in enumerate(arms):
        treated = index[arm[index] == place]
        could = propensity[controls, place] > 0
        of_controls = (had_they[:, column] - outcome[controls])[could]
        of_treated = outcome[treated] - rows.score([models[0]], treated)[:, 0]
        both = np.concatenate([controls[could], treated])
        order = np.argsort(both, kind="stable")
        both = both[order]
        e = propensity[both, place] / (propensity[both, place] + propensity[both, 0])
        weight = np.where(arm[both] == 0, e**2, (1 - e) ** 2)
        found.rows[place] = both
        found.effects[place] = np.concatenate([of_controls, of_treated])[order]
        found.weights[place] = weight / weight.mean()
    return found


def fit_effects(
    rows: Rows, imputed: Imputed, shape: Shape, seed: int = 0
) -> dict[int, lgb.Booster]:
    """Second stage: one effect model an arm, of one shape, on its own and the control rows."""
    return {
        place: rows.fit(
            chosen, imputed.effects[place], imputed.weights[place], shape, seed, rows.context
        )
        for place, chosen in imputed.rows.items()
    }


def fit_textbook_effects(
    rows: Rows, imputed: Imputed, arm: IntArray, shape: Shape, seed: int
) -> dict[int, tuple[lgb.Booster, ...]]:
    """Second stage as in the paper: (model of the controls' effects, model of the treated's)."""
    effect: dict[int, tuple[lgb.Booster, ...]] = {}
    for place, both in imputed.rows.items():
        sides = [arm[both] == 0, arm[both] == place]
        effect[place] = tuple(
            rows.fit(both[side], imputed.effects[place][side], None, shape, seed, rows.context)
            for side in sides
        )
    return effect


def fit_x_models(
    rows: Rows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    propensity: FloatArray,
    arms: Sequence[int],
    capacity: Capacity,
    seed: int = 0,
) -> XModels:
    """Both stages for the triggers `arms`, with every shape of the capacity."""
    imputed = impute(rows, index, arm, outcome, propensity, arms, capacity.outcome, seed)
    parts = [fit_effects(rows, imputed, shape, seed) for shape in capacity.effect]
    return XModels(imputed.outcome, {place: tuple(part[place] for part in parts) for place in arms})
