"""What a budget buys: who is worth it at each amount, and the worth of a little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from uplift.allocation import allocate, frontier
from workflows.decision import Decision, expected_cost, named
from workflows.worthiest import best_rows

STEPS = 40
"""Amounts at which the allocation is looked at, from nothing to all that is worth spending."""
MOST_CUSTOMERS = 20_000
"""Customers that it is computed on: of more, a random sample stands for all."""
PRICES = 20
"""Prices of money at which is looked who would be among the best so many."""


@dataclass(frozen=True)
class SpendingPoint:
    """The best use of one budget: by the model's expectation, in the shop's currency.
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
    eligible, a cost is about those worth the trigger most."""
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
        key: float(paid[best_rows(net[:, place], reached), place].mean())
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
    most = None if reached == eligible else reached
    rows, scale = _looked_at(net, paid, most, seed)
    budget = decision.objective.budget
    points = spending_points(
        net[rows],
        paid[rows],
        allowed,
        scale,
        most=None if most is None else max(round(most / scale), 1),
        also=None if budget is None else budget.amount,
    )
    sampled = None if scale == 1.0 else len(rows)
    currency = decision.workspace.settings.currency
    return Spending(points, currency, sampled), costs


def _looked_at(
    net: NDArray[np.float64], paid: NDArray[np.float64], most: int | None, seed: int
) -> tuple[NDArray[np.intp], float]:
    """Rows that the curve is computed on, and for how many customers each stands: everybody, or
    those who are likely to be among the `most` to be addressed; a sample where that is too many."""
    rows = np.arange(len(net)) if most is None else _contenders(*_own(net, paid)[1:], most)
    if len(rows) <= MOST_CUSTOMERS:
        return rows, 1.0
    drawn = np.random.default_rng(seed).choice(rows, MOST_CUSTOMERS, replace=False)
    return drawn, len(rows) / MOST_CUSTOMERS


def _contenders(
    value: NDArray[np.float64], cost: NDArray[np.float64], most: int
) -> NDArray[np.intp]:
    """Rows among the best 2 x `most` at some price of money, from none to all that it brings."""
    if 2 * most >= len(value):
        return np.arange(len(value))
    brings = value[(cost > 0) & (value > 0)] / cost[(cost > 0) & (value > 0)]
    prices = [0.0, *np.quantile(brings, np.linspace(0, 1, PRICES))] if len(brings) else [0.0]
    found = [np.argpartition(price * cost - value, 2 * most)[: 2 * most] for price in prices]
    return np.unique(np.concatenate(found))


def _own(
    net: NDArray[np.float64], paid: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Everybody's best trigger (n,), and its net value and cost."""
    own = net.argmax(axis=1)
    rows = np.arange(len(net))
    return own, net[rows, own], paid[rows, own]


def spending_points(
    net: NDArray[np.float64],
    paid: NDArray[np.float64],
    triggers: Sequence[str],
    scale: float = 1.0,
    *,
    most: int | None = None,
    also: float | None = None,
) -> tuple[SpendingPoint, ...]:
    """Who is worth the money, at `STEPS` + 1 budgets from 0 to the least at which more money brings
    no more, and at the budget `also` if that is between these.

    `net` and `paid` are (n, K): each customer's net value and cost by trigger, in money; sums are
    multiplied by `scale`. Everybody may get the trigger that is the best for them, and `most`
    customers may get one at all: so it is when segments are cut to a budget."""
    own, value, cost = _own(net, paid)
    caps = None if most is None else {0: most}
    whole = allocate(value[:, None], cost[:, None], caps=caps)
    budgets = np.linspace(0.0, whole.spent, STEPS + 1).tolist() if whole.spent else [0.0]
    stated = budgets[-1] if also is None else also / scale
    if stated < budgets[-1] and not np.isclose(stated, budgets).any():
        budgets = sorted([*budgets, stated])
    found = (*frontier(value[:, None], cost[:, None], budgets[:-1], caps), whole)
    return tuple(
        SpendingPoint(
            budget * scale,
            best.spent * scale,
            best.value * scale,
            {
                key: round(int(np.count_nonzero((best.choice == 1) & (own == place))) * scale)
                for place, key in enumerate(triggers)
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
    net = _stacked(table, [f"net_value_for_{key}" for key in triggers])
    effect = _stacked(table, [f"uplift_score_for_{key}" for key in triggers])
    return net, expected_cost(decision, effect, net)


def _stacked(table: pa.Table, names: Sequence[str]) -> NDArray[np.float64]:
    return np.column_stack([table.column(name).to_numpy() for name in names])
