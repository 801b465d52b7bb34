"""What buyers spend, with its chance taken out: the target of effects on money."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uplift.boosting import Rows, Shape
from uplift.dataset import FloatArray, IntArray

POOLED, OWN = 50, 20
"""Rounds of the stumps that learn the amounts of all buyers, and what an arm's are beside them."""
FEWEST = 40
"""Buyers below which amounts are only averaged."""


def smoothed_amounts(
    rows: Rows,
    index: IntArray,
    arm: IntArray,
    outcome: FloatArray,
    arms: Sequence[int],
    cap: float = 0.95,
    seed: int = 0,
) -> FloatArray:
    """(n,) the money with each buyer's amount replaced by the mean of buyers like them.

    Most of a heavy-tailed outcome's variance is how much a buyer happens to spend, which neither
    the profile nor the trigger explains; effects learned from the whole amounts drown in it. A
    mean outcome is the chance to buy times the mean amount of buyers, within an arm and a profile
    (the two parts of Duan, Manning, Morris and Newhouse 1983): so who bought stays as observed,
    and the amount becomes its expectation given arm and profile. Models see the rows `index`
    (ascending) only, their amounts capped at the quantile `cap`, and speak of all rows; means are
    those of the whole amounts of `index`. `arm` and `outcome` are (n,), `arms` the triggers that
    are learned. A negative amount, as a return is, counts as one of a buyer.
    """
    bought = outcome != 0
    buyers = index[bought[index]]
    found = np.zeros(len(outcome))
    if len(buyers) == 0:
        return found
    everyone = np.flatnonzero(bought)
    low, high = np.quantile(outcome[buyers], [1 - cap, cap])
    spent = np.clip(outcome, min(low, 0.0), high)
    expected = np.full(len(outcome), spent[buyers].mean())
    if len(buyers) >= FEWEST:
        shape = Shape(2, POOLED, rows=_rows_a_leaf(len(buyers)))
        model = rows.fit(buyers, spent[buyers], None, shape, seed)
        expected[everyone] = rows.score([model], everyone)[:, 0]
    for place in (0, *arms):
        own = buyers[arm[buyers] == place]
        if len(own) < FEWEST:
            continue
        shape = Shape(2, OWN, rows=_rows_a_leaf(len(own)))
        model = rows.fit(own, spent[own] - expected[own], None, shape, seed)
        same = everyone[arm[everyone] == place]
        expected[same] += rows.score([model], same)[:, 0]
    total = expected[buyers].sum()
    scale = outcome[buyers].sum() / total if total > 0 else 1.0
    found[everyone] = scale * expected[everyone]
    return found


def _rows_a_leaf(buyers: int) -> int:
    return int(np.clip(buyers // 10, 20, 200))
