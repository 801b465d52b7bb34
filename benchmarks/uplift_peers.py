"""Our X-learner beside causalml's and econml's: quality, CPU time and memory, on known truth.

`python -m benchmarks.uplift_peers --worlds smooth,steps --rows 20000,100000 --seeds 2` draws
randomised trials, fits every learner on the same rows in a process of its own with one thread, and
prints a table. The unit of time is the CPU time of one plain LightGBM regression (100 trees, 31
leaves) on the same rows, respectively of its prediction. "captured" is the share of the oracle
policy's gain over none for all that choosing the best predicted effect keeps on fresh customers.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.uplift_trials import WORLDS, captured, single

FRESH = 100_000
LEARNERS = (
    "unit",
    "ours",
    "ours, 4 leaves",
    "causalml, 31 leaves",
    "causalml, 4 leaves",
    "econml, 31 leaves",
    "econml, 4 leaves",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", default="smooth,steps,sparse,unequal")
    parser.add_argument("--rows", default="20000,100000")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--learners", default=";".join(LEARNERS))
    parser.add_argument("--one", nargs=4, metavar=("LEARNER", "WORLD", "ROWS", "SEED"))
    options = parser.parse_args()
    if options.one:
        learner, world, rows, seed = options.one
        print(json.dumps(measure(learner, world, int(rows), int(seed))))
        return
    for rows in options.rows.split(","):
        for world in options.worlds.split(","):
            table = [
                [run(learner, world, rows, seed) for seed in range(options.seeds)]
                for learner in options.learners.split(";")
            ]
            show(world, rows, table)


def run(learner: str, world: str, rows: str, seed: int) -> dict[str, Any]:
    """One measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.uplift_peers"]
    command += ["--one", learner, world, rows, str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(world: str, rows: str, table: list[list[dict[str, Any]]]) -> None:
    unit = table[0]
    fit_unit = float(np.mean([row["fit"] for row in unit]))
    score_unit = float(np.mean([row["predict"] for row in unit]))
    print(f"\n{world}, {int(rows):,} rows, {len(unit)} seeds; best single arm for everyone "
          f"captures {np.mean([row['single'] for row in unit]):.3f}")  # fmt: skip
    print(f"{'':24}{'captured':>10}{'fit units':>11}{'predict units':>15}{'peak MB':>9}")
    for seeds in table[1:]:
        share, fit, predict, peak = (
            float(np.mean([row[key] for row in seeds]))
            for key in ("captured", "fit", "predict", "peak")
        )
        note = seeds[0]["note"]
        print(f"{seeds[0]['learner']:24}{share:10.3f}{fit / fit_unit:11.2f}"
              f"{predict / score_unit:15.2f}{peak:9.0f}  {note}", flush=True)  # fmt: skip


def measure(learner: str, world: str, rows: int, seed: int) -> dict[str, Any]:
    """Fit and predict once; seconds of CPU, peak memory of the process, share captured."""
    truth = WORLDS[world]
    X, arm, y, _ = truth.draw(rows, seed)
    fresh, _, _, means = truth.draw(FRESH, 10_000 + seed)
    fit, predict = _learner(learner, truth.chances)
    started = time.process_time()
    note = fit(X, arm, y)
    fitted = time.process_time()
    predict(fresh[:1000])  # the first call compiles
    warm = time.process_time()
    effects = predict(fresh)
    done = time.process_time()
    return {
        "learner": learner,
        "fit": fitted - started,
        "predict": done - warm,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "captured": captured(effects, means) if effects.ndim == 2 else None,
        "single": single(means),
        "note": note,
    }


Fit = Callable[[Any, Any, Any], str]
Predict = Callable[[Any], Any]


def _learner(name: str, chances: Any) -> tuple[Fit, Predict]:
    from lightgbm import LGBMRegressor

    def base(leaves: int) -> Any:
        shape = {"num_leaves": 31} if leaves == 31 else {
            "num_leaves": 4, "learning_rate": 0.08, "min_child_samples": 200, "max_bin": 63,
        }  # fmt: skip
        return LGBMRegressor(**shape, n_estimators=100, n_jobs=1, verbosity=-1)

    leaves = 4 if name.endswith(", 4 leaves") else 31
    if name == "unit":
        model = base(31)
        return (lambda X, arm, y: str(model.fit(X, y) and "")), model.predict
    if name.startswith("ours"):
        from uplift.xlearner import XLearner

        ours = XLearner(num_leaves=4 if name.endswith("4 leaves") else None)

        def fit(X: Any, arm: Any, y: Any) -> str:
            return str(ours.fit(X, arm, y, chances).capacity_.name)

        return fit, ours.predict
    if name.startswith("causalml"):
        from causalml.inference.meta import BaseXRegressor

        peer = BaseXRegressor(learner=base(leaves), control_name=0)

        def given(n: int) -> dict[int, Any]:
            return {
                place: np.full(n, chances[place] / (chances[place] + chances[0]))
                for place in range(1, len(chances))
            }

        def fit_causalml(X: Any, arm: Any, y: Any) -> str:
            peer.fit(X, treatment=arm, y=y, p=given(len(X)))
            return ""

        return fit_causalml, lambda X: peer.predict(X, p=given(len(X)))
    from econml.metalearners import XLearner as EconmlXLearner
    from sklearn.dummy import DummyClassifier

    econml = EconmlXLearner(
        models=base(leaves), cate_models=base(leaves), propensity_model=DummyClassifier()
    )

    def fit_econml(X: Any, arm: Any, y: Any) -> str:
        econml.fit(y, arm, X=X)
        return ""

    return fit_econml, lambda X: np.column_stack(
        [econml.effect(X, T0=0, T1=place) for place in range(1, len(chances))]
    )


if __name__ == "__main__":
    main()
