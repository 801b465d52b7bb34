"""The stages of the multi-treatment X-learner (Künzel, Sekhon, Bickel and Yu 2019), in which all
arms share what is common to their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import lightgbm as lgb
import numpy as np

from domain.errors import BadRequest
from uplift.boosting import Rows, Scored, Shape, summed
from uplift.capacity import Capacity
from uplift.dataset import FloatArray, IntArray

Combination = Literal["pooled", "textbook", "difference"]

HEAVIEST = 10.0


@dataclass(frozen=True)
class XModels:
    """The fitted stages: `outcome` by arm (0 the control), `effect` by arm (one or more models).

    "pooled": each effect model learns from all imputed effects of its arm, and several are
    averaged. "textbook" keeps (model of the controls' imputed effects, model of
    the treated's). "difference" has no effect models: effects are differences of outcomes.
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
    """Imputed effects to learn from: for each trigger its rows (ascending), the effects and their
    weights."""

    rows: dict[int, IntArray]
    effects: dict[int, FloatArray]
    weights: dict[int, FloatArray | None]


@dataclass(frozen=True)
class CommonModel:
    """The outcome model of every arm's rows, and what it leaves over of their outcomes (n,).

    Without a model, all of the outcome is left over.
    """

    booster: lgb.Booster | None
    rest: FloatArray


@dataclass(frozen=True)
class OutcomeModels:
    """The common outcome model and, by arm (0 the control), what the arm's own rows add to it."""

    common: CommonModel
    own: dict[int, lgb.Booster]

    def merged(self) -> dict[int, lgb.Booster]:
        """One booster an arm."""
        common = self.common.booster
        if common is None:
            return self.own
        return {place: summed(common, own) for place, own in self.own.items()}

    def outcomes(self, rows: Scored, arms: int, index: IntArray | None = None) -> FloatArray:
        """mu (n, arms) of the rows: the expected outcome under each arm, NaN if not learned."""
        common = [] if self.common.booster is None else [self.common.booster]
        found = rows.score([*self.own.values(), *common], index)
        own = len(self.own)
        mu = np.full((len(found), arms), np.nan)
        mu[:, list(self.own)] = found[:, :own] + found[:, own:].sum(axis=1, keepdims=True)
        return mu


def fit_common(
    rows: Rows, index: IntArray, outcome: FloatArray, shape: Shape | None, seed: int = 0
) -> CommonModel:
    """Fit on the rows `index` (ascending) of all arms; what is left over is NaN elsewhere."""
    if shape is None:
        return CommonModel(None, outcome)
    booster = rows.fit(index, outcome[index], None, shape, seed)
    rest = np.full(len(outcome), np.nan)
    rest[index] = outcome[index] - rows.score([booster], index)[:, 0]
    return CommonModel(booster, rest)


def fit_outcomes(
    rows: Rows,
    index: IntArray,
    arm: IntArray,
    common: CommonModel,
    propensity: FloatArray,
    arms: Sequence[int],
    shape: Shape,
    seed: int = 0,
) -> OutcomeModels:
    """First stage: an outcome model for the control and for each trigger.

    All begin with the common model, if there is one, for who buys is much the same whatever was
    sent, and go on with what the arm's own rows have beside it.
    """
    own = {}
    for place in (0, *arms):
        chosen = index[arm[index] == place]
        weight = balancing(propensity[chosen, place])
        own[place] = rows.fit(chosen, common.rest[chosen], weight, shape, seed)
    return OutcomeModels(common, own)


def balancing(chance: FloatArray) -> FloatArray | None:
    """Weights (n,) by which the rows of an arm stand for all customers, from their propensities.

    Inverse propensities, none above HEAVIEST times the median; None where all are the same.
    """
    if not len(chance) or chance.min() == chance.max():
        return None
    weight = 1 / chance
    weight = np.minimum(weight, HEAVIEST * np.median(weight))
    return np.asarray(weight / weight.mean())


def impute(
    rows: Rows, index: IntArray, arm: IntArray, propensity: FloatArray, models: OutcomeModels
) -> Imputed:
    """Impute effects among the rows `index` (ascending) of the outcome models.

    `arm` (n,) and `propensity` (n, arms) describe all rows. A treated customer's effect is the
    outcome less what the one control model expects. Beside a common model, the controls' imputed
    effects are left out: the noise of their outcomes would enter each arm's effects by other
    splits, and so the comparison of the arms, while in the control model it is the same for all
    of them. Without one, they join: what the arm's model expects of a control who could have got
    it, less the outcome. Rows then weigh e^2 (controls) and (1 - e)^2 (treated) with
    e = p_a / (p_a + p_0): at any x a leaf averages the two imputed effects with the weights e and
    1 - e of Künzel et al.
    """
    found = Imputed({}, {}, {})
    rest = models.common.rest
    controls = index[arm[index] == 0]
    for place in models.own:
        if place == 0:
            continue
        treated = index[arm[index] == place]
        effects = rest[treated] - rows.score([models.own[0]], treated)[:, 0]
        if models.common.booster is not None:
            found.rows[place] = treated
            found.effects[place] = effects
            found.weights[place] = balancing(propensity[treated, place])
            continue
        could = controls[propensity[controls, place] > 0]
        of_controls = rows.score([models.own[place]], could)[:, 0] - rest[could]
        both = np.concatenate([could, treated])
        order = np.argsort(both, kind="stable")
        both = both[order]
        e = propensity[both, place] / (propensity[both, place] + propensity[both, 0])
        weight = np.where(arm[both] == 0, e**2, (1 - e) ** 2)
        found.rows[place] = both
        found.effects[place] = np.concatenate([of_controls, effects])[order]
        found.weights[place] = weight / weight.mean()
    return found


def fit_effects(
    rows: Rows, imputed: Imputed, shape: Shape, seed: int = 0
) -> dict[int, lgb.Booster]:
    """Second stage: one effect model an arm, of one shape."""
    return {
        place: rows.fit(
            chosen, imputed.effects[place], imputed.weights[place], shape, seed, rows.context
        )
        for place, chosen in imputed.rows.items()
    }


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
    common = fit_common(rows, index, outcome, capacity.common, seed)
    models = fit_outcomes(rows, index, arm, common, propensity, arms, capacity.outcome, seed)
    imputed = impute(rows, index, arm, propensity, models)
    parts = [fit_effects(rows, imputed, shape, seed) for shape in capacity.effect]
    effect = {place: tuple(part[place] for part in parts) for place in arms}
    return XModels(models.merged(), effect)
