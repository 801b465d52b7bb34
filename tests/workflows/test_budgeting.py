"""What a budget buys: against a slow search over all allocations, and on a company."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from domain.criteria import AllOf, Condition, Op
from domain.objective import Budget, CampaignObjective
from workflows.budgeting import STEPS, Spending, _contenders, _own, spending_points
from workflows.campaign import build_segments
from workflows.suggesting import suggest_triggers
from workflows.workspace import Workspace

SMALL = AllOf(all=(Condition(field="basket", op=Op.LT, value=60),))


@pytest.mark.parametrize("most", [None, 60])
def test_every_point_is_near_the_best_there_is(most: int | None) -> None:
    rng = np.random.default_rng(4)
    net, paid = rng.normal(1.0, 2.0, (300, 2)), rng.uniform(0.2, 1.0, (300, 2))
    own, rows = net.argmax(axis=1), np.arange(300)
    value, cost = net[rows, own], paid[rows, own]
    for point in spending_points(net, paid, ("a", "b"), most=most):
        best = linprog(
            -value,
            A_ub=np.stack([cost, np.ones(300)]),
            b_ub=[point.budget, most or 300],
            bounds=(0, 1),
        )
        assert point.spent <= point.budget + 1e-9
        assert sum(point.customers.values()) <= (most or 300)
        # The relaxation may bring more by a part of one customer for each limit.
        assert -best.fun - 2 * net.max() <= point.value <= -best.fun + 1e-6
    assert point.value > 10 * net.max()


@pytest.mark.parametrize("most", [10, 300])
def test_those_who_can_be_among_the_best_are_enough(most: int) -> None:
    rng = np.random.default_rng(6)
    net, paid = rng.gamma(1, 2, (3_000, 2)), rng.gamma(1, 0.5, (3_000, 2))
    rows = _contenders(*_own(net, paid)[1:], most)
    assert most <= len(rows) < 3_000
    every = spending_points(net, paid, ("a", "b"), most=most)
    few = spending_points(net[rows], paid[rows], ("a", "b"), most=most)
    for all_, some in zip(every, few, strict=True):
        assert some.value >= 0.98 * all_.value


def test_more_money_never_brings_less_and_is_worth_less_and_less() -> None:
    rng = np.random.default_rng(5)
    net, paid = rng.normal(0.5, 1.0, (900, 3)), rng.uniform(0.1, 0.6, (900, 3))
    points = spending_points(net, paid, ("a", "b", "c"), scale=10)
    assert len(points) == STEPS + 1
    values = np.array([point.value for point in points])
    assert points[0].spent == 0
    assert points[0].value >= 0
    assert (np.diff(values) >= -1e-6 * values.max()).all()
    prices = [point.next_unit for point in points[1:]]
    assert all(after <= before * 1.01 + 1e-6 for before, after in itertools.pairwise(prices))
    assert sum(points[-1].customers.values()) <= 9_000


@pytest.mark.parametrize(("also", "more"), [(None, 0), (0.0, 0), (2.0, 0), (2.01, 1), (9.0, 0)])
def test_a_stated_budget_is_one_point_more_unless_it_is_there(
    also: float | None, more: int
) -> None:
    points = spending_points(np.ones((40, 1)), np.full((40, 1), 0.1), ("a",), also=also)
    assert len(points) == STEPS + 1 + more
    assert also is None or also > 4 or any(point.budget == pytest.approx(also) for point in points)


def test_where_nothing_is_worth_money_there_is_one_point() -> None:
    (point,) = spending_points(-np.ones((4, 2)), np.ones((4, 2)), ("a", "b"))
    assert (point.budget, point.value, point.customers) == (0.0, 0.0, {"a": 0, "b": 0})


def test_suggestions_are_those_that_segments_are_made_by(own: Workspace) -> None:
    objective = CampaignObjective(audience=SMALL)
    found = suggest_triggers(own, objective)
    plan = build_segments(own, objective)
    assert found.ranking == plan.ranking
    assert found.eligible == plan.eligible
    assert isinstance(found.spending, Spending)
    last = found.spending.points[-1]
    assert last.customers == {
        version.recommended_trigger: version.size for version in plan.segments
    }
    assert found.spending.place_of(-5.0) == 0
    assert found.spending.place_of(1e9) == len(found.spending.points) - 1
    assert found.reached == found.eligible
    assert found.costs["free_shipping"] == pytest.approx(0.1)


def test_a_brief_s_own_budget_is_a_point_of_the_curve(own: Workspace) -> None:
    stated = CampaignObjective(audience=SMALL, budget=Budget(amount=33.3, currency="EUR"))
    spending = suggest_triggers(own, stated).spending
    assert isinstance(spending, Spending)
    point = spending.points[spending.place_of(33.3)]
    assert point.budget == pytest.approx(33.3)
    assert 33 < point.spent <= 33.3


def test_the_curve_is_what_segments_are_cut_to(own: Workspace) -> None:
    stated = CampaignObjective(
        audience=SMALL, max_customers=900, budget=Budget(amount=60, currency="EUR")
    )
    spending = suggest_triggers(own, stated).spending
    assert isinstance(spending, Spending)
    point = spending.points[spending.place_of(60)]
    made = {
        version.recommended_trigger: version.size
        for version in build_segments(own, stated).segments
    }
    assert {key: number for key, number in point.customers.items() if number} == made


def test_at_most_so_many_narrows_ranking_costs_and_curve(own: Workspace) -> None:
    objective = CampaignObjective(audience=SMALL, max_customers=300)
    found, everybody = (
        suggest_triggers(own, wanted) for wanted in (objective, CampaignObjective(audience=SMALL))
    )
    assert (found.reached, found.eligible) == (300, everybody.eligible)
    assert isinstance(found.spending, Spending)
    assert isinstance(everybody.spending, Spending)
    assert sum(found.spending.points[-1].customers.values()) == 300
    assert 0 < found.spending.points[-1].value < everybody.spending.points[-1].value
    cost = found.costs["gift_guide"]
    assert cost is not None
    assert cost > 0
    assert found.ranking == build_segments(own, objective).ranking


def test_nobody_eligible_has_no_curve(own: Workspace) -> None:
    nobody = AllOf(all=(Condition(field="basket", op=Op.LT, value=-1),))
    found = suggest_triggers(own, CampaignObjective(audience=nobody))
    assert found.eligible == 0
    assert isinstance(found.spending, str)
