"""Our policy beside peers' and beside the best single arm, on real trials.

`python -m benchmarks.uplift_real --data ../shared/data --splits 5` splits every trial 70/30 at
random as often, lets every learner choose an arm for the held-out customers, and judges all of
them by the same AIPW scores of the net value, made by outcome models of the learning customers.
"Ours" is `learning.learn`: the X-learner, the calibration and the choice of how far to
personalise; "ours, no policy step" is the plain argmax of `XLearner`.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.uplift_real_data import Trial, trial
from benchmarks.uplift_real_learners import causalml_forest, own_x, peers
from domain.experiment import OutcomeKind
from uplift.evaluation import policy_difference
from uplift.learning import LearningSettings, learn
from uplift.policy import best_choice

OURS, PLAIN = "ours", "ours, no policy step"
TRIALS = (
    "hillstrom visit",
    "hillstrom conversion",
    "hillstrom spend",
    "hillstrom visit mens",
    "hillstrom visit womens",
    "hillstrom spend mens",
    "hillstrom spend womens",
    "starbucks purchase",
    "criteo visit",
)
Gains = Mapping[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--trials", default=",".join(TRIALS))
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    for name in options.trials.split(","):
        found = trial(options.data, name)
        started = time.process_time()
        splits = [judge(found, seed) for seed in range(options.splits)]
        show(name, [gains for gains, _ in splits], [words for _, words in splits])
        print(f"{(time.process_time() - started) / options.splits:.0f} CPU seconds a split\n")


def halves(n: int, seed: int, learn_share: float = 0.7) -> NDArray[np.bool_]:
    """(n,) who is learned from."""
    return np.random.default_rng(seed).random(n) < learn_share


def judge(found: Trial, seed: int) -> tuple[Gains, str]:
    """Each learner's held-out net value a customer over the best single arm's, which the learning
    rows chose, and in words what ours says of personalising; "error" is our gain's own."""
    data, economics = found.data, found.economics
    inside = halves(data.n, seed)
    learning, reporting = data.take(inside), data.take(~inside)
    learned = learn(learning, reporting, economics, LearningSettings(seed=seed))
    scores, evaluation = learned.reporting_net_scores, learned.evaluation
    single = np.full(reporting.n, data.arms.index(evaluation.best_single))
    plain, capacity = own_x(learning)
    effects = {PLAIN: plain(reporting.X)}
    for name, fit in peers(learning, capacity).items():
        effects[name] = fit()(reporting.X)
    if data.kind is OutcomeKind.BINARY:
        effects["causalml uplift forest"] = causalml_forest(learning)(reporting.X)
    policies = {
        name: best_choice(economics.net_values(effect, effect)) for name, effect in effects.items()
    }
    ours = learned.model.score(reporting.X).best
    gain = policy_difference(scores, ours, single)
    gains = {
        name: policy_difference(scores, policy, single).value for name, policy in policies.items()
    }
    note = (
        f"weight {evaluation.mixture.weight:g}, quiet {evaluation.mixture.quiet:g} "
        f"over {evaluation.best_single}, {capacity.name}"
    )
    return {OURS: gain.value, **gains, "error": gain.se}, note


def paired(differences: Sequence[float]) -> tuple[float, float, float]:
    """Mean, standard error and t of differences over splits.

    The naive error: splits share customers, so that the true one is larger.
    """
    values = np.asarray(differences)
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    mean = float(values.mean())
    return mean, error, mean / error if error > 0 else 0.0


def verdict(t: float, splits: int) -> str:
    """In words, one-sided at 5 % on either side."""
    bound = float(stats.t.ppf(0.95, splits - 1))
    return "better" if t > bound else "worse" if t < -bound else "alike"


def show(name: str, splits: Sequence[Gains], notes: Sequence[str]) -> None:
    """One table; figures are a thousandth of the outcome's unit (or of the currency)."""
    print(f"### {name}\n\nPer 1,000 customers. Ours by split: {'; '.join(notes)}.\n")
    print("| learner | over best single | SE | t | | ours less it | SE | t | |")
    print("|---|---|---|---|---|---|---|---|---|")
    count = len(splits)
    for learner in (key for key in splits[0] if key != "error"):
        mean, error, t = paired([1000 * row[learner] for row in splits])
        less = paired([1000 * (row[OURS] - row[learner]) for row in splits])
        beside = (
            "| | | |"
            if learner == OURS
            else f"| {less[0]:+.2f} | {less[1]:.2f} | {less[2]:+.1f} | {verdict(less[2], count)} |"
        )
        print(f"| {learner} | {mean:+.2f} | {error:.2f} | {t:+.1f} | {verdict(t, count)} {beside}")
    own = np.mean([1000 * row["error"] for row in splits])
    print(f"\nA split's own standard error of our gain over the best single arm: {own:.2f}.")


if __name__ == "__main__":
    main()
