"""The learners that `uplift_real` puts beside each other, each a function of the learning rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from uplift.adapters import CausalmlForest, Plain
from uplift.boosting import Shape
from uplift.capacity import Capacity
from uplift.dataset import UpliftDataset
from uplift.learners import known_propensity
from uplift.xlearner import XLearner

Effects = Callable[[pd.DataFrame], NDArray[np.float64]]
"""Effects (n, arms - 1) against the control of a frame's customers."""
FOREST_TREES = 30
"""What the uplift forest gets: it is slow."""


@dataclass(frozen=True)
class Bases:
    """What a peer's outcome and effect models are made of."""

    outcome: Any
    effect: Any


def as_it_comes() -> Bases:
    """LightGBM's own defaults, 31 leaves and 100 trees, which the libraries' examples use."""
    plain = {"n_jobs": 1, "verbosity": -1, "random_state": 0}
    return Bases(LGBMRegressor(**plain), LGBMRegressor(**plain))


def shaped(capacity: Capacity) -> Bases:
    """Models of the same shapes as ours, effect models of several shapes averaged."""
    effects = [(str(place), _regressor(shape)) for place, shape in enumerate(capacity.effect)]
    return Bases(_regressor(capacity.outcome), VotingRegressor(effects))


def _regressor(shape: Shape) -> LGBMRegressor:
    """A model of a shape; ours says the shape in LightGBM's own parameters."""
    return LGBMRegressor(n_estimators=shape.rounds, **shape.parameters(0, 1, 0, [True]))


def own_x(data: UpliftDataset) -> tuple[Effects, Capacity]:
    """Our X-learner as it comes, without the policy step, and the capacity that it chose."""
    model = XLearner().fit(data.X, data.arm, data.outcome, known_propensity(data))
    return model.predict, model.capacity_


def causalml_x(data: UpliftDataset, bases: Bases) -> Effects:
    """causalml's `BaseXRegressor` with the known propensities (its own fit of them is slow)."""
    from causalml.inference.meta import BaseXRegressor

    plain, given = Plain.of(data.X), known_propensity(data)
    arms = range(1, len(data.arms))
    share = {arm: given[:, arm] / (given[:, arm] + given[:, 0]) for arm in arms}
    learner = BaseXRegressor(
        control_outcome_learner=bases.outcome,
        treatment_outcome_learner=bases.outcome,
        control_effect_learner=bases.effect,
        treatment_effect_learner=bases.effect,
        control_name=0,
    )
    learner.fit(plain.matrix(data.X), treatment=data.arm, y=data.outcome, p=share)

    def effects(X: pd.DataFrame) -> NDArray[np.float64]:
        chance = {arm: np.full(len(X), value.mean()) for arm, value in share.items()}
        return np.asarray(learner.predict(plain.matrix(X), p=chance))

    return effects


def econml_x(data: UpliftDataset, bases: Bases, propensity: Any = None) -> Effects:
    """econml's `XLearner`; of a randomised trial the propensity is the arms' shares."""
    from econml.metalearners import XLearner as EconmlXLearner

    learner = EconmlXLearner(
        models=bases.outcome,
        cate_models=bases.effect,
        propensity_model=propensity or DummyClassifier(),
    )
    return _econml(learner, data)


def econml_dr(data: UpliftDataset, bases: Bases, propensity: Any = None) -> Effects:
    """econml's `DRLearner`, two folds as it comes."""
    from econml.dr import DRLearner

    learner = DRLearner(
        model_propensity=propensity or DummyClassifier(),
        model_regression=bases.outcome,
        model_final=bases.effect,
        random_state=0,
    )
    return _econml(learner, data)


def _econml(learner: Any, data: UpliftDataset) -> Effects:
    plain = Plain.of(data.X)
    learner.fit(data.outcome, data.arm, X=plain.matrix(data.X))

    def effects(X: pd.DataFrame) -> NDArray[np.float64]:
        matrix = plain.matrix(X)
        return np.column_stack(
            [learner.effect(matrix, T0=0, T1=arm) for arm in range(1, len(data.arms))]
        )

    return effects


def causalml_forest(data: UpliftDataset) -> Effects:
    """causalml's uplift random forest, of few trees."""
    return CausalmlForest(trees=FOREST_TREES).fit(data).effects


def logistic() -> Any:
    """A propensity model for samples that were not randomised."""
    return make_pipeline(StandardScaler(), LogisticRegression())


def peers(
    data: UpliftDataset, capacity: Capacity, propensity: Any = None
) -> Mapping[str, Callable[[], Effects]]:
    """The peers by the name that the tables print: as they come, and with our shapes."""
    found: dict[str, Callable[[], Effects]] = {}
    for label, bases in (("31 leaves", as_it_comes()), ("our shapes", shaped(capacity))):
        found[f"causalml X, {label}"] = partial(causalml_x, data, bases)
        found[f"econml X, {label}"] = partial(econml_x, data, bases, propensity)
        found[f"econml DR, {label}"] = partial(econml_dr, data, bases, propensity)
    return found
