"""Beside peers where a trial is judged once, and where the truth is known.

`python -m benchmarks.uplift_real_once --data ../shared/data` trains on Starbucks' `train` and
judges the promotions that each learner would send once on `test`, with paired bootstrap errors,
beside the figures of the company's own model; and measures the effects' root-mean-square errors
(PEHE) on the samples of IHDP and ACIC 2016.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.uplift_real import paired
from benchmarks.uplift_real_data import STARBUCKS, Known, acic, ihdp, starbucks
from benchmarks.uplift_real_learners import causalml_forest, logistic, own_x, peers
from uplift.boosting import Shape
from uplift.capacity import Capacity
from uplift.learning import learn
from uplift.policy import best_choice

COMPANY = (0.0188, 189.45)
"""Incremental response rate and net incremental revenue of the company's own model."""
Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", choices=("starbucks", "ihdp", "acic"))
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    if options.only in (None, "starbucks"):
        show_promotions(options.data)
    for name, source in (("ihdp", ihdp), ("acic", acic)):
        if options.only in (None, name):
            show_errors(name, [all_errors(known) for known in source(options.data)])


def promoted(folder: Path) -> tuple[dict[str, NDArray[np.bool_]], Floats]:
    """Whom of `test` each learner would promote, and (n, 4) treated, control, and their buyers."""
    train, test = starbucks(folder, "train"), starbucks(folder, "test")
    learned = learn(train, test, STARBUCKS)
    found = {"ours": learned.model.score(test.X).best}
    plain, capacity = own_x(train)
    effects = {"ours, no policy step": plain(test.X)}
    for name, fit in peers(train, capacity).items():
        effects[name] = fit()(test.X)
    effects["causalml uplift forest"] = causalml_forest(train)(test.X)
    for name, effect in effects.items():
        found[name] = best_choice(STARBUCKS.net_values(effect, effect))
    found["everyone"] = np.ones(test.n, dtype=np.int64)
    treated, bought = test.arm == 1, test.outcome == 1
    cells = np.column_stack([treated, ~treated, treated & bought, ~treated & bought])
    return {name: choice == 1 for name, choice in found.items()}, cells.astype(np.float64)


def response_and_revenue(counts: Floats) -> Floats:
    """(..., 2) incremental response rate and net incremental revenue of (..., 4) counts."""
    treated, controls, bought, bought_anyway = np.moveaxis(counts, -1, 0)
    rate = bought / treated - bought_anyway / controls
    return np.stack([rate, 10 * (bought - bought_anyway) - 0.15 * treated], axis=-1)


def show_promotions(folder: Path, draws: int = 2000, at_once: int = 50) -> None:
    policies, cells = promoted(folder)
    inside = np.stack(list(policies.values()), axis=1).astype(np.float64)
    counted = (inside[:, :, None] * cells[:, None, :]).reshape(len(cells), -1)
    rng, n = np.random.default_rng(0), len(cells)
    parts = [
        rng.multinomial(n, np.full(n, 1 / n), size=at_once).astype(np.float64) @ counted
        for _ in range(draws // at_once)
    ]
    shape = (-1, len(policies), 4)
    found = response_and_revenue(counted.sum(axis=0).reshape(shape))[0]
    drawn = response_and_revenue(np.concatenate(parts).reshape(shape))
    error, behind = drawn.std(axis=0), (drawn[:, :1] - drawn).std(axis=0)
    print("| learner | promoted | IRR | SE | NIR | SE | ours less it: IRR | SE | NIR | SE |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for place, name in enumerate(policies):
        (rate, revenue), (rate_error, revenue_error) = found[place], error[place]
        lead, lead_error = found[0] - found[place], behind[place]
        print(f"| {name} | {inside[:, place].mean():.0%} | {rate:.4f} | {rate_error:.4f} "
              f"| {revenue:.0f} | {revenue_error:.0f} | {lead[0]:+.4f} | {lead_error[0]:.4f} "
              f"| {lead[1]:+.0f} | {lead_error[1]:.0f} |")  # fmt: skip
    lead = found[0] - np.array(COMPANY)
    print(f"| the company's own | | {COMPANY[0]} | | {COMPANY[1]} | | {lead[0]:+.4f} "
          f"| {error[0, 0]:.4f} | {lead[1]:+.0f} | {error[0, 1]:.0f} |\n")  # fmt: skip


def four_leaves(capacity: Capacity) -> Capacity:
    """One shape of four leaves with our rows a leaf: it suits peers better than their defaults."""
    shape = Shape(rows=capacity.outcome.rows)
    return Capacity("four leaves", shape, (shape,))


def rmse(effects: Floats, truth: Floats) -> float:
    """The square root of the precision in estimating heterogeneous effects (PEHE)."""
    return float(np.sqrt(np.mean((effects.ravel() - truth) ** 2)))


def all_errors(known: Known) -> dict[str, float]:
    """Errors of every learner's effects on a sample."""
    plain, capacity = own_x(known.data)
    found = {f"ours ({capacity.name})": rmse(plain(known.data.X), known.effect)}
    for name, fit in peers(known.data, capacity, logistic()).items():
        found[name] = rmse(fit()(known.data.X), known.effect)
    for name, fit in peers(known.data, four_leaves(capacity), logistic()).items():
        if name.endswith("our shapes"):
            label = name.replace("our shapes", "4 leaves")
            found[label] = rmse(fit()(known.data.X), known.effect)
    return found


def show_errors(name: str, samples: list[Mapping[str, float]]) -> None:
    rows = [list(sample.values()) for sample in samples]
    chosen = ", ".join(next(iter(sample)) for sample in samples)
    print(f"{name}, {len(rows)} samples; {chosen}\n")
    print("| learner | error | ours less it | SE | t |")
    print("|---|---|---|---|---|")
    for place, learner in enumerate(samples[0]):
        label = "ours" if place == 0 else learner
        mean, error, t = paired([row[0] - row[place] for row in rows])
        own = np.mean([row[place] for row in rows])
        print(f"| {label} | {own:.3f} | {mean:+.3f} | {error:.3f} | {t:+.1f} |")
    print()


if __name__ == "__main__":
    main()
