"""Small randomised trials with known truth, for tests."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.experiment import OutcomeKind
from uplift.dataset import UpliftDataset


@dataclass(frozen=True)
class Trial:
    """A data set, the true outcome means (n, arms) of its rows, and its propensities."""

    data: UpliftDataset
    mu: np.ndarray
    propensity: np.ndarray

    @property
    def effects(self) -> np.ndarray:
        return self.mu[:, 1:] - self.mu[:, :1]


def profiles(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Six numeric columns, one with gaps, a bool and a category."""
    X = pd.DataFrame({f"x{j}": rng.normal(size=n).astype(np.float32) for j in range(5)})
    gaps = rng.normal(size=n)
    X["gappy"] = np.where(rng.random(n) < 0.2, np.nan, gaps)
    X["flag"] = rng.random(n) < 0.4
    X["city"] = pd.Categorical(rng.choice(["Paris", "Rome", "Oslo"], size=n))
    return X


def trial(seed: int, n: int, strength: float = 1.0, shares=(0.34, 0.33, 0.33)) -> Trial:
    """A three-arm trial on a binary outcome: two triggers that suit different customers."""
    rng = np.random.default_rng(seed)
    X = profiles(rng, n)
    base = 0.15 + 0.10 * (X["x0"] > 0) + 0.05 * X["flag"]
    first = 0.04 + strength * 0.08 * np.sign(X["x1"])
    second = 0.04 - strength * 0.08 * np.sign(X["x1"]) * (X["city"] != "Oslo")
    mu = np.column_stack([base, base + first, base + second]).astype(np.float64)
    arm = rng.choice(3, size=n, p=shares)
    outcome = (rng.random(n) < mu[np.arange(n), arm]).astype(np.float64)
    data = UpliftDataset.checked(
        X, arm, outcome, ("none", "first", "second"), OutcomeKind.BINARY, np.array(shares)
    )
    return Trial(data, mu, np.tile(shares, (n, 1)))


def halves(
    data: UpliftDataset, seed: int, learn: float = 0.7
) -> tuple[UpliftDataset, UpliftDataset]:
    """A learning and a reporting part."""
    inside = np.random.default_rng(seed).random(data.n) < learn
    return data.take(inside), data.take(~inside)
