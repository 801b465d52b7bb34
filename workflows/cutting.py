"""Cutting members down to what a brief allows: so many customers, or so much money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.objective import CampaignObjective

COST = "cost"
WORTH = "expected_net_value"


@dataclass(frozen=True)
class Cut:
    """The members that remain by trigger, the rule of the cut in words, and remarks; `floors` are
    the least expected net values kept, by trigger, where these alone decide who is."""

    members: Mapping[str, pa.Table]
    words: str | None
    remarks: tuple[str, ...]
    floors: Mapping[str, float]


def cut_members(
    members: Mapping[str, pa.Table],
    objective: CampaignObjective,
    *,
    costs_known: bool,
    currency: str,
) -> Cut:
    """The customers worth most, over all triggers at once, as far as the brief's limits reach.

    A budget is spent on the highest net value for the money (the greedy solution of the
    knapsack's relaxation); a number of customers on the highest net value. Ties go by id.
    """
    if objective.max_customers is None and objective.budget is None:
        return Cut(members, None, (), {})
    triggers = list(members)
    tables = [members[trigger] for trigger in triggers]
    owner = np.repeat(np.arange(len(tables)), [table.num_rows for table in tables])
    net = _joined(tables, WORTH)
    cost = _joined(tables, COST)
    ids = np.concatenate([t.column("customer_id").to_numpy(zero_copy_only=False) for t in tables])
    keep = np.ones(len(owner), dtype=bool)
    words, remarks = [], []
    if objective.budget is not None:
        amount = objective.budget.amount
        if costs_known:
            keep &= _within_budget(net, cost, ids, amount)
            words.append(f"the most net value for {amount:,.0f} {currency}")
            remarks.append(
                f"Of {amount:,.0f} {currency} the segments are expected to spend "
                f"{cost[keep].sum():,.0f}."
            )
        else:
            remarks.append(
                "The budget could not be applied: the costs of the triggers, or the worth of the "
                "outcome, are not stated."
            )
    if objective.max_customers is not None:
        order = np.lexsort((ids, -net))
        best = order[keep[order]][: objective.max_customers]
        keep = np.zeros(len(owner), dtype=bool)
        keep[best] = True
        words.append(f"the {objective.max_customers:,} with the highest expected net value")
    kept = {
        trigger: members[trigger].filter(pa.array(keep[owner == place]))
        for place, trigger in enumerate(triggers)
    }
    by_number = objective.max_customers is not None and objective.budget is None
    floors = {
        trigger: float(table.column(WORTH).to_numpy().min())
        for trigger, table in kept.items()
        if by_number and 0 < table.num_rows < members[trigger].num_rows
    }
    return Cut(kept, " and ".join(words) or None, tuple(remarks), floors)


def _within_budget(
    net: NDArray[np.float64], cost: NDArray[np.float64], ids: NDArray[np.object_], amount: float
) -> NDArray[np.bool_]:
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(cost > 0, net / cost, np.inf)
    order = np.lexsort((ids, -worth))
    keep = np.zeros(len(net), dtype=bool)
    keep[order] = np.cumsum(cost[order]) <= amount
    return keep


def _joined(tables: list[pa.Table], column: str) -> NDArray[np.float64]:
    return np.concatenate([table.column(column).to_numpy() for table in tables])
