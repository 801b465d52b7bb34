"""An approximation of the policy that a person can read: a small policy tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import Estimate, mean_estimate
from uplift.policy import with_none

THRESHOLDS = 24
LEVELS = 12


class RuleOp(StrEnum):
    """How a rule's condition compares."""

    AT_LEAST = "gte"
    BELOW = "lt"
    IS = "eq"
    IS_NOT = "ne"


@dataclass(frozen=True)
class RuleCondition:
    """One condition: the field compared with a value; `or_missing` lets missing values through."""

    field: str
    op: RuleOp
    value: float | str
    or_missing: bool

    def holds(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """(n,) where the condition is true."""
        column = X[self.field]
        missing = column.isna().to_numpy()
        if self.op in (RuleOp.IS, RuleOp.IS_NOT):
            same = (column.astype(object).map(str) == self.value).to_numpy(dtype=bool) & ~missing
            found = same if self.op is RuleOp.IS else ~same & ~missing
        else:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            above = values >= float(self.value)
            found = above if self.op is RuleOp.AT_LEAST else ~above & ~missing
        return np.asarray(found | missing if self.or_missing else found)


@dataclass(frozen=True)
class RuleLeaf:
    """Customers who meet all conditions get the arm (0 is none); `share` is that of the rows on
    which the tree was grown."""

    conditions: tuple[RuleCondition, ...]
    arm: int
    share: float


@dataclass(frozen=True)
class PolicyTree:
    """Leaves that part all customers; an approximation of a policy, to be labelled as one."""

    leaves: tuple[RuleLeaf, ...]

    def choose(self, X: pd.DataFrame) -> IntArray:
        """(n,) the arm of each customer, 0 for none."""
        choice = np.zeros(len(X), dtype=np.int64)
        for leaf in self.leaves:
            choice[meets(leaf.conditions, X)] = leaf.arm
        return choice


def meets(conditions: tuple[RuleCondition, ...], X: pd.DataFrame) -> NDArray[np.bool_]:
    """(n,) where all conditions hold."""
    inside = np.ones(len(X), dtype=bool)
    for condition in conditions:
        inside &= condition.holds(X)
    return inside


def grow_policy_tree(
    X: pd.DataFrame, net_values: FloatArray, depth: int = 3, least_share: float = 0.02
) -> PolicyTree:
    """The greedy policy tree of a given depth on predicted net values (n, K), NaN never given.

    Each split is the one after which giving each side its best arm is worth most (Athey and Wager
    2021, greedily); where none gains alone, as with two fields that only matter together, the one
    that best parts the arms' values is taken. Leaves hold at least `least_share` of the rows, and
    sister leaves with one arm are joined. Thresholds have two significant digits.
    """
    rewards = with_none(np.where(np.isnan(net_values), -np.inf, net_values))
    finite = np.where(np.isfinite(rewards), rewards, np.nanmin(np.where(
        np.isfinite(rewards), rewards, np.nan)) - 1.0)  # fmt: skip
    splits = [split for name in X.columns for split in _splits(str(name), X[name])]
    least = max(1, int(least_share * len(X)))
    leaves = _grow(np.arange(len(X)), (), finite, splits, depth, least)
    return PolicyTree(
        tuple(RuleLeaf(conditions, arm, len(rows) / len(X)) for conditions, arm, rows in leaves)
    )


def share_kept(
    net_scores: FloatArray, tree: IntArray, full: IntArray
) -> tuple[float | None, Estimate]:
    """The share of the full policy's value over none that a tree's choices keep, and the paired
    difference of the two, on held-out AIPW net scores (n, K + 1).

    The share is None where the full policy's own value is not above 0.
    """
    rows = np.arange(len(tree))
    kept, whole = net_scores[rows, tree], net_scores[rows, full]
    share = float(kept.mean() / whole.mean()) if whole.mean() > 0 else None
    return share, mean_estimate(kept - whole)


_Split = tuple[NDArray[np.bool_], RuleCondition, RuleCondition]
_Leaf = tuple[tuple[RuleCondition, ...], int, IntArray]


def _splits(name: str, column: pd.Series) -> list[_Split]:
    """Candidate splits of a column: where the first condition holds, it, and its complement."""
    missing = column.isna().to_numpy()
    gaps = bool(missing.any())
    found: list[_Split] = []
    if isinstance(column.dtype, pd.CategoricalDtype):
        for level in column.value_counts().index[:LEVELS]:
            yes = RuleCondition(name, RuleOp.IS, str(level), or_missing=False)
            no = RuleCondition(name, RuleOp.IS_NOT, str(level), gaps)
            found.append(((column == level).to_numpy(dtype=bool), yes, no))
        return found
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = values[~missing]
    if not len(known):
        return []
    quantiles = np.quantile(known, np.arange(1, THRESHOLDS) / THRESHOLDS)
    for edge in sorted({float(f"{quantile:.2g}") for quantile in quantiles}):
        if known.min() < edge <= known.max():
            yes = RuleCondition(name, RuleOp.AT_LEAST, edge, or_missing=False)
            no = RuleCondition(name, RuleOp.BELOW, edge, gaps)
            found.append((values >= edge, yes, no))
    return found


def _grow(
    rows: IntArray,
    conditions: tuple[RuleCondition, ...],
    rewards: FloatArray,
    splits: list[_Split],
    depth: int,
    least: int,
) -> list[_Leaf]:
    totals = rewards[rows].sum(axis=0)
    stop: list[_Leaf] = [(conditions, int(totals.argmax()), rows)]
    if depth == 0 or len(rows) < 2 * least:
        return stop
    mine = rewards[rows]
    best, chosen = (-np.inf, -np.inf), None
    for split in splits:
        inside = split[0][rows]
        count = int(np.count_nonzero(inside))
        if min(count, len(rows) - count) < least:
            continue
        left = inside @ mine
        right = totals - left
        value = float(left.max() + right.max())
        # Between-sides spread of the arms' contrasts: breaks ties where no split gains alone.
        means = left / count - right / (len(rows) - count)
        spread = float(np.ptp(means)) * count * (len(rows) - count)
        gain = round(value - float(totals.max()), 12)
        if (gain, spread) > best:
            best, chosen = (gain, spread), split
    if chosen is None:
        return stop
    held, yes, no = chosen
    inside = held[rows]
    sides = [
        _grow(rows[side], (*conditions, condition), rewards, splits, depth - 1, least)
        for side, condition in ((inside, yes), (~inside, no))
    ]
    arms = {arm for side in sides for _, arm, _ in side}
    if len(arms) == 1:
        return [(conditions, arms.pop(), rows)]
    return sides[0] + sides[1]
