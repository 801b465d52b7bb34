"""Few of many: a limited brief is measured on the witnesses who are worth a trigger most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.criteria import Condition, Op
from domain.objective import Budget, CampaignObjective
from domain.triggers import NO_TRIGGER
from storage import models
from workflows import decision, freezing
from workflows.campaign import build_segments
from workflows.cutting import Cut, cut_members
from workflows.decision import highest
from workflows.workspace import Workspace

NORTH = Condition(field="region", op=Op.EQ, value="north")
Row = dict[str, object]


def witnesses(workspace: Workspace) -> list[Row]:
    with workspace.control.read() as session:
        record = models.current(session)["converted"]
    rows = workspace.snapshots.open(record.evidence_id).table().to_pylist()
    return [row for row in rows if row["region"] == "north"]


def lift(rows: list[Row], trigger: str) -> float:
    return float(np.mean([row[f"@aipw_{trigger}"] - row["@aipw_none"] for row in rows]))  # type: ignore[operator]


def worthiest(rows: list[Row], trigger: str, floor: float, least: int) -> list[Row]:
    """By hand: sorted, those from the floor up, and never fewer than `least` of them."""
    field = f"net_value_for_{trigger}"
    ordered = sorted(rows, key=lambda row: row[field], reverse=True)  # type: ignore[arg-type,return-value]
    last = ordered[min(least, len(ordered)) - 1][field]
    return [row for row in ordered if row[field] >= min(floor, last)]  # type: ignore[type-var]


@pytest.mark.parametrize("least", [50, 1_000])
def test_segments_and_ranking_are_measured_on_those_worth_most(
    own: Workspace, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(decision, "LEAST_WITNESSES", least)
    plan = build_segments(own, CampaignObjective(audience=NORTH, max_customers=400))
    north = witnesses(own)
    assert plan.segments
    for version in plan.segments:
        key = version.recommended_trigger
        kept = own.snapshots.open(version.members_id).table().column("expected_net_value")
        floor = min(kept.to_pylist())
        inside = worthiest([row for row in north if row["best_trigger"] == key], key, floor, least)
        assert version.expected_lift is not None
        assert version.expected_lift.estimate == pytest.approx(lift(inside, key))
        assert f"{len(inside):,} held-out" in version.expected_lift.basis
        assert "worth it most" in version.expected_lift.basis
    for entry in plan.ranking:
        if entry.trigger == NO_TRIGGER:
            continue
        floor = _floor(own, entry.trigger, 400)
        inside = worthiest(north, entry.trigger, floor, least)
        assert entry.lift is not None
        assert entry.lift.estimate == pytest.approx(lift(inside, entry.trigger))
        assert entry.expected_outcomes == pytest.approx(400 * entry.lift.estimate)


def test_a_budget_is_measured_on_those_worth_the_money(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts: list[Cut] = []

    def noted(*args: Any, **kwargs: Any) -> Cut:
        cuts.append(cut_members(*args, **kwargs))
        return cuts[-1]

    monkeypatch.setattr(freezing, "cut_members", noted)
    monkeypatch.setattr(decision, "LEAST_WITNESSES", 50)
    budget = Budget(amount=40, currency="EUR")
    plan = build_segments(own, CampaignObjective(audience=NORTH, budget=budget, max_customers=900))
    (cut,) = cuts
    cost = {"free_shipping": 0.1, "gift_guide": 0.2}
    spent = sum(cost[version.recommended_trigger] * version.size for version in plan.segments)
    assert 39 < spent <= 40
    for version in plan.segments:
        key = version.recommended_trigger
        border = cut.borders[key]
        assert border.price > 0
        least = border.floor + border.price * cost[key]
        rows = [row for row in witnesses(own) if row["best_trigger"] == key]
        inside = worthiest(rows, key, least, 50)
        assert 50 <= len(inside) < len(rows)
        assert version.expected_lift is not None
        assert version.expected_lift.estimate == pytest.approx(lift(inside, key))


def _floor(workspace: Workspace, trigger: str, number: int) -> float:
    with workspace.control.read() as session:
        record = models.current(session)["converted"]
    assert record.scores_id is not None
    scores = workspace.snapshots.open(record.scores_id).table().to_pylist()
    regions = {
        row["customer_id"]: row["region"] for row in workspace.people()[0].table().to_pylist()
    }
    net = [
        row[f"net_value_for_{trigger}"] for row in scores if regions[row["customer_id"]] == "north"
    ]
    return float(sorted(net, reverse=True)[number - 1])


def test_a_limit_that_reaches_everybody_changes_nothing(own: Workspace) -> None:
    free = build_segments(own, CampaignObjective(audience=NORTH))
    wide = build_segments(own, CampaignObjective(audience=NORTH, max_customers=10**9))
    assert wide.ranking == free.ranking
    assert [v.expected_lift for v in wide.segments] == [v.expected_lift for v in free.segments]
    assert wide.reached == wide.eligible


@given(
    st.lists(st.floats(-5, 5, allow_nan=False), min_size=1, max_size=30),
    st.integers(1, 40),
)
def test_the_highest_are_as_many_as_asked(values: list[float], number: int) -> None:
    border = highest(np.array(values), number)
    if number >= len(values):
        assert border == -np.inf
    else:
        assert border == sorted(values, reverse=True)[number - 1]
