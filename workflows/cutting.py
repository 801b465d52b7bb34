"""Cutting members down to what a brief allows: so many customers, or so much money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.objective import CampaignObjective
from uplift.allocation import allocate
from workflows.worthiest import Border, border_of

COST = "cost"
WORTH = "expected_net_value"


@dataclass(frozen=True)
class Cut:
    """The members that remain by trigger, the rule of the cut in words, and remarks; `borders` are
    the rule in numbers, by trigger that lost members."""

    members: Mapping[str, pa.Table]
    words: str | None
    remarks: tuple[str, ...]
    borders: Mapping[str, Border]


def cut_members(
    members: Mapping[str, pa.Table],
    objective: CampaignObjective,
    *,
    costs_known: bool,
    currency: str,
) -> Cut:
    """The customers worth most, over all triggers at once, as far as the brief's limits reach.

    A number of customers goes to the highest expected net value, ties by id. A budget, with or
    without a number, goes to those who together bring the most for it (`allocate`, which leaves
    out who would bring less than nothing).
    """
    budget, most = objective.budget, objective.max_customers
    if most is None and budget is None:
        return Cut(members, None, (), {})
    triggers = list(members)
    tables = [members[trigger] for trigger in triggers]
    owner = np.repeat(np.arange(len(tables)), [table.num_rows for table in tables])
    net, cost = _joined(tables, WORTH), _joined(tables, COST)
    keep, floor, price = np.ones(len(owner), dtype=bool), -np.inf, 0.0
    words, remarks = None, []
    if budget is not None and costs_known:
        caps = None if most is None else {0: most}
        found = allocate(net[:, None], cost[:, None], budget.amount, caps)
        keep, floor, price = found.choice == 1, found.cap_prices[0], found.shadow_price
        number = "" if most is None else f", {most:,} at most"
        words = f"those who together bring the most for {budget.amount:,.0f} {currency}{number}"
        remarks.append(
            f"Of {budget.amount:,.0f} {currency} the segments are expected to spend "
            f"{cost[keep].sum():,.0f}."
        )
    elif most is not None:
        ids = np.concatenate(
            [table.column("customer_id").to_numpy(zero_copy_only=False) for table in tables]
        )
        keep[np.lexsort((ids, -net))[most:]] = False
        floor = float(net[keep].min(initial=np.inf))
        words = f"the {most:,} with the highest expected net value"
    if budget is not None and not costs_known:
        remarks.append(
            "The budget could not be applied: the costs of the triggers, or the worth of the "
            "outcome, are not stated."
        )
    kept, borders = {}, {}
    for place, trigger in enumerate(triggers):
        own = owner == place
        kept[trigger] = members[trigger].filter(pa.array(keep[own]))
        if kept[trigger].num_rows < members[trigger].num_rows:
            borders[trigger] = border_of(net[own], cost[own], keep[own], floor, price)
    return Cut(kept, words, tuple(remarks), borders)


def _joined(tables: list[pa.Table], column: str) -> NDArray[np.float64]:
    return np.concatenate([table.column(column).to_numpy() for table in tables])
