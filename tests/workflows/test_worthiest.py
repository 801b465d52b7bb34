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
from uplift.allocation import allocate
from workflows import freezing, worthiest
from workflows.campaign import build_segments
from workflows.cutting import Cut, cut_members
from workflows.decision import SAME_CRITERIA
from workflows.workspace import Workspace
from workflows.worthiest import NEAREST, WORTH_MOST, Border, best_rows, border_of, measured_on

NORTH = Condition(field="region", op=Op.EQ, value="north")
Row = dict[str, Any]


def rows_of(workspace: Workspace) -> tuple[list[Row], list[Row]]:
    """The witnesses in the north and today's customers there, with their scores, by id."""
    with workspace.control.read() as session:
        record = models.current(session)["converted"]
    assert record.scores_id is not None
    seen, scored = (
        sorted(workspace.snapshots.open(one).table().to_pylist(), key=lambda r: r["customer_id"])
        for one in (record.evidence_id, record.scores_id)
    )
    today = workspace.people()[0].table().to_pylist()
    north = {row["customer_id"] for row in today if row["region"] == "north"}
    return (
        [row for row in seen if row["region"] == "north"],
        [row for row in scored if row["customer_id"] in north],
    )


def lift(rows: list[Row], trigger: str) -> float:
    return float(np.mean([row[f"@aipw_{trigger}"] - row["@aipw_none"] for row in rows]))


def by_hand(seen: list[Row], today: list[Row], trigger: str, kept: int, least: int) -> list[Row]:
    """Those above the net value of the last who is kept today, and of those at it the same share;
    or so many of the highest."""
    field = f"net_value_for_{trigger}"
    values = sorted((row[field] for row in today), reverse=True)
    floor = values[kept - 1]
    share = (kept - sum(v > floor for v in values)) / sum(v == floor for v in values)
    at = [row for row in seen if row[field] == floor]
    inside = [row for row in seen if row[field] > floor] + at[: round(share * len(at))]
    if len(inside) >= least or least >= len(seen):
        return inside if len(inside) >= least else seen
    last = sorted((row[field] for row in seen), reverse=True)[least - 1]
    return [row for row in seen if row[field] >= last]


@pytest.mark.parametrize("least", [50, 500, 10_000])
def test_segments_and_ranking_are_measured_on_those_worth_most(
    own: Workspace, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(worthiest, "LEAST", least)
    plan = build_segments(own, CampaignObjective(audience=NORTH, max_customers=400))
    seen, today = rows_of(own)
    assert plan.segments
    for version in plan.segments:
        key = version.recommended_trigger
        best = [[row for row in rows if row["best_trigger"] == key] for rows in (seen, today)]
        inside = by_hand(best[0], best[1], key, version.size, least)
        assert version.expected_lift is not None
        assert version.expected_lift.estimate == pytest.approx(lift(inside, key))
        assert f"{len(inside):,} held-out" in version.expected_lift.basis
        everybody = len(inside) == len(best[0])
        assert ("worth it most" in version.expected_lift.basis) is not everybody
        measured = version.explanation.runner_up
        assert measured is not None
        assert (
            measured.measured is None
            or version.expected_lift.basis.split(" who ")[1] in measured.measured.basis
        )
    for entry in plan.ranking:
        if entry.trigger == NO_TRIGGER:
            continue
        inside = by_hand(seen, today, entry.trigger, 400, least)
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
    monkeypatch.setattr(worthiest, "LEAST", 50)
    budget = Budget(amount=40, currency="EUR")
    plan = build_segments(own, CampaignObjective(audience=NORTH, budget=budget, max_customers=900))
    (cut,) = cuts
    cost = {"free_shipping": 0.1, "gift_guide": 0.2}
    spent = sum(cost[version.recommended_trigger] * version.size for version in plan.segments)
    assert 39 < spent <= 40
    seen, today = rows_of(own)
    for version in plan.segments:
        key = version.recommended_trigger
        assert cut.borders[key].price > 0
        best = [[row for row in rows if row["best_trigger"] == key] for rows in (seen, today)]
        # A trigger's cost is the same for all here, so that its cut is by net value.
        inside = by_hand(best[0], best[1], key, version.size, 50)
        assert 50 <= len(inside) < len(best[0])
        assert version.expected_lift is not None
        assert version.expected_lift.estimate == pytest.approx(lift(inside, key), rel=0.02)


def test_a_limit_that_reaches_everybody_changes_nothing(own: Workspace) -> None:
    free = build_segments(own, CampaignObjective(audience=NORTH))
    wide = build_segments(own, CampaignObjective(audience=NORTH, max_customers=10**9))
    assert wide.ranking == free.ranking
    assert [v.expected_lift for v in wide.segments] == [v.expected_lift for v in free.segments]
    assert wide.reached == wide.eligible


nets = st.lists(st.sampled_from([-1.0, 0.5, 1.0, 2.0, 2.5]), min_size=1, max_size=30)


@given(nets, st.integers(1, 40))
def test_a_border_is_the_cut_that_it_was_made_of(values: list[float], number: int) -> None:
    net = np.array(values)
    kept = best_rows(net, number)
    assert kept.sum() == min(number, len(net))
    assert set(net[~kept]) <= set(net[net <= net[kept].min()])
    border = border_of(net, np.zeros(len(net)), kept, floor=float(net[kept].min()))
    assert border.holds(net).tolist() == kept.tolist()


@pytest.mark.parametrize("most", [None, 700])
def test_a_border_shares_those_whom_the_model_cannot_tell_apart(most: int | None) -> None:
    """1,000 are worth 3 each and 10,000 are worth 2; there is money for some of the latter."""
    net, cost = np.repeat([3.0, 2.0], [1_000, 10_000]), np.full(11_000, 0.1)
    found = allocate(net[:, None], cost[:, None], 600.0, None if most is None else {0: most})
    kept = found.choice == 1
    border = border_of(net, cost, kept, found.cap_prices[0], found.shadow_price)
    held = border.holds(net - border.price * cost)
    assert held.sum() == pytest.approx(kept.sum(), abs=1)
    assert net[held].mean() == pytest.approx(net[kept].mean(), rel=1e-3)


def test_so_many_who_tell_something_are_measured_on() -> None:
    """Rows of a campaign that did not offer the trigger tell nothing of it, however worthy."""
    worth = np.linspace(5, 0, 4_000)
    told = np.arange(4_000) % 2 == 1
    border = Border(floor=4.9, price=0.0, tied=1.0, tolerance=0.0)
    held, who = measured_on(worth, told, border)
    assert (held & told).sum() == worthiest.LEAST
    assert held[:1_999].all()
    assert not held[2_001:].any()
    assert who == NEAREST
    assert measured_on(worth, told, Border(1.0, 0.0, 1.0, 0.0))[1] == WORTH_MOST
    held, who = measured_on(worth[:500], told[:500], border)
    assert held.all()
    assert who == SAME_CRITERIA
