"""Randomised trials with known truth, of many sizes and kinds, for the benchmarks of `uplift`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """What is true of a kind of customer.

    `base` is the mean outcome without a trigger, `shares` the chance of each arm (the control
    first), `shape` how effects depend on the profile: "smooth" (sums of curves), "steps"
    (thresholds and pairs of thresholds) or "sparse" (one field decides for each arm). `shared` is
    the part of the effects' variance that all arms have in common, `targeted` how strongly the
    chance of each arm depends on the profile (0: the shares for everyone).
    """

    base: float = 0.08
    arms: int = 5
    features: int = 40
    shares: tuple[float, ...] | None = None
    shape: str = "smooth"
    shared: float = 0.0
    targeted: float = 0.0
    seed: int = 0

    @property
    def chances(self) -> Floats:
        """(arms + 1,) share of each arm, the control first."""
        if self.shares is not None:
            return np.array(self.shares)
        return np.full(self.arms + 1, 1 / (self.arms + 1))

    def propensity(self, X: Matrix) -> Floats:
        """Chances (n, arms + 1) of each arm, the control first."""
        if not self.targeted:
            return np.tile(self.chances, (len(X), 1))
        rng = np.random.default_rng([self.seed, 1])
        columns = rng.choice(self.features, size=self.arms + 1, replace=False)
        pull = np.tanh(X[:, columns].astype(np.float64) - 0.5)
        weights = self.chances * np.exp(self.targeted * pull)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def means(self, X: Matrix) -> Floats:
        """True outcome means (n, arms + 1)."""
        rng = np.random.default_rng(self.seed)
        n = len(X)
        index = np.zeros(n)
        for column in rng.choice(self.features, size=8, replace=False):
            index += rng.normal(scale=0.45) * _curve(X[:, column], rng)
        logit = np.log(self.base / (1 - self.base)) - 0.35 + index
        control = 1 / (1 + np.exp(-logit))
        means = [control]
        common = _effect(X, self.shape, rng) if self.shared else np.zeros(n)
        for arm in range(self.arms):
            effect = _effect(X, self.shape, rng)
            effect = np.sqrt(self.shared) * common + np.sqrt(1 - self.shared) * effect
            scale = self.base * (0.10 + 0.03 * arm), self.base * 0.30
            means.append(np.clip(control + scale[0] + scale[1] * effect, 0.001, 0.95))
        return np.column_stack(means)

    def draw(self, n: int, seed: int) -> tuple[Matrix, NDArray[np.int64], Floats, Floats]:
        """X (n, features), arm (n,), outcome (n,) and true means (n, arms + 1)."""
        rng = np.random.default_rng([self.seed, seed])
        X = rng.normal(size=(n, self.features)).astype(np.float32)
        half = self.features // 4
        X[:, :half] = np.exp(X[:, :half])
        X[:, half : 2 * half] = np.floor(2 * np.abs(X[:, half : 2 * half]))
        below = np.cumsum(self.propensity(X), axis=1)[:, :-1]
        arm = (rng.random(n)[:, None] >= below).sum(axis=1)
        means = self.means(X)
        outcome = (rng.random(n) < means[np.arange(n), arm]).astype(np.float64)
        return X, arm.astype(np.int64), outcome, means


def _curve(column: Matrix, rng: np.random.Generator) -> Floats:
    kind = rng.integers(3)
    x = column.astype(np.float64)
    if kind == 0:
        return np.tanh(x - np.median(x))
    if kind == 1:
        return np.where(x > np.quantile(x, rng.uniform(0.3, 0.7)), 1.0, -1.0)
    centred = (x - x.mean()) / x.std()
    return np.clip(centred**2 - 1, -1, 1.5)


def _effect(X: Matrix, shape: str, rng: np.random.Generator) -> Floats:
    columns = rng.choice(X.shape[1], size=5, replace=False)
    if shape == "sparse":
        effect = 1.8 * _curve(X[:, columns[0]], rng)
    elif shape == "steps":
        signs = [
            np.where(X[:, c] > np.quantile(X[:, c], rng.uniform(0.3, 0.7)), 1.0, -1.0)
            for c in columns
        ]
        effect = signs[0] * signs[1] + signs[2] * signs[3] + signs[4]
    else:
        effect = sum((rng.normal() * _curve(X[:, c], rng) for c in columns), np.zeros(len(X)))
    effect = effect - effect.mean()
    return np.asarray(effect / max(float(effect.std()), 1e-9))


def captured(effects: Floats, means: Floats) -> float:
    """Share of the oracle policy's gain over none-for-all that the argmax of `effects` keeps."""
    filled = np.column_stack([np.zeros(len(effects)), effects])
    chosen = means[np.arange(len(means)), filled.argmax(axis=1)]
    return float((chosen - means[:, 0]).mean() / (means.max(axis=1) - means[:, 0]).mean())


def single(means: Floats) -> float:
    """What the best arm for everyone captures."""
    best = max(float(means[:, arm].mean()) for arm in range(means.shape[1]))
    return (best - float(means[:, 0].mean())) / float((means.max(axis=1) - means[:, 0]).mean())


WORLDS = {
    "smooth": World(),
    "steps": World(shape="steps", seed=1),
    "sparse": World(shape="sparse", seed=2),
    "frequent": World(base=0.30, seed=3),
    "rare": World(base=0.02, seed=4),
    "unequal": World(shares=(0.5, 0.2, 0.1, 0.1, 0.05, 0.05), seed=5),
    "two arms": World(arms=2, shape="steps", seed=6),
    "shared": World(shared=0.7, seed=7),
    "targeted": World(targeted=1.0, seed=8),
}
"""The trials that are reported."""

DESIGN = {name: replace(world, seed=world.seed + 100) for name, world in WORLDS.items()}
"""The same kinds with other truths, on which the learner's defaults were designed."""
