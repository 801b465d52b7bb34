import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from domain.errors import BadRequest
from uplift.allocation import allocate, frontier


def slow_best(values, costs, budget, caps):
    """The best feasible assignment by trying every one."""
    n, triggers = values.shape
    best = 0.0
    for choice in itertools.product(range(triggers + 1), repeat=n):
        taken = [(i, a - 1) for i, a in enumerate(choice) if a]
        spent = sum(costs[a] for _, a in taken)
        full = any(sum(1 for _, b in taken if b == a) > cap for a, cap in caps.items())
        if spent <= budget + 1e-12 and not full:
            best = max(best, sum(values[i, a] for i, a in taken))
    return best


def lp_bound(values, costs, budget, caps):
    """The LP relaxation, written out."""
    n, triggers = values.shape
    rows, limits = [], []
    for i in range(n):
        row = np.zeros((n, triggers))
        row[i] = 1
        rows.append(row.ravel())
        limits.append(1)
    rows.append(np.tile(costs, n))
    limits.append(budget)
    for a, cap in caps.items():
        row = np.zeros((n, triggers))
        row[:, a] = 1
        rows.append(row.ravel())
        limits.append(cap)
    found = linprog(-values.ravel(), A_ub=np.array(rows), b_ub=limits, bounds=(0, 1))
    return -found.fun


def check_feasible(found, values, costs, budget, caps):
    taken = np.flatnonzero(found.choice)
    spent = sum(costs[found.choice[i] - 1] for i in taken)
    assert found.spent == pytest.approx(spent)
    assert spent <= budget + 1e-9
    assert found.value == pytest.approx(sum(values[i, found.choice[i] - 1] for i in taken))
    for a, cap in caps.items():
        assert np.count_nonzero(found.choice == a + 1) <= cap
    assert all(values[i, found.choice[i] - 1] > 0 for i in taken)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 6), st.integers(0, 4))
def test_small_problems_are_feasible_and_bounded_by_the_true_best(seed, budget, cap):
    rng = np.random.default_rng(seed)
    values, costs = rng.normal(size=(5, 2)), np.array([1.0, 2.0])
    caps = {0: cap}
    found = allocate(values, costs, budget, caps)
    check_feasible(found, values, costs, budget, caps)
    best = slow_best(values, costs, budget, caps)
    assert found.value <= best + 1e-9
    assert found.bound >= best - 1e-9


@pytest.mark.parametrize("caps", [{}, {0: 10}, {0: 20, 2: 15}])
def test_the_bound_is_the_linear_programmes(caps):
    rng = np.random.default_rng(1)
    values, costs = rng.normal(size=(120, 3)), np.array([0.5, 1.0, 1.5])
    found = allocate(values, costs, 30.0, caps)
    check_feasible(found, values, costs, 30.0, caps)
    assert found.bound == pytest.approx(lp_bound(values, costs, 30.0, caps), rel=2e-3)
    assert found.value > 0.97 * found.bound


def test_many_customers_leave_almost_no_gap():
    rng = np.random.default_rng(2)
    values = rng.normal(0.2, 1, size=(60_000, 9)) + rng.normal(size=(60_000, 1))
    costs = np.linspace(0.2, 2, 9)
    caps = {0: 3000, 4: 5000}
    found = allocate(values, costs, 15_000.0, caps)
    check_feasible(found, values, costs, 15_000.0, caps)
    assert found.gap < 1e-4
    assert found.shadow_price > 0


def test_without_limits_everyone_gets_the_best_or_none():
    values = np.array([[1.0, 2.0], [-1.0, -2.0], [np.nan, 3.0], [0.5, np.nan]])
    found = allocate(values, np.ones(2))
    assert found.choice.tolist() == [2, 0, 2, 1]
    assert found.shadow_price == 0
    assert found.gap == pytest.approx(0)


def test_no_budget_gives_only_what_is_free():
    values = np.array([[1.0, 0.5]] * 4)
    assert allocate(values, np.array([1.0, 0.0]), 0.0).choice.tolist() == [2, 2, 2, 2]


def test_the_frontier_rises_ever_more_slowly():
    rng = np.random.default_rng(3)
    budgets = [100, 500, 1000, 2000]
    points = frontier(rng.normal(size=(5000, 3)), np.array([0.5, 1, 2]), budgets)
    gains = [point.value for point in points]
    assert gains == sorted(gains)
    slopes = np.diff(gains) / np.diff(budgets)
    assert slopes.tolist() == sorted(slopes, reverse=True)
    assert [point.shadow_price for point in points] == sorted(
        (point.shadow_price for point in points), reverse=True
    )


def test_a_negative_budget_is_refused():
    with pytest.raises(BadRequest):
        allocate(np.ones((2, 1)), np.ones(1), -1.0)
