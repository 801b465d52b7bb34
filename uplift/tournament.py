"""Which learner's policy is best by cross-validated AIPW value, and does its lead mean anything?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from domain.experiment import OutcomeKind
from uplift.boosting import BinnedRows
from uplift.capacity import ladder
from uplift.crossfit import crossfit, grouped_folds
from uplift.dataset import FloatArray, IntArray, UpliftDataset
from uplift.evaluation import LEVEL, Estimate, aipw_scores, policy_difference
from uplift.features import FeatureSpace
from uplift.learners import Learner
from uplift.methods import Method
from uplift.policy import Economics, best_choice, with_none
from uplift.propensity import estimate_propensity


@dataclass(frozen=True)
class Entry:
    """A learner's policy: its gain over none for all and, paired, over the winner's policy
    (`behind`) and over that of the first learner given (`ahead`)."""

    name: str
    gain: Estimate
    behind: Estimate
    ahead: Estimate


@dataclass(frozen=True)
class Tournament:
    """Entries from the best; the best single arm for everyone takes part. `verdict` says who won
    and whether the lead over the runner-up is more than noise."""

    entries: tuple[Entry, ...]
    verdict: str

    @property
    def winner(self) -> str:
        """Name of the best entry."""
        return self.entries[0].name

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def tournament(
    data: UpliftDataset,
    learners: Sequence[Learner],
    economics: Economics,
    folds: int = 3,
    seed: int = 0,
    n_jobs: int = 1,
    level: float = LEVEL,
) -> Tournament:
    """Compare learners on the learning rows; every arm must have enough evidence.

    Each learner chooses for the rows of a fold from effects learned on the others; all policies
    are judged by the same out-of-fold AIPW scores, so that differences are paired. Redemptions
    are of those who buy, which for a money outcome outcome models of buying say, the same ones
    for every learner.
    """
    fold = grouped_folds(data.unit, folds, seed)
    features = FeatureSpace.of(data.X)
    matrix = features.encode(data.X)
    capacity = ladder(np.bincount(data.arm, minlength=len(data.arms)))[0]
    rows = BinnedRows(matrix, features.categorical, capacity.outcome.bins, n_jobs)
    chances = data.propensity
    if chances is None:
        chances, _ = estimate_propensity(
            matrix, features.categorical, data.arm, len(data.arms), fold, seed, n_jobs
        )
    judged, offered = replace(data, propensity=chances), chances[:, 1:] > 0
    arms = range(1, len(data.arms))

    def scored(outcome: FloatArray) -> tuple[FloatArray, FloatArray]:
        common = (rows, data.arm, outcome, chances, arms, fold, [capacity], seed)
        mu = crossfit(*common, method=Method.T).mu
        return mu, aipw_scores(outcome, data.arm, chances, mu)

    mu, gamma = scored(data.outcome)
    buying, bought = mu, gamma
    money = data.kind is OutcomeKind.MONEY and economics.redeemed
    if money:
        buying, bought = scored((data.outcome > 0).astype(np.float64))
    scores = with_none(
        economics.net_values(gamma[:, 1:] - gamma[:, :1], bought[:, 1:], data.lower_is_better)
    )
    single = int(np.nanmean(scores, axis=0).argmax())
    policies: dict[str, IntArray] = {
        f"{data.arms[single]} for everyone": np.full(data.n, single, dtype=np.int64)
    }
    for learner in learners:
        effects = _out_of_fold(judged, learner, fold)
        conversions = buying[:, 1:] if money else mu[:, :1] + effects
        net = economics.net_values(effects, conversions, data.lower_is_better)
        policies[learner.name] = best_choice(np.where(offered, net, np.nan))
    none = np.zeros(data.n, dtype=np.int64)
    gains = {
        name: policy_difference(scores, policy, none, data.unit, level)
        for name, policy in policies.items()
    }

    def over(name: str, other: str) -> Estimate:
        return policy_difference(scores, policies[name], policies[other], data.unit, level)

    # By paired differences: gains are of the rows that could have got what a policy gives, and
    # those of two policies need not be the same rows.
    first = learners[0].name if learners else next(iter(policies))
    order = sorted(policies, key=lambda name: -over(name, first).value)
    entries = tuple(
        Entry(name, gains[name], over(name, order[0]), over(name, first)) for name in order
    )
    return Tournament(entries, _verdict(entries))


def _out_of_fold(data: UpliftDataset, learner: Learner, fold: IntArray) -> FloatArray:
    effects = np.zeros((data.n, len(data.arms) - 1))
    for held in np.unique(fold):
        outside = fold == held
        model = learner.fit(data.take(~outside))
        effects[outside] = model.effects(data.X[outside])
    return effects


def _verdict(entries: tuple[Entry, ...]) -> str:
    if len(entries) == 1:
        return f"{entries[0].name} stood alone."
    first, second = entries[0], entries[1]
    lead = -second.behind.value
    interval = f"{-second.behind.high:+.4g} to {-second.behind.low:+.4g}"
    meaning = (
        "the lead is more than noise"
        if second.behind.high < 0
        else "the lead is within noise and means nothing"
    )
    return (
        f"{first.name} won, {lead:+.4g} a customer over {second.name} "
        f"({first.gain.level:.0%} interval {interval}): {meaning}."
    )
