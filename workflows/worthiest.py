"""Few of many: those worth it most, among today's customers and among the witnesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.criteria import Expression
from workflows.decision import SAME_CRITERIA, Decision, expected_cost, witness_columns, witness_rows
from workflows.modelscores import AIPW

LEAST = 1_000
"""So many witnesses are measured on at least, where there are as many, however few are kept."""
WORTH_MOST = f"{SAME_CRITERIA} and were among those worth it most"
NEAREST = f"{SAME_CRITERIA} and were the nearest to those worth it most"
TOLERANCE = 1e-7
"""Worths nearer than this part of the highest net value are the same."""
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Border:
    """Who is kept of more than may be addressed.

    A customer's worth is the expected net value less `price` for each unit of money that they are
    expected to cost. Kept are those above `floor`, and of those at it the share `tied`, the first
    by id: where a model knows nothing, it gives many customers the same. `tolerance` is how near
    the floor counts as at it."""

    floor: float
    price: float
    tied: float
    tolerance: float

    def holds(self, worth: Floats) -> Mask:
        """(n,) who would be kept of customers in the order of their ids."""
        held = worth > self.floor + self.tolerance
        at = np.flatnonzero(np.abs(worth - self.floor) <= self.tolerance)
        held[at[: round(self.tied * len(at))]] = True
        return held


def border_of(net: Floats, cost: Floats, kept: Mask, floor: float, price: float = 0.0) -> Border:
    """The border of a cut: net values and costs (n,) of all, and who was kept."""
    tolerance = TOLERANCE * float(np.abs(net).max(initial=0.0))
    at = np.abs(net - price * cost - floor) <= tolerance
    return Border(floor, price, float(kept[at].mean()) if at.any() else 1.0, tolerance)


def best_rows(net: Floats, number: int) -> Mask:
    """(n,) the `number` with the highest net value, ties by their order."""
    best = np.zeros(len(net), dtype=bool)
    best[np.argsort(-net, kind="stable")[:number]] = True
    return best


@dataclass(frozen=True)
class Witnesses:
    """Held-out customers that something is measured on, and in words who they are."""

    rows: pa.Table
    who: str = SAME_CRITERIA


def all_witnesses(decision: Decision, criteria: Expression) -> Witnesses:
    """All who met the criteria."""
    return Witnesses(witness_rows(decision, criteria))


def worthiest_witnesses(
    decision: Decision, criteria: Expression, trigger: str, border: Border
) -> Witnesses:
    """Those who met the criteria and lie within a border, or near it (`measured_on`)."""
    fields = [f"uplift_score_for_{trigger}", f"net_value_for_{trigger}"]
    rows = decision.witnesses.select(criteria, [*witness_columns(decision), *fields])
    effect, net = (rows.column(field).to_numpy() for field in fields)
    worth = net - border.price * expected_cost(decision, effect, net)
    told = np.isfinite(rows.column(f"{AIPW}{trigger}").to_numpy())
    held, who = measured_on(worth, told, border)
    return Witnesses(rows.filter(pa.array(held)), who)


def measured_on(worth: Floats, told: Mask, border: Border) -> tuple[Mask, str]:
    """Whom to measure on (n,), and in words who they are: those within the border; where fewer than
    `LEAST` of these are among the `told`, who tell anything of the trigger, so many of the told of
    the highest worth and whoever is worth as much."""
    held, who = border.holds(worth), WORTH_MOST
    if np.count_nonzero(held & told) < LEAST:
        held, who = worth >= _highest(worth[told], LEAST), NEAREST
    return held, SAME_CRITERIA if held.all() else who


def _highest(values: Floats, number: int) -> float:
    """The least of the `number` highest values; -inf where there are no more than these."""
    if number >= len(values):
        return -np.inf
    return float(np.partition(values, len(values) - number)[len(values) - number])
