"""Who gets what under a budget and caps: the multiple-choice knapsack by its LP relaxation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import linprog

from domain.errors import BadRequest
from uplift.dataset import FloatArray, IntArray

SAMPLE = 1500
CYCLES = 12


@dataclass(frozen=True)
class Allocation:
    """Each customer's trigger, and how near the choice is to the best possible.

    `choice` (n,) is 0 for none. `shadow_price` is what one more unit of budget would bring,
    `cap_prices` (K,) what one more customer under a trigger's cap would. `bound` is the LP's
    upper bound on the value by weak duality, `gap` the share of it that the choice misses.
    """

    choice: IntArray
    value: float
    spent: float
    shadow_price: float
    cap_prices: tuple[float, ...]
    bound: float
    gap: float


def allocate(
    values: FloatArray,
    costs: ArrayLike,
    budget: float | None = None,
    caps: Mapping[int, int] | None = None,
    seed: int = 0,
) -> Allocation:
    """The allocation of at most one trigger a customer with the highest total value.

    `values` (n, K) are net values against none, NaN where a trigger must not be given; `costs`
    (K,) or (n, K) count against `budget`, None for no budget; `caps` maps a trigger's column to
    the most customers who may get it. Customers whose every value is below 0 get none.

    The LP's dual has one price for the budget and one a cap. A budget's price alone is found by
    bisection; with caps the minimum is found from the exact duals of a sample, by coordinate
    descent on all customers; the choice at these prices is then
    repaired to feasibility customer by customer. Raises BadRequest for a negative budget, cap or
    cost.
    """
    worth = np.ascontiguousarray(np.where(np.isnan(values), -np.inf, values))
    n, triggers = worth.shape
    paid = np.ascontiguousarray(np.broadcast_to(np.asarray(costs, dtype=np.float64), (n, triggers)))
    limit = np.inf if budget is None else float(budget)
    most = np.full(triggers, n, dtype=np.int64)
    for column, cap in (caps or {}).items():
        most[column] = min(cap, n)
    if limit < 0 or (most < 0).any() or (paid < 0).any():
        raise BadRequest(
            "A budget, cap or cost is below 0.",
            remedy="Give amounts from 0.",
            field="budget",
        )
    price, prices = 0.0, np.zeros(triggers)
    if (most < n).any():
        price, prices = _sample_prices(worth, paid, limit, most, seed)
    choice = np.zeros(n, dtype=np.int64)
    best = np.inf
    for _ in range(CYCLES):
        price, prices = _descend(worth, paid, limit, most, price, prices, choice)
        dual = _dual(worth, paid, limit, most, price, prices, choice)
        if dual >= best * (1 - 1e-7):
            break
        best = dual
    bound = _dual(worth, paid, limit, most, price, prices, choice)
    _repair(worth, paid, limit, most, price, prices, choice)
    taken = np.flatnonzero(choice)
    value = float(worth[taken, choice[taken] - 1].sum())
    return Allocation(
        choice=choice,
        value=value,
        spent=float(paid[taken, choice[taken] - 1].sum()),
        shadow_price=price,
        cap_prices=tuple(prices.tolist()),
        bound=bound,
        gap=0.0 if bound <= 0 else max(0.0, (bound - value) / bound),
    )


def frontier(
    values: FloatArray,
    costs: ArrayLike,
    budgets: Sequence[float],
    caps: Mapping[int, int] | None = None,
) -> tuple[Allocation, ...]:
    """Spend against gain: the best allocation at each budget."""
    return tuple(allocate(values, costs, budget, caps) for budget in budgets)


def _sample_prices(
    worth: FloatArray, paid: FloatArray, limit: float, most: IntArray, seed: int
) -> tuple[float, FloatArray]:
    """Exact dual prices of a random sample, budget and caps scaled to it."""
    n, triggers = worth.shape
    size = min(n, SAMPLE)
    rows = np.random.default_rng(seed).choice(n, size=size, replace=False)
    gain = np.where(np.isfinite(worth[rows]), worth[rows], -1.0).ravel()
    upper = np.where(np.isfinite(worth[rows]), 1.0, 0.0).ravel()
    one_each = sparse.kron(sparse.identity(size), np.ones((1, triggers)), format="csr")
    counts = sparse.kron(np.ones((1, size)), sparse.identity(triggers), format="csr")
    share = size / n
    limits = [np.ones(size), most * share]
    parts = [one_each, counts]
    if np.isfinite(limit):
        parts.append(sparse.csr_matrix(paid[rows].ravel()[None, :]))
        limits.append(np.array([limit * share]))
    solved = linprog(
        -gain,
        A_ub=sparse.vstack(parts),
        b_ub=np.concatenate(limits),
        bounds=np.column_stack([np.zeros_like(upper), upper]),
        method="highs",
    )
    duals = -solved.ineqlin.marginals
    price = float(duals[-1]) if np.isfinite(limit) else 0.0
    return max(price, 0.0), np.maximum(duals[size : size + triggers], 0.0)


def _descend(
    worth: FloatArray,
    paid: FloatArray,
    limit: float,
    most: IntArray,
    price: float,
    prices: FloatArray,
    choice: IntArray,
) -> tuple[float, FloatArray]:
    """One cycle of coordinate descent: each price at the value that just clears its limit."""
    prices = prices.copy()
    if np.isfinite(limit):
        price = _budget_price(worth, paid, limit, price, prices, choice)
    for column in np.flatnonzero(most < len(worth)):
        margin = _margins(worth, paid, price, prices, int(column))
        cap = int(most[column])
        # The cap-th best customer still gets the trigger: the price is the next one's margin.
        next_best = np.partition(margin, len(margin) - cap - 1)[len(margin) - cap - 1]
        prices[column] = max(float(next_best), 0.0)
    return price, prices


def _budget_price(
    worth: FloatArray,
    paid: FloatArray,
    limit: float,
    price: float,
    prices: FloatArray,
    choice: IntArray,
) -> float:
    """The least price of the budget at which the spending is within it, by bisection."""

    def spent(at: float) -> float:
        _choose(worth, paid, at, prices, choice)
        return float(_spent(paid, choice))

    if spent(0.0) <= limit:
        return 0.0
    low, high = 0.0, max(price, 1e-9)
    while spent(high) > limit:
        low, high = high, high * 1.5
    if low == 0.0 and spent(high / 1.5) > limit:
        low = high / 1.5
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        if spent(middle) > limit:
            low = middle
        else:
            high = middle
    return high


@numba.njit(cache=True, nogil=True)
def _choose(worth, paid, price, prices, choice):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(worth.shape[0]):
        best, arm = 0.0, 0
        for a in range(worth.shape[1]):
            reduced = worth[i, a] - price * paid[i, a] - prices[a]
            if reduced > best:
                best, arm = reduced, a + 1
        choice[i] = arm
        total += best
    return total


@numba.njit(cache=True, nogil=True)
def _spent(paid, choice):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(len(choice)):
        if choice[i] > 0:
            total += paid[i, choice[i] - 1]
    return total


@numba.njit(cache=True, nogil=True)
def _margins(worth, paid, price, prices, column):  # type: ignore[no-untyped-def]
    margin = np.empty(worth.shape[0])
    for i in range(worth.shape[0]):
        other = 0.0
        for a in range(worth.shape[1]):
            if a != column:
                other = max(other, worth[i, a] - price * paid[i, a] - prices[a])
        margin[i] = worth[i, column] - price * paid[i, column] - other
    return margin


def _dual(
    worth: FloatArray,
    paid: FloatArray,
    limit: float,
    most: IntArray,
    price: float,
    prices: FloatArray,
    choice: IntArray,
) -> float:
    inner = float(_choose(worth, paid, price, prices, choice))
    return inner + (price * limit if price > 0 else 0.0) + float(prices @ most)


def _repair(
    worth: FloatArray,
    paid: FloatArray,
    limit: float,
    most: IntArray,
    price: float,
    prices: FloatArray,
    choice: IntArray,
) -> None:
    """Take back the least certain choices until all limits hold, then fill what is left."""
    reduced = worth - price * paid - prices
    rows = np.flatnonzero(choice)
    order = rows[np.argsort(reduced[rows, choice[rows] - 1], kind="stable")]
    counts = np.bincount(choice, minlength=worth.shape[1] + 1)[1:]
    spent = float(_spent(paid, choice))
    spent = _take_back(order, paid, choice, counts, most, spent, limit)
    open_ = np.flatnonzero(choice == 0)
    candidates = np.argsort(-reduced[open_].max(axis=1), kind="stable")
    _fill(open_[candidates], worth, paid, reduced, choice, counts, most, spent, limit)


@numba.njit(cache=True, nogil=True)
def _take_back(order, paid, choice, counts, most, spent, limit):  # type: ignore[no-untyped-def]
    for i in order:
        arm = choice[i] - 1
        if counts[arm] > most[arm] or (spent > limit and paid[i, arm] > 0):
            counts[arm] -= 1
            spent -= paid[i, arm]
            choice[i] = 0
    return spent


@numba.njit(cache=True, nogil=True)
def _fill(  # type: ignore[no-untyped-def]
    order, worth, paid, reduced, choice, counts, most, spent, limit
):
    for i in order:
        best, arm = -np.inf, -1
        for a in range(worth.shape[1]):
            fits = counts[a] < most[a] and spent + paid[i, a] <= limit
            if fits and worth[i, a] > 0 and reduced[i, a] > best:
                best, arm = reduced[i, a], a
        if arm >= 0:
            choice[i] = arm + 1
            counts[arm] += 1
            spent += paid[i, arm]
