"""One protocol for every effect learner, and our own behind it: X, T and DR on LightGBM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from domain.errors import BadRequest
from uplift.boosting import BinnedRows, ScoredRows
from uplift.capacity import ladder
from uplift.dataset import FloatArray, UpliftDataset
from uplift.features import FeatureSpace
from uplift.methods import Method, fit_models
from uplift.stages import XModels


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
    features: FeatureSpace
    models: XModels
    arms: int
    n_jobs: int

    def effects(self, X: pd.DataFrame) -> FloatArray:
        rows = ScoredRows(self.features.encode(X), self.n_jobs)
        return self.models.effects(rows, self.arms)

    def errors(self, X: pd.DataFrame) -> FloatArray | None:
        return None


@dataclass(frozen=True)
class Own:
    """One of our own methods on LightGBM, with the default capacity."""

    method: Method = Method.X
    seed: int = 0
    n_jobs: int = 1

    @property
    def name(self) -> str:
        return f"{self.method.value}-learner"

    def fit(self, data: UpliftDataset) -> EffectModel:
        features = FeatureSpace.of(data.X)
        capacity = ladder(np.bincount(data.arm, minlength=len(data.arms)))[0]
        matrix = features.encode(data.X)
        rows = BinnedRows(matrix, features.categorical, capacity.outcome.bins, self.n_jobs)
        models = fit_models(
            self.method, rows, np.arange(data.n), data.arm, data.outcome, known_propensity(data),
            range(1, len(data.arms)), capacity, self.seed,
        )  # fmt: skip
        return _Trees(features, models, len(data.arms), self.n_jobs)
