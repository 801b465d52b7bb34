"""One learner fitted and judged on one trial: ours, causalml's and econml's X-learner alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.uplift_trials import WORLDS, captured, single

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Fit = Callable[[Matrix, NDArray[np.int64], Floats, Floats], dict[str, Any]]
Predict = Callable[[Matrix, Floats], Floats]

FRESH = 100_000
FRESH_ECONML = 20_000
HAND = {
    "num_leaves": 4, "learning_rate": 0.08, "n_estimators": 100, "min_child_samples": 200,
    "max_bin": 63,
}  # fmt: skip
"""The shape that was chosen by hand with the truth in view."""


def measure(
    learner: str, world: str, rows: int, seed: int, chosen: dict[str, Any] | None
) -> dict[str, Any]:
    """Fit and predict once; seconds of CPU, share captured, and the memory of the whole.

    `matrix` is the size of the features and `peak` how far the process rose above what it held
    before there were any data, both in MB. `chosen` holds the shapes that ours chose on the same
    rows.
    """
    truth = WORLDS[world]
    fit, predict = _learner(learner, seed, chosen)
    before = _memory("VmRSS")
    X, arm, y, _ = truth.draw(rows, seed)
    propensity = truth.propensity(X)
    if not truth.targeted:
        propensity = propensity[:1]
    _forget_peak()
    started = time.process_time()
    note = fit(X, arm, y, propensity)
    fitted = time.process_time()
    peak = _memory("VmHWM") - before
    fresh, _, _, means = truth.draw(FRESH_ECONML if "econml" in learner else FRESH, 10_000 + seed)
    propensity = truth.propensity(fresh)
    predict(fresh[:1000], propensity[:1000])  # the first call compiles
    warm = time.process_time()
    effects = predict(fresh, propensity)
    done = time.process_time()
    return {
        "learner": learner, "world": world, "rows": rows, "seed": seed,
        "fit": fitted - started, "predict": (done - warm) / len(fresh),
        "peak": peak, "matrix": X.nbytes / 2**20,
        "captured": None if learner == "unit" else captured(effects, means),
        "single": single(means), **note,
    }  # fmt: skip


def _memory(kind: str) -> float:
    """Memory of this process in MB: "VmRSS" now, "VmHWM" its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


def _forget_peak() -> None:
    Path(f"/proc/{os.getpid()}/clear_refs").write_text("5")


def _learner(name: str, seed: int, chosen: dict[str, Any] | None) -> tuple[Fit, Predict]:
    from lightgbm import LGBMRegressor

    def trees(shape: dict[str, Any]) -> Any:
        return LGBMRegressor(**shape, n_jobs=1, random_state=seed, verbosity=-1)

    if name == "unit":
        model = trees({"n_estimators": 100, "num_leaves": 31})

        def fit_unit(X: Matrix, arm: NDArray[np.int64], y: Floats, p: Floats) -> dict[str, Any]:
            model.fit(X, y)
            return {}

        return fit_unit, lambda X, p: np.asarray(model.predict(X))
    if name.startswith("ours"):
        return _ours(name, seed)
    outcome, effect = {}, {}
    if name.endswith("4 leaves"):
        outcome = effect = HAND
    elif name.endswith("our shape"):
        if chosen is None:
            raise ValueError("Measure ours first: its peers take the shapes it chose.")
        outcome, effect = (_lightgbm(chosen[part]) for part in ("outcome", "effect"))
    return (_causalml if name.startswith("causalml") else _econml)(trees(outcome), trees(effect))


def _lightgbm(shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "num_leaves": shape["leaves"], "n_estimators": shape["rounds"],
        "learning_rate": shape["rate"], "min_child_samples": shape["rows"],
        "max_bin": shape["bins"], "reg_lambda": shape["ridge"],
    }  # fmt: skip


def _ours(name: str, seed: int) -> tuple[Fit, Predict]:
    from uplift.xlearner import XLearner

    one = {"num_leaves": 4, "n_estimators": 30} if name == "ours, one shape" else {}
    learner = XLearner(**one, random_state=seed)

    def fit(X: Matrix, arm: NDArray[np.int64], y: Floats, p: Floats) -> dict[str, Any]:
        learner.fit(X, arm, y, p[0] if len(p) == 1 else p)
        capacity = learner.capacity_
        # The largest of an average's shapes stands for it; the outcomes' is that of all arms.
        return {
            "note": capacity.name,
            "outcome": asdict(capacity.common),
            "effect": asdict(capacity.effect[-1]),
        }

    return fit, lambda X, p: learner.predict(X)


def _causalml(outcome: Any, effect: Any) -> tuple[Fit, Predict]:
    from causalml.inference.meta import BaseXRegressor

    learner = BaseXRegressor(
        control_outcome_learner=outcome, treatment_outcome_learner=outcome,
        control_effect_learner=effect, treatment_effect_learner=effect, control_name=0,
    )  # fmt: skip

    def chances(p: Floats, n: int) -> dict[int, Floats]:
        ratio = p[:, 1:] / (p[:, 1:] + p[:, :1])
        return {
            place + 1: np.ascontiguousarray(np.broadcast_to(ratio[:, place], n))
            for place in range(ratio.shape[1])
        }

    def fit(X: Matrix, arm: NDArray[np.int64], y: Floats, p: Floats) -> dict[str, Any]:
        learner.fit(X, treatment=arm, y=y, p=chances(p, len(X)))
        return {}

    return fit, lambda X, p: np.asarray(learner.predict(X, p=chances(p, len(X))))


def _econml(outcome: Any, effect: Any) -> tuple[Fit, Predict]:
    from econml.metalearners import XLearner as EconmlXLearner
    from sklearn.dummy import DummyClassifier

    learner = EconmlXLearner(models=outcome, cate_models=effect, propensity_model=DummyClassifier())

    def fit(X: Matrix, arm: NDArray[np.int64], y: Floats, p: Floats) -> dict[str, Any]:
        learner.fit(y, arm, X=X)
        return {}

    def predict(X: Matrix, p: Floats) -> Floats:
        arms = range(1, p.shape[1])
        return np.column_stack([learner.effect(X, T0=0, T1=place) for place in arms])

    return fit, predict
