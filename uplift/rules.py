"""An approximation of the policy that a person can read: a small policy tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.criteria import conditions
from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import LEVEL, Estimate, from_influence, mean_estimate, rows_with_scores
from uplift.policy import with_none
from uplift.policytree import Branch, Leaf, Node, PolicyTree, Question, rule_of

THRESHOLDS = 24
LEVELS = 12
STARTS = 12
BLOCK = 4_096


def grow_policy_tree(
    X: pd.DataFrame,
    net_values: FloatArray,
    rng: np.random.Generator,
    *,
    depth: int = 5,
    most_conditions: int = 5,
    least_share: float = 0.01,
    least_gain: float = 0.002,
    sample: int = 20_000,
) -> PolicyTree:
    """A policy tree of limited depth on predicted net values (n, K), NaN never given.

    Best first: the leaf and question after which giving each side its best arm gains most (Athey
    and Wager 2021, greedily) are taken next, as long as no arm's rule, written out whole, has more
    than `most_conditions` conditions. Where nothing gains yet, as with two fields that only matter
    together, the question that best parts the arms' values is asked. A greedy start can be a poor
    one, so the most valuable tree is kept of those that begin with each of the `STARTS` best
    fields. A leaf holds at least `least_share` of the rows, a question gains at least `least_gain`
    of what the best arm for everyone would bring; thresholds have two significant digits. Grown
    on at most `sample` rows, drawn by `rng`.
    """
    rewards = with_none(np.where(np.isnan(net_values), -np.inf, net_values))
    floor = rewards[np.isfinite(rewards)].min() - 1.0
    rewards = np.where(np.isfinite(rewards), rewards, floor)
    drawn = np.arange(len(X))
    if len(X) > sample:
        drawn = np.sort(rng.choice(len(X), size=sample, replace=False))
    growth = _Growth(X, drawn, rewards[drawn], depth, most_conditions, least_share, least_gain)
    best = growth.root()
    for start in growth.starts():
        grown = growth.grown(start)
        if grown.value() > best.value() + growth.least_gain:
            best = grown
    return PolicyTree(best.frozen())


@dataclass(frozen=True)
class Kept:
    """How much of a policy's value an approximation of it keeps.

    `whole` is the policy's value a customer over none and `difference` the paired difference of
    the approximation to it; `share` is the ratio of the two values, None where the policy's own
    value is not clear of 0, so that there is nothing sure to keep a share of.
    """

    share: Estimate | None
    whole: Estimate
    difference: Estimate


def share_kept(
    net_scores: FloatArray,
    tree: IntArray,
    full: IntArray,
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> Kept:
    """What a tree's choices (n,) keep of the full policy's, on held-out AIPW net scores (n, K + 1).

    Only rows with a score of every arm that either policy gives count. The interval of the ratio
    r = a / b is the delta method's: row i has the influence (a_i - r b_i) / b.
    """
    given = np.unique(np.concatenate([[0], tree, full]))
    rows = np.flatnonzero(rows_with_scores(net_scores, given))
    units = None if cluster is None else cluster[rows]
    kept, whole = net_scores[rows, tree[rows]], net_scores[rows, full[rows]]
    value = mean_estimate(whole, units, level)
    share = None
    if value.low > 0:
        ratio = float(kept.mean() / value.value)
        share = from_influence(ratio, (kept - ratio * whole) / value.value, units, level)
    return Kept(share, value, mean_estimate(kept - whole, units, level))


@dataclass
class _Growing:
    """A node while the tree grows: its rows and what each arm would bring them in all."""

    rows: IntArray
    totals: FloatArray
    depth: int
    arm: int
    split: tuple[Question, _Growing, _Growing] | None = None

    def leaves(self) -> Iterator[_Growing]:
        if self.split is None:
            yield self
        else:
            yield from self.split[1].leaves()
            yield from self.split[2].leaves()

    def value(self) -> float:
        return sum(float(leaf.totals[leaf.arm]) for leaf in self.leaves())

    def frozen(self) -> Node:
        if self.split is None:
            return Leaf(self.arm)
        question, yes, no = self.split
        sides = yes.frozen(), no.frozen()
        return sides[0] if sides[0] == sides[1] else Branch(question, *sides)


@dataclass(frozen=True)
class _Candidate:
    """One question for a leaf's customers, and the arm of each side."""

    gain: float
    spread: float
    place: int
    yes: int
    no: int


class _Growth:
    """What the growing of trees on the same rows shares."""

    def __init__(
        self,
        X: pd.DataFrame,
        drawn: IntArray,
        rewards: FloatArray,
        depth: int,
        most_conditions: int,
        least_share: float,
        least_gain: float,
    ) -> None:
        self._rewards, self._depth, self._most = rewards, depth, most_conditions
        self._least = max(1, int(least_share * len(rewards)))
        self._questions = [q for name in X.columns for q in _questions(str(name), X[name])]
        some = X.iloc[drawn]
        self._held = np.empty((len(drawn), len(self._questions)), dtype=bool)
        for place, question in enumerate(self._questions):
            self._held[:, place] = question.holds(some)
        self._memo: dict[bytes, list[_Candidate]] = {}
        self.least_gain = max(least_gain * float(rewards.sum(axis=0).max()), 1e-9)

    def root(self) -> _Growing:
        return self._node(np.arange(len(self._rewards)), depth=0)

    def starts(self) -> list[_Candidate]:
        """The best question of each field, the best fields first."""
        found: dict[str, _Candidate] = {}
        for candidate in self._candidates(self.root()):
            found.setdefault(self._questions[candidate.place].field, candidate)
        return list(found.values())[:STARTS]

    def grown(self, start: _Candidate) -> _Growing:
        """The tree that begins with a question."""
        root = self.root()
        self._split(root, start)
        if not all(self._short(root.frozen(), arm) for arm in (start.yes, start.no)):
            root.split = None
            return root
        while self._grow(root):
            pass
        return root

    def _grow(self, root: _Growing) -> bool:
        """Split the leaf that gains most; False where none may be split."""
        leaves = [leaf for leaf in root.leaves() if leaf.depth < self._depth]
        options = [(c, leaf) for leaf in leaves for c in self._candidates(leaf)]
        options.sort(key=lambda option: (option[0].gain, option[0].spread), reverse=True)
        blind = len({leaf.arm for leaf in root.leaves()}) == 1
        refused = set()
        for candidate, leaf in options:
            if candidate.gain < self.least_gain and not blind:
                return False
            gaps = self._questions[candidate.place].gaps
            # How long the rules become depends on no more than this.
            key = (id(leaf), gaps, candidate.yes, candidate.no)
            if key in refused:
                continue
            former = leaf.arm
            self._split(leaf, candidate)
            tree = root.frozen()
            if all(self._short(tree, a) for a in {former, candidate.yes, candidate.no}):
                return True
            leaf.split = None
            refused.add(key)
        return False

    def _short(self, tree: Node, arm: int) -> bool:
        return sum(1 for _ in conditions(rule_of(tree, arm))) <= self._most

    def _node(self, rows: IntArray, depth: int, arm: int | None = None) -> _Growing:
        totals = self._rewards[rows].sum(axis=0)
        return _Growing(rows, totals, depth, int(totals.argmax()) if arm is None else arm)

    def _split(self, leaf: _Growing, candidate: _Candidate) -> None:
        holds = self._held[leaf.rows, candidate.place]
        deeper = leaf.depth + 1
        leaf.split = (
            self._questions[candidate.place],
            self._node(leaf.rows[holds], deeper, candidate.yes),
            self._node(leaf.rows[~holds], deeper, candidate.no),
        )

    def _candidates(self, leaf: _Growing) -> list[_Candidate]:
        """The questions that part a leaf's rows, the one that gains most first."""
        key = leaf.rows.tobytes()
        if key not in self._memo:
            self._memo[key] = self._asked(leaf)
        return self._memo[key]

    def _asked(self, leaf: _Growing) -> list[_Candidate]:
        size = len(leaf.rows)
        if size < 2 * self._least or not self._questions:
            return []
        sums = np.zeros((len(self._questions), self._rewards.shape[1] + 1))
        for first in range(0, size, BLOCK):
            rows = leaf.rows[first : first + BLOCK]
            mine = np.column_stack([self._rewards[rows], np.ones(len(rows))])
            sums += self._held[rows].astype(np.float64).T @ mine
        yes, count = sums[:, :-1], sums[:, -1]
        no = leaf.totals - yes
        gain = np.round(yes.max(axis=1) + no.max(axis=1) - leaf.totals.max(), 9)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Between-sides spread of the arms' contrasts: parts them where no question gains.
            means = yes / count[:, None] - no / (size - count)[:, None]
        spread = np.round(np.ptp(means, axis=1) * count * (size - count), 9)
        fit = (count >= self._least) & (size - count >= self._least) & ((gain > 0) | (spread > 0))
        places = np.flatnonzero(fit)
        sides = np.column_stack([yes.argmax(axis=1), no.argmax(axis=1)]).tolist()
        found: dict[tuple[str, int, int], _Candidate] = {}
        for place in places[np.lexsort((-spread[places], -gain[places]))].tolist():
            key = (self._questions[place].field, *sides[place])
            if key not in found:
                found[key] = _Candidate(
                    float(gain[place]), float(spread[place]), place, *sides[place]
                )
        return list(found.values())


def _questions(name: str, column: pd.Series[Any]) -> list[Question]:
    missing = column.isna().to_numpy()
    gaps = bool(missing.any())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [Question(name, str(level), gaps) for level in column.value_counts().index[:LEVELS]]
    known = column.to_numpy(dtype=np.float64, na_value=np.nan)[~missing]
    if not len(known):
        return []
    quantiles = np.quantile(known, np.arange(1, THRESHOLDS) / THRESHOLDS)
    edges = sorted({float(f"{quantile:.2g}") for quantile in quantiles})
    return [Question(name, edge, gaps) for edge in edges if known.min() < edge <= known.max()]
