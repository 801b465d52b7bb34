"""How to learn effects on money that most customers never spend, on trials with known truth.

`python -m benchmarks.uplift_money --rows 50000 --seeds 3` draws trials whose outcome is 0 for most
and heavy-tailed (log-normal) for the others, learns the effects in several ways with trees of one
shape, and prints how near each comes: the correlation with the true effects, their
root-mean-square error (PEHE) as a share of the true effects' spread, and the share of the oracle's
gain over none for all that the best predicted effect keeps. Effects are moved to the average AIPW
effects first, as the engine delivers them. `--data` adds Hillstrom's spend, where the truth is
unknown: the held-out value of the policy, and the Qini coefficient of the order.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import lightgbm as lgb
import numpy as np

from benchmarks.uplift_real import halves, paired
from benchmarks.uplift_real_data import hillstrom
from benchmarks.uplift_trials import WORLDS, Floats, Matrix, World, captured
from uplift.amounts import smoothed_amounts
from uplift.boosting import BinnedRows, Shape
from uplift.capacity import ladder
from uplift.dataset import IntArray
from uplift.evaluation import aipw_scores, policy_difference
from uplift.features import FeatureSpace
from uplift.policy import best_choice, with_none
from uplift.ranking import qini

FRESH = 30_000
Through = Literal["buying", "amounts", "both"]


@dataclass(frozen=True)
class MoneyWorld:
    """Purchases as in a `World`, times amounts; triggers move who buys, how much, or both."""

    buyers: World
    through: Through
    amount: float = 60.0
    spread: float = 1.1

    def parts(self, X: Matrix) -> tuple[Floats, Floats]:
        """True chances to buy and mean amounts of buyers, both (n, arms + 1)."""
        moved = self.buyers.means(X)
        level = np.exp(0.5 * np.tanh(X[:, -1]) - 0.3 * (X[:, -2] > 0))
        still, flat = np.repeat(moved[:, :1], moved.shape[1], axis=1), np.ones_like(moved)
        ratio = moved / moved[:, :1]
        chance = still if self.through == "amounts" else moved
        more = flat if self.through == "buying" else np.clip(ratio, 0.4, 2.5)
        if self.through == "both":
            chance, more = np.sqrt(moved * still), np.sqrt(more)
        return chance, self.amount * level[:, None] * more

    def draw(self, n: int, seed: int) -> tuple[Matrix, IntArray, Floats, Floats]:
        """X, arm, money and true means, as `World.draw`."""
        X, arm, _, _ = self.buyers.draw(n, seed)
        rng = np.random.default_rng([11, self.buyers.seed, seed])
        chance, amount = self.parts(X)
        rows = np.arange(n)
        noise = np.exp(self.spread * rng.normal(size=n) - self.spread**2 / 2)
        bought = rng.random(n) < chance[rows, arm]
        return X, arm, bought * amount[rows, arm] * noise, chance * amount


@dataclass(frozen=True)
class Sample:
    """Rows with arms, outcomes and the arms' chances; `shape` and `effect` of the trees."""

    rows: BinnedRows
    data: lgb.Dataset
    arm: IntArray
    outcome: Floats
    chances: Floats
    shape: Shape
    effect: tuple[Shape, ...]

    @property
    def arms(self) -> range:
        return range(1, len(self.chances))


Predict = Callable[[Matrix], Floats]


def capped(outcome: Floats, quantile: float) -> Floats:
    """Amounts cut at a quantile of the nonzero ones; what is 0 stays 0."""
    spent = outcome[outcome > 0]
    return np.minimum(outcome, np.quantile(spent, quantile)) if len(spent) else outcome


def boosted(sample: Sample, rows: IntArray, label: Floats, shape: Shape, **extra: Any) -> Predict:
    """LightGBM on some rows; `extra` are parameters, such as another objective, or a weight."""
    weight = extra.pop("weight", None)
    data = sample.data.subset(rows.tolist()).construct()
    data.set_label(label.astype(np.float32))
    data.set_weight(None if weight is None else weight.astype(np.float32))
    model = lgb.train(
        shape.parameters(0, 1, len(label), [True]) | extra, data, num_boost_round=shape.rounds
    )
    return lambda matrix: np.asarray(model.predict(matrix, num_threads=1))


Outcomes = Callable[[Sample, IntArray, Floats], Predict]
"""A model of the outcome among some rows."""


def squares(sample: Sample, rows: IntArray, outcome: Floats) -> Predict:
    """Least squares."""
    return boosted(sample, rows, outcome[rows], sample.shape)


def tweedie(sample: Sample, rows: IntArray, outcome: Floats) -> Predict:
    """Tweedie's likelihood: many zeros, then a heavy tail."""
    return boosted(
        sample, rows, outcome[rows], sample.shape, objective="tweedie", tweedie_variance_power=1.5
    )


def hurdle(sample: Sample, rows: IntArray, outcome: Floats) -> Predict:
    """The chance to buy times the mean amount of buyers (gamma likelihood)."""
    buyers = rows[outcome[rows] > 0]
    shape = Shape(2, 50, rows=max(20, min(sample.shape.rows, len(buyers) // 20)))
    chance = boosted(sample, rows, (outcome[rows] > 0).astype(float), sample.shape)
    amount = boosted(sample, buyers, outcome[buyers], shape, objective="gamma")
    return lambda matrix: chance(matrix) * amount(matrix)


def difference(sample: Sample, outcome: Floats, model: Outcomes) -> Predict:
    """T-learner."""
    fits = [model(sample, np.flatnonzero(sample.arm == a), outcome) for a in (0, *sample.arms)]
    return lambda matrix: np.column_stack([fit(matrix) - fits[0](matrix) for fit in fits[1:]])


def x_learner(sample: Sample, outcome: Floats, model: Outcomes) -> Predict:
    """The pooled X-learner of `uplift.stages` on other outcome models."""
    control = np.flatnonzero(sample.arm == 0)
    anyway = model(sample, control, outcome)
    effects: list[list[Predict]] = []
    for place in sample.arms:
        treated = np.flatnonzero(sample.arm == place)
        had_they = model(sample, treated, outcome)
        both = np.sort(np.concatenate([control, treated]))
        matrix, is_treated = sample.rows.matrix[both], sample.arm[both] == place
        imputed = np.where(
            is_treated, outcome[both] - anyway(matrix), had_they(matrix) - outcome[both]
        )
        e = sample.chances[place] / (sample.chances[place] + sample.chances[0])
        weight = np.where(is_treated, (1 - e) ** 2, e**2)
        effects.append(
            [boosted(sample, both, imputed, shape, weight=weight) for shape in sample.effect]
        )
    return lambda matrix: np.column_stack(
        [np.mean([part(matrix) for part in parts], axis=0) for parts in effects]
    )


def scaled(sample: Sample, quantile: float) -> Floats:
    """Amounts cut at a quantile, or (0) the same for all, at the mean of the whole ones."""
    whole = sample.outcome
    cut = (whole > 0).astype(float) if quantile == 0 else capped(whole, quantile)
    return cut * whole.mean() / cut.mean()


def smoothed(sample: Sample) -> Floats:
    """The engine's: observed buyers, their amounts replaced by expected ones."""
    everyone = np.arange(len(sample.arm))
    return smoothed_amounts(sample.rows, everyone, sample.arm, sample.outcome, sample.arms)


METHODS: dict[str, Callable[[Sample], Predict]] = {
    "X, squares, whole amounts": lambda s: x_learner(s, s.outcome, squares),
    "X, squares, capped at 95 % (today)": lambda s: x_learner(s, capped(s.outcome, 0.95), squares),
    "X, squares, capped at 50 %, rescaled": lambda s: x_learner(s, scaled(s, 0.50), squares),
    "X, squares, smoothed amounts": lambda s: x_learner(s, smoothed(s), squares),
    "X, Tweedie, capped at 95 %": lambda s: x_learner(s, capped(s.outcome, 0.95), tweedie),
    "X, hurdle, capped at 95 %": lambda s: x_learner(s, capped(s.outcome, 0.95), hurdle),
    "X, Tweedie, smoothed amounts": lambda s: x_learner(s, smoothed(s), tweedie),
    "T, Tweedie": lambda s: difference(s, s.outcome, tweedie),
    "T, hurdle": lambda s: difference(s, s.outcome, hurdle),
}


def sample_of(
    matrix: Matrix, places: tuple[int, ...], arm: IntArray, y: Floats, chances: Floats
) -> Sample:
    capacity = ladder(np.bincount(arm))[0]
    data = lgb.Dataset(
        matrix,
        categorical_feature=list(places),
        params={"max_bin": 63, "feature_pre_filter": False, "verbosity": -1, "num_threads": 1},
    )
    rows = BinnedRows(matrix, places, 63, 1)
    return Sample(rows, data.construct(), arm, y, chances, capacity.outcome, capacity.effect)


def on_truth(world: MoneyWorld, n: int, seed: int) -> dict[str, tuple[float, float, float]]:
    """Correlation, PEHE over the effects' spread, and share captured, by method."""
    X, arm, y, _ = world.draw(n, seed)
    fresh, _, _, means = world.draw(FRESH, 10_000 + seed)
    sample = sample_of(X, (), arm, y, world.buyers.chances)
    everyone = np.arange(n)
    mu = np.repeat(squares(sample, everyone, capped(y, 0.95))(X)[:, None], means.shape[1], axis=1)
    gamma = aipw_scores(y, arm, np.tile(sample.chances, (n, 1)), mu)
    average = (gamma[:, 1:] - gamma[:, :1]).mean(axis=0)
    truth = means[:, 1:] - means[:, :1]
    found = {}
    for name, method in METHODS.items():
        effects = method(sample)(fresh)
        effects = effects - effects.mean(axis=0) + average
        near = np.mean([np.corrcoef(effects[:, k], truth[:, k])[0, 1] for k in range(len(average))])
        error = np.sqrt(np.mean((effects - truth) ** 2) / np.mean(truth.var(axis=0)))
        found[name] = (float(near), float(error), captured(effects, means))
    return found


def on_hillstrom(folder: Path, seed: int) -> dict[str, tuple[float, float]]:
    """Held-out policy value over mens for all (per 1,000) and mean Qini of both arms' effects."""
    data = hillstrom(folder, "spend")
    inside = halves(data.n, seed)
    learning, reporting = data.take(inside), data.take(~inside)
    features = FeatureSpace.of(learning.X)
    matrix, fresh = features.encode(learning.X), features.encode(reporting.X)
    sample = sample_of(
        matrix, features.categorical, learning.arm, learning.outcome, np.full(3, 1 / 3)
    )
    judge = squares(sample, np.arange(learning.n), capped(learning.outcome, 0.95))
    scores = []
    for part, rows in ((learning, matrix), (reporting, fresh)):
        mu = np.repeat(judge(rows)[:, None], 3, axis=1)
        gamma = aipw_scores(part.outcome, part.arm, part.propensity, mu)
        scores.append(gamma[:, 1:] - gamma[:, :1])
    average, held_out = scores[0].mean(axis=0), scores[1]
    single = np.full(reporting.n, best_choice(average[None])[0])
    found = {}
    for name, method in METHODS.items():
        effects = method(sample)(fresh)
        choice = best_choice(effects - effects.mean(axis=0) + average)
        value = policy_difference(with_none(held_out), choice, single).value
        order = np.mean([qini(effects[:, k], held_out[:, k]).value for k in range(2)])
        found[name] = (1000 * value, 1000 * float(order))
    return found


def show(title: str, heads: tuple[str, ...], seeds: list[dict[str, Any]]) -> None:
    """Means over seeds, with the paired error of the difference from today's."""
    print(f"### {title}, {len(seeds)} seeds\n\n| effects | {' | '.join(heads)} |")
    print("|---|" + "---|" * len(heads))
    today = next(name for name in METHODS if "today" in name)
    for name in METHODS:
        cells = []
        for place in range(len(heads)):
            mean = np.mean([seed[name][place] for seed in seeds])
            more, error, _ = paired([seed[name][place] - seed[today][place] for seed in seeds])
            cells.append(f"{mean:.3f} ({more:+.3f}, SE {error:.3f})")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--worlds", default="sparse,two arms")
    parser.add_argument("--through", default="buying,amounts,both")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    for through in options.through.split(","):
        for name in options.worlds.split(","):
            world = MoneyWorld(replace(WORLDS[name], arms=2, shares=None), through)
            seeds = [on_truth(world, options.rows, seed) for seed in range(options.seeds)]
            heads = ("correlation", "error", "captured")
            show(f"{name}, triggers move {through}, {options.rows:,} rows", heads, seeds)
    if options.data:
        splits = [on_hillstrom(options.data, seed) for seed in range(5)]
        show("Hillstrom spend, per 1,000 customers", ("over mens for all", "Qini"), splits)


if __name__ == "__main__":
    main()
