"""Cuts to a number of customers or a budget, against a slow oracle."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from domain.objective import Budget, CampaignObjective
from workflows.cutting import COST, cut_members

Row = tuple[str, float, float]
rows = st.lists(
    st.tuples(st.sampled_from([0.5, 1.0, 2.0, 3.5]), st.sampled_from([0.0, 0.25, 1.0, 2.0])),
    max_size=12,
)


def tables(by_trigger: list[list[tuple[float, float]]]) -> dict[str, pa.Table]:
    made, number = {}, 0
    for place, members in enumerate(by_trigger):
        ids = [f"c{(number + i) * 7 % 101:03d}" for i in range(len(members))]
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


def oracle(members: list[Row], amount: float | None, number: int | None) -> set[str]:
    """Money first, on what brings most for it, until it is spent; then the best so many."""
    kept = members
    if amount is not None:
        kept, spent = [], 0.0
        by_worth = sorted(members, key=lambda r: (-(r[1] / r[2]) if r[2] else -float("inf"), r[0]))
        for row in by_worth:
            spent += row[2]
            if spent > amount:
                break
            kept.append(row)
    if number is not None:
        kept = sorted(kept, key=lambda r: (-r[1], r[0]))[:number]
    return {row[0] for row in kept}


@given(
    st.lists(rows, min_size=1, max_size=3),
    st.none() | st.sampled_from([0.0, 0.5, 1.0, 2.5, 7.0, 100.0]),
    st.none() | st.integers(1, 20),
)
def test_the_cut_is_the_oracles(
    by_trigger: list[list[tuple[float, float]]], amount: float | None, number: int | None
) -> None:
    members = tables(by_trigger)
    objective = CampaignObjective(
        budget=None if amount is None else Budget(amount=amount), max_customers=number
    )
    cut = cut_members(members, objective, costs_known=True, currency="EUR")
    kept = {
        trigger: table.column("customer_id").to_pylist() for trigger, table in cut.members.items()
    }
    found = {one for ids in kept.values() for one in ids}
    assert found == oracle(flat(members), amount, number)
    for trigger, ids in kept.items():
        before = members[trigger].column("customer_id").to_pylist()
        assert ids == [one for one in before if one in found], "who is left keeps the order"
    assert (cut.words is None) == (amount is None and number is None)


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
