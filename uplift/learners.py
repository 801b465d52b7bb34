"""One protocol for every effect learner, and our own behind it: X, T and DR on LightGBM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from domain.errors import BadRequest
from uplift.boosting import BinnedRows, ScoredRows
from uplift.capacity import Capacity, ladder
from uplift.crossfit import crossfit, grouped_folds
from uplift.dataset import FloatArray, UpliftDataset
from uplift.evaluation import aipw_scores
from uplift.features import FeatureSpace
from uplift.stages import XModels, fit_x_models, impute


class EffectModel(Protocol):
    """A fitted learner."""

    def effects(self, X: pd.DataFrame) -> FloatArray:
        """Effects (n, arms - 1) against the control."""
        ...

    def errors(self, X: pd.DataFrame) -> FloatArray | None:
        """Standard errors of the effects (n, arms - 1), None where the learner has none."""
        ...


class Learner(Protocol):
    """A way to learn effects from a data set with propensities."""

    @property
    def name(self) -> str:
        """What a table of learners calls it."""
        ...

    def fit(self, data: UpliftDataset) -> EffectModel:
        """Learn from all rows; `data.propensity` must be known or filled with estimates."""
        ...


def known_propensity(data: UpliftDataset) -> FloatArray:
    """The propensities of a data set; BadRequest where they are missing."""
    if data.propensity is None:
        raise BadRequest(
            "The learner needs propensities, and the data set has none.",
            remedy="Estimate them first: uplift.propensity.estimate_propensity.",
            field="propensity",
        )
    return data.propensity


@dataclass(frozen=True)
class _Trees:
    """Effects from effect models, or as the `difference` of outcome models."""

    features: FeatureSpace
    models: XModels
    arms: int
    difference: bool
    n_jobs: int

    def effects(self, X: pd.DataFrame) -> FloatArray:
        rows = ScoredRows(self.features.encode(X), self.n_jobs)
        if self.difference:
            mu = self.models.outcomes(rows, self.arms)
            return np.asarray(mu[:, 1:] - mu[:, :1])
        return self.models.effects(rows, self.arms)

    def errors(self, X: pd.DataFrame) -> FloatArray | None:
        return None


def _binned(data: UpliftDataset, n_jobs: int) -> tuple[FeatureSpace, BinnedRows, Capacity]:
    features = FeatureSpace.of(data.X)
    capacity = ladder(np.bincount(data.arm, minlength=len(data.arms)))[0]
    matrix = features.encode(data.X)
    rows = BinnedRows(matrix, features.categorical, capacity.outcome.bins, n_jobs)
    return features, rows, capacity


@dataclass(frozen=True)
class OwnX:
    """The X-learner with the default capacity."""

    seed: int = 0
    n_jobs: int = 1
    name: str = "x-learner"

    def fit(self, data: UpliftDataset) -> EffectModel:
        features, rows, capacity = _binned(data, self.n_jobs)
        models = fit_x_models(
            rows, np.arange(data.n), data.arm, data.outcome, known_propensity(data),
            range(1, len(data.arms)), capacity, self.seed,
        )  # fmt: skip
        return _Trees(features, models, len(data.arms), False, self.n_jobs)


@dataclass(frozen=True)
class OwnT:
    """The T-learner: the difference of one outcome model an arm and the control's."""

    seed: int = 0
    n_jobs: int = 1
    name: str = "t-learner"

    def fit(self, data: UpliftDataset) -> EffectModel:
        features, rows, capacity = _binned(data, self.n_jobs)
        imputed = impute(
            rows, np.arange(data.n), data.arm, data.outcome, known_propensity(data),
            range(1, len(data.arms)), capacity.outcome, self.seed,
        )  # fmt: skip
        models = XModels(imputed.outcome, {})
        return _Trees(features, models, len(data.arms), True, self.n_jobs)


@dataclass(frozen=True)
class OwnDr:
    """The DR-learner (Kennedy 2023): cross-fitted AIPW contrasts regressed on the profile."""

    folds: int = 3
    seed: int = 0
    n_jobs: int = 1
    name: str = "dr-learner"

    def fit(self, data: UpliftDataset) -> EffectModel:
        features, rows, capacity = _binned(data, self.n_jobs)
        fold = grouped_folds(data.unit, self.folds, self.seed)
        propensity, arms = known_propensity(data), range(1, len(data.arms))
        found = crossfit(
            rows, data.arm, data.outcome, propensity, arms, fold, [capacity], self.seed
        )
        gamma = aipw_scores(data.outcome, data.arm, propensity, found.mu)
        everyone = np.arange(data.n)
        effect = {
            place: tuple(
                rows.fit(
                    everyone, gamma[:, place] - gamma[:, 0], None, shape, self.seed, rows.context
                )
                for shape in capacity.effect
            )
            for place in arms
        }
        return _Trees(features, XModels({}, effect), len(data.arms), False, self.n_jobs)
