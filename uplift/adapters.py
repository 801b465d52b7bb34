"""causalml's and econml's learners behind our protocol. Both are optional (extra `peers`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.typing import NDArray

from domain.errors import BadRequest
from domain.experiment import OutcomeKind
from uplift.dataset import FloatArray, UpliftDataset
from uplift.features import FeatureSpace
from uplift.learners import EffectModel, known_propensity

LEVELS = 20
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Plain:
    """A frame as a matrix without NaN or categories, which these libraries do not take.

    Missing numbers become the training median beside an indicator; a categorical column becomes
    an indicator for each of its most frequent levels.
    """

    features: FeatureSpace
    median: NDArray[np.float32]
    gappy: NDArray[np.bool_]

    @classmethod
    def of(cls, X: pd.DataFrame) -> Plain:
        """Medians and gaps of a training frame."""
        features = FeatureSpace.of(X)
        matrix = features.encode(X)
        gaps = np.isnan(matrix)
        known = ~gaps.all(axis=0)
        median = np.zeros(matrix.shape[1], dtype=np.float32)
        median[known] = np.nanmedian(matrix[:, known], axis=0)
        return cls(features, median, np.asarray(gaps.any(axis=0) & known))

    def matrix(self, X: pd.DataFrame) -> Matrix:
        """(n, columns) float64."""
        encoded = self.features.encode(X)
        columns: list[NDArray[Any]] = []
        for place, name in enumerate(self.features.names):
            column = encoded[:, place]
            if name in self.features.levels:
                count = min(len(self.features.levels[name]), LEVELS)
                columns.extend(column == level for level in range(count))
                continue
            columns.append(np.where(np.isnan(column), self.median[place], column))
            if self.gappy[place]:
                columns.append(np.isnan(column))
        return np.column_stack(columns).astype(np.float64)


@dataclass(frozen=True)
class _Peer:
    plain: Plain
    predict: Any
    standard_errors: Any = None

    def effects(self, X: pd.DataFrame) -> FloatArray:
        return np.asarray(self.predict(self.plain.matrix(X)), dtype=np.float64)

    def errors(self, X: pd.DataFrame) -> FloatArray | None:
        if self.standard_errors is None:
            return None
        return np.asarray(self.standard_errors(self.plain.matrix(X)), dtype=np.float64)


def _regressor(seed: int, n_jobs: int) -> LGBMRegressor:
    """Four leaves: with the libraries' usual 31, a third of the gain is lost to noise."""
    return LGBMRegressor(
        num_leaves=4, n_estimators=100, learning_rate=0.08, min_child_samples=50,
        random_state=seed, n_jobs=n_jobs, verbosity=-1,
    )  # fmt: skip


def _classifier(seed: int, n_jobs: int) -> LGBMClassifier:
    return LGBMClassifier(
        num_leaves=4, n_estimators=50, learning_rate=0.08, min_child_samples=50,
        random_state=seed, n_jobs=n_jobs, verbosity=-1,
    )  # fmt: skip


@dataclass(frozen=True)
class CausalmlX:
    """causalml's `BaseXRegressor`, propensities given."""

    seed: int = 0
    n_jobs: int = 1
    name: str = "causalml x-learner"

    def fit(self, data: UpliftDataset) -> EffectModel:
        from causalml.inference.meta import BaseXRegressor

        plain, given = Plain.of(data.X), known_propensity(data)
        learner = BaseXRegressor(learner=_regressor(self.seed, self.n_jobs), control_name=0)
        arms = range(1, len(data.arms))
        share = {arm: given[:, arm] / (given[:, arm] + given[:, 0]) for arm in arms}
        learner.fit(plain.matrix(data.X), treatment=data.arm, y=data.outcome, p=share)

        def predict(matrix: Matrix) -> Any:
            # New rows have no propensity of their own: the average mixes the two effects.
            average = {arm: np.full(len(matrix), value.mean()) for arm, value in share.items()}
            return learner.predict(matrix, p=average)

        return _Peer(plain, predict)


@dataclass(frozen=True)
class CausalmlForest:
    """causalml's uplift random forest (Rzepakowski and Jaroszewicz 2012), binary outcomes only."""

    trees: int = 100
    seed: int = 0
    n_jobs: int = 1
    name: str = "causalml uplift forest"

    def fit(self, data: UpliftDataset) -> EffectModel:
        from causalml.inference.tree import UpliftRandomForestClassifier

        if data.kind is not OutcomeKind.BINARY:
            raise BadRequest(
                f"The uplift forest learns binary outcomes, not {data.kind.value}.",
                remedy="Choose another learner.",
                field="kind",
            )
        plain = Plain.of(data.X)
        forest = UpliftRandomForestClassifier(
            control_name=data.arms[0], n_estimators=self.trees, max_depth=5,
            min_samples_leaf=200, random_state=self.seed, n_jobs=self.n_jobs,
        )  # fmt: skip
        labels = np.array(data.arms)[data.arm]
        forest.fit(plain.matrix(data.X), treatment=labels, y=data.outcome.astype(int))
        order = [list(forest.classes_).index(name) - 1 for name in data.arms[1:]]
        return _Peer(plain, lambda matrix: np.asarray(forest.predict(matrix))[:, order])


@dataclass(frozen=True)
class EconmlForest:
    """econml's `CausalForestDML` (Wager and Athey 2018), with standard errors."""

    trees: int = 100
    seed: int = 0
    n_jobs: int = 1
    name: str = "econml causal forest"

    def fit(self, data: UpliftDataset) -> EffectModel:
        from econml.dml import CausalForestDML

        plain = Plain.of(data.X)
        forest = CausalForestDML(
            model_y=_regressor(self.seed, self.n_jobs),
            model_t=_classifier(self.seed, self.n_jobs),
            discrete_treatment=True, n_estimators=self.trees, min_samples_leaf=50,
            random_state=self.seed, n_jobs=self.n_jobs,
        )  # fmt: skip
        forest.fit(data.outcome, data.arm, X=plain.matrix(data.X))
        arms = range(1, len(data.arms))
        return _Peer(
            plain,
            lambda matrix: np.column_stack([forest.effect(matrix, T0=0, T1=a) for a in arms]),
            lambda matrix: np.column_stack(
                [forest.effect_inference(matrix, T0=0, T1=a).stderr for a in arms]
            ),
        )


@dataclass(frozen=True)
class EconmlDr:
    """econml's `DRLearner` with LightGBM."""

    seed: int = 0
    n_jobs: int = 1
    name: str = "econml dr-learner"

    def fit(self, data: UpliftDataset) -> EffectModel:
        from econml.dr import DRLearner

        plain = Plain.of(data.X)
        learner = DRLearner(
            model_propensity=_classifier(self.seed, self.n_jobs),
            model_regression=_regressor(self.seed, self.n_jobs),
            model_final=_regressor(self.seed, self.n_jobs),
            random_state=self.seed,
        )
        learner.fit(data.outcome, data.arm, X=plain.matrix(data.X))
        arms = range(1, len(data.arms))
        return _Peer(
            plain,
            lambda matrix: np.column_stack([learner.effect(matrix, T0=0, T1=a) for a in arms]),
        )
