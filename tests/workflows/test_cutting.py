"""Cuts to a number of customers or a budget, against slow searches."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from domain.objective import Budget, CampaignObjective
from workflows.cutting import COST, Cut, cut_members

Row = tuple[str, float, float]
rows = st.lists(
    st.tuples(st.sampled_from([0.5, 1.0, 2.0, 3.5]), st.sampled_from([0.0, 0.25, 1.0, 2.0])),
    max_size=4,
)


def tables(by_trigger: list[list[tuple[float, float]]]) -> dict[str, pa.Table]:
    made, number = {}, 0
    for place, members in enumerate(by_trigger):
        ids = [f"c{(number + i) * 7 % 10_007:05d}" for i in range(len(members))]
        number += len(members)
        made[f"t{place}"] = pa.table(
            {
                "customer_id": pa.array(ids, pa.string()),
                "expected_net_value": pa.array([net for net, _ in members], pa.float64()),
                COST: pa.array([cost for _, cost in members], pa.float64()),
            }
        )
    return made


def flat(members: dict[str, pa.Table]) -> list[Row]:
    return [
        (r["customer_id"], r["expected_net_value"], r[COST])
        for table in members.values()
        for r in table.to_pylist()
    ]


def best(members: list[Row], amount: float, number: int | None) -> float:
    """The most net value that any choice within the limits brings, by trying all."""
    most = len(members) if number is None else min(number, len(members))
    return max(
        sum(row[1] for row in chosen)
        for size in range(most + 1)
        for chosen in itertools.combinations(members, size)
        if sum(row[2] for row in chosen) <= amount + 1e-9
    )


amounts = st.sampled_from([0.0, 0.5, 1.0, 2.5, 7.0, 100.0])
numbers = st.none() | st.integers(1, 10)


@given(st.lists(rows, min_size=1, max_size=3), amounts, numbers)
def test_a_budget_buys_the_most_there_is(
    by_trigger: list[list[tuple[float, float]]], amount: float, number: int | None
) -> None:
    members = tables(by_trigger)
    objective = CampaignObjective(budget=Budget(amount=amount), max_customers=number)
    cut = cut_members(members, objective, costs_known=True, currency="EUR")
    kept = flat(dict(cut.members))
    assert sum(row[2] for row in kept) <= amount + 1e-9
    assert number is None or len(kept) <= number
    # The relaxation misses at most what one customer for each limit would bring.
    limits = 1 if number is None else 2
    brought, dearest = (
        sum(row[1] for row in kept),
        max((row[1] for row in flat(members)), default=0),
    )
    assert brought >= best(flat(members), amount, number) - limits * dearest - 1e-9
    assert f"for {amount:,.0f} EUR" in str(cut.words)
    assert f"expected to spend {sum(row[2] for row in kept):,.0f}." in cut.remarks[0]
    unchanged_order(members, cut)


@given(st.lists(rows, min_size=1, max_size=3), st.integers(1, 12))
def test_a_number_keeps_the_highest_net_values(
    by_trigger: list[list[tuple[float, float]]], number: int
) -> None:
    members = tables(by_trigger)
    cut = cut_members(
        members, CampaignObjective(max_customers=number), costs_known=False, currency="EUR"
    )
    ordered = sorted(flat(members), key=lambda row: (-row[1], row[0]))
    assert sorted(flat(dict(cut.members))) == sorted(ordered[:number])
    unchanged_order(members, cut)


def unchanged_order(members: dict[str, pa.Table], cut: Cut) -> None:
    """Who is left keeps the order, and there is a border where somebody was cut."""
    for trigger, table in cut.members.items():
        left = set(table.column("customer_id").to_pylist())
        before = members[trigger].column("customer_id").to_pylist()
        assert table.column("customer_id").to_pylist() == [one for one in before if one in left]
        assert (trigger in cut.borders) == (len(left) < len(before))


def test_a_border_says_who_is_kept() -> None:
    """On enough customers, all but a few at the border itself are on its right side."""
    rng = np.random.default_rng(3)
    many = [(float(net), float(cost)) for net, cost in rng.gamma((2, 1), 1, (2000, 2))]
    members = tables([many[:1200], many[1200:]])
    objective = CampaignObjective(budget=Budget(amount=250), max_customers=400)
    cut = cut_members(members, objective, costs_known=True, currency="EUR")
    wrong = 0
    for trigger, table in cut.members.items():
        border, left = cut.borders[trigger], set(table.column("customer_id").to_pylist())
        for row in members[trigger].to_pylist():
            worth = row["expected_net_value"] - border.price * row[COST]
            wrong += (worth >= border.floor) != (row["customer_id"] in left)
    assert border.price > 0
    assert border.floor > 0
    assert wrong <= 5


def test_without_limits_nobody_is_cut() -> None:
    members = tables([[(1.0, 0.5)], [(2.0, 0.0)]])
    cut = cut_members(members, CampaignObjective(), costs_known=True, currency="EUR")
    assert (cut.members, cut.words, cut.remarks, cut.borders) == (members, None, (), {})


@given(st.lists(rows, min_size=1, max_size=3))
def test_a_budget_without_costs_cuts_nobody_and_says_so(
    by_trigger: list[list[tuple[float, float]]],
) -> None:
    members = tables(by_trigger)
    objective = CampaignObjective(budget=Budget(amount=1))
    cut = cut_members(members, objective, costs_known=False, currency="EUR")
    assert flat(dict(cut.members)) == flat(members)
    assert cut.words is None
    assert "could not be applied" in cut.remarks[0]
