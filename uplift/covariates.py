"""Are further columns worth learning from? Kept only if the out-of-fold value does not fall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from uplift.dataset import FloatArray, UpliftDataset
from uplift.evaluation import Estimate
from uplift.learners import EffectModel, Own
from uplift.methods import Method
from uplift.policy import Economics
from uplift.tournament import tournament

MOST_ROWS = 30_000
"""Learning rows that a trial takes: what more of them say is small beside what they cost."""

WITHOUT = "without"


@dataclass(frozen=True)
class Trial:
    """What the policy brings with some blocks of columns beside the one without any: the paired
    difference of out-of-fold AIPW values, in net value a row."""

    blocks: tuple[str, ...]
    gain: Estimate


@dataclass(frozen=True)
class Trials:
    """Every choice of blocks on so many learning `rows`, the best first, and the blocks `kept`:
    those of the best trial, none where its value falls. `without` is the policy's gain over nothing
    for all when none are used; None where there was nothing to try."""

    rows: int
    without: Estimate | None
    trials: tuple[Trial, ...]
    kept: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object for the model card."""
        return asdict(self)


def try_blocks(
    data: UpliftDataset,
    blocks: Mapping[str, Sequence[str]],
    method: Method,
    economics: Economics,
    *,
    seed: int,
    n_jobs: int,
) -> Trials:
    """Try each block of the columns of X, and all choices of several, against X without them.

    `data` are learning rows alone. Each policy chooses for the rows of a fold by effects learned on
    the others, and all are judged by the same scores, so that differences are paired.
    """
    if not blocks:
        return Trials(data.n, None, (), ())
    if data.n > MOST_ROWS:
        rows = np.random.default_rng(seed).choice(data.n, MOST_ROWS, replace=False)
        data = data.take(np.sort(rows))
    extra = {column for columns in blocks.values() for column in columns}
    base = tuple(name for name in data.X.columns if name not in extra)
    own = Own(method, seed, n_jobs)
    choices = [
        choice for size in range(1, len(blocks) + 1) for choice in combinations(blocks, size)
    ]
    named = {" and ".join(choice): choice for choice in choices}
    learners = [_Narrowed(WITHOUT, own, base)]
    for name, choice in named.items():
        added = [column for block in choice for column in blocks[block]]
        learners.append(_Narrowed(name, own, (*base, *added)))
    found = tournament(data, learners, economics, seed=seed, n_jobs=n_jobs)
    entries = {entry.name: entry for entry in found.entries}
    trials = [Trial(choice, entries[name].ahead) for name, choice in named.items()]
    # Of choices that bring the same, the one with fewer blocks comes first.
    trials.sort(key=lambda trial: -trial.gain.value)
    kept = () if falls(trials[0]) else trials[0].blocks
    return Trials(data.n, entries[WITHOUT].gain, tuple(trials), kept)


def falls(trial: Trial) -> bool:
    """Whether the out-of-fold value is lower with the blocks than without."""
    return trial.gain.value < 0


@dataclass(frozen=True)
class _Narrowed:
    """A learner that sees some columns only."""

    name: str
    learner: Own
    columns: tuple[str, ...]

    def fit(self, data: UpliftDataset) -> EffectModel:
        return _Seen(self.learner.fit(replace(data, X=data.X[list(self.columns)])), self.columns)


@dataclass(frozen=True)
class _Seen:
    model: EffectModel
    columns: tuple[str, ...]

    def effects(self, X: pd.DataFrame) -> FloatArray:
        return self.model.effects(X[list(self.columns)])

    def errors(self, X: pd.DataFrame) -> FloatArray | None:
        return self.model.errors(X[list(self.columns)])
