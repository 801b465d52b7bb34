"""What a budget buys: the best allocation at each amount, and the worth of a little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from uplift.allocation import allocate, frontier
from workflows.decision import Decision, highest, named

STEPS = 40
"""Amounts at which the allocation is looked at, from nothing to all that is worth spending."""
MOST_CUSTOMERS = 20_000
"""Customers that it is computed on: of more, a random sample stands for all."""


@dataclass(frozen=True)
class SpendingPoint:
    """The best allocation at one budget: by the model's expectation, in the shop's currency.
    `customers` are those who get each trigger; `next_unit` is what one more unit of money would
    bring beyond itself (the shadow price)."""

    budget: float
    spent: float
    value: float
    customers: dict[str, int]
    next_unit: float


@dataclass(frozen=True)
class Spending:
    """The curve of spending against gain, by rising budget; `sampled` is the number of customers
    that it was computed on where that is not everybody."""

    points: tuple[SpendingPoint, ...]
    currency: str
    sampled: int | None

    def place_of(self, amount: float) -> int:
        """Which point's budget is nearest to an amount."""
        distances = [abs(point.budget - amount) for point in self.points]
        return distances.index(min(distances))


def spending_of(
    decision: Decision, allowed: Sequence[str], eligible: int, seed: int = 0
) -> tuple[Spending | str, dict[str, float | None]]:
    """The curve, or in words why there is none, and what each trigger costs a customer on average
    (None where value or cost is not stated). Where the brief lets fewer be addressed than are
    eligible, the curve is about those worth a trigger most, and a cost about those worth it most.
    """
    costs: dict[str, float | None] = dict.fromkeys(decision.model.judged)
    unknown = [key for key in allowed if not decision.cost_known(key)]
    if not allowed or not eligible:
        return "There is nothing to spend a budget on here.", costs
    if not decision.money:
        return (
            f"What a budget buys can't be told: what {decision.outcome.name} is worth in money is "
            "not stated. State it as the outcome's `value` in the import's mapping.",
            costs,
        )
    priced = [key for key in decision.model.judged if decision.cost_known(key)]
    net, paid = _values_and_costs(decision, priced)
    reached = decision.reached(eligible)
    costs |= {
        key: float(paid[net[:, place] >= highest(net[:, place], reached), place].mean())
        for place, key in enumerate(priced)
    }
    if unknown:
        return (
            f"What a budget buys can't be told: what {' and '.join(map(named, unknown))} costs is "
            "not stated. State it as the trigger's `unit_cost` in the import's mapping.",
            costs,
        )
    places = [priced.index(key) for key in allowed]
    net, paid = net[:, places], paid[:, places]
    best = np.argsort(-net.max(axis=1), kind="stable")[:reached]
    net, paid = net[best], paid[best]
    sampled = min(reached, MOST_CUSTOMERS)
    if sampled < reached:
        rows = np.random.default_rng(seed).choice(reached, MOST_CUSTOMERS, replace=False)
        net, paid = net[rows], paid[rows]
    budget = decision.objective.budget
    points = spending_points(
        net, paid, allowed, reached / sampled, also=None if budget is None else budget.amount
    )
    currency = decision.workspace.settings.currency
    return Spending(points, currency, None if sampled == reached else sampled), costs


def spending_points(
    net: NDArray[np.float64],
    paid: NDArray[np.float64],
    triggers: Sequence[str],
    scale: float = 1.0,
    *,
    also: float | None = None,
) -> tuple[SpendingPoint, ...]:
    """The best allocation at `STEPS` + 1 budgets, from 0 to the least at which more money brings
    no more, and at the budget `also` if that is between these. `net` and `paid` are (n, K): each
    customer's net value and cost by trigger, in money; sums are multiplied by `scale`."""
    whole = allocate(net, paid)
    budgets = np.linspace(0.0, whole.spent, STEPS + 1).tolist() if whole.spent else [0.0]
    if also is not None and also / scale < budgets[-1]:
        budgets = sorted({*budgets, also / scale})
    found = (*frontier(net, paid, budgets[:-1]), whole)
    return tuple(
        SpendingPoint(
            budget * scale,
            best.spent * scale,
            best.value * scale,
            {
                key: round(int(np.count_nonzero(best.choice == place)) * scale)
                for place, key in enumerate(triggers, start=1)
            },
            best.shadow_price,
        )
        for budget, best in zip(budgets, found, strict=True)
    )


def _values_and_costs(
    decision: Decision, triggers: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, K) net values and expected costs of the eligible, by the model, in money."""
    columns = [f"{mark}_for_{key}" for key in triggers for mark in ("uplift_score", "net_value")]
    table = decision.people.select(decision.audience, columns)
    worth = decision.model.economics.value_per_unit
    assert worth is not None
    sign = -1 if decision.outcome.lower_is_better else 1
    net = _stacked(table, [f"net_value_for_{key}" for key in triggers])
    effect = _stacked(table, [f"uplift_score_for_{key}" for key in triggers])
    return net, np.maximum(sign * worth * effect - net, 0.0)


def _stacked(table: pa.Table, names: Sequence[str]) -> NDArray[np.float64]:
    return np.column_stack([table.column(name).to_numpy() for name in names])
