"""Two models' policies on the same learning rows: which would have brought more, out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import LEVEL, Estimate, policy_difference, policy_scores, policy_value


@dataclass(frozen=True)
class NotComparable:
    """Why two models can't be compared."""

    reason: str


@dataclass(frozen=True)
class Challenge:
    """A challenger and a champion on n rows, judged by the same out-of-fold net scores.

    `challenger` and `champion` are the values of their policies against none, `gain` their paired
    difference, in net value a row. `agreement` is the share of rows on which both choose alike.
    """

    challenger: Estimate
    champion: Estimate
    gain: Estimate
    rows: int
    agreement: float

    @property
    def not_worse(self) -> bool:
        """Whether the challenger may take the champion's place: unless the whole interval of its
        gain lies below 0. A retrained model differs from the old one mostly by noise, so that
        asking for a gain beyond noise would keep stale models for ever."""
        return self.gain.high >= 0


def challenge(
    net_scores: FloatArray,
    arms: Sequence[str],
    challenger: NDArray[Any],
    champion: NDArray[Any],
    unit: NDArray[Any],
    level: float = LEVEL,
) -> Challenge | NotComparable:
    """Compare two policies, given as the names (n,) of the arms that they choose.

    `net_scores` (n, K + 1) are out-of-fold AIPW scores of the net value of `arms`, "none" first,
    NaN where an arm was not on offer to a row, and everywhere where it was not judged; `unit` (n,)
    is what rows are clustered by. Neither choice may come from a model that saw its row. Rows to
    which a chosen arm was not on offer are left out. An arm without any score can't be valued, so
    that where either policy chooses one the answer is the reason.
    """
    judged = {arm for place, arm in enumerate(arms) if np.isfinite(net_scores[:, place]).any()}
    for choice in (challenger, champion):
        chosen, counts = np.unique(choice.astype(str), return_counts=True)
        for arm, count in zip(chosen.tolist(), counts.tolist(), strict=True):
            if arm not in judged:
                return NotComparable(
                    f"one of them gives {arm!r} to {count:,} of the {len(choice):,} customers, "
                    "and what it brings was not measured on them"
                )
    first, second = _places(challenger, arms), _places(champion, arms)
    both = np.isfinite(policy_scores(net_scores, first) + policy_scores(net_scores, second))
    if not both.any():
        return NotComparable("on no row were the arms of both on offer")
    scores, unit = net_scores[both], unit[both]
    first, second = first[both], second[both]
    return Challenge(
        policy_value(scores, first, unit, level),
        policy_value(scores, second, unit, level),
        policy_difference(scores, first, second, unit, level),
        len(first),
        float(np.mean(first == second)),
    )


def _places(choice: NDArray[Any], arms: Sequence[str]) -> IntArray:
    places = np.zeros(len(choice), dtype=np.int64)
    for place, arm in enumerate(arms):
        places[choice == arm] = place
    return places
