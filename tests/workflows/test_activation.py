"""Activation: a random control group that stays one, chances known for everybody."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from domain.criteria import Condition, Op
from domain.errors import BadRequest, Conflict, NotFound
from domain.triggers import Channel
from storage import audit
from storage.members import GIVEN_OUT, HELD_OUT, everybody
from tests.workflows.campaigns import GOAL, assignments, begun
from tests.workflows.company import NOW
from workflows.activation import (
    Declared,
    activate_segment,
    end_campaign,
    list_campaigns,
    show_campaign,
)
from workflows.assignments import ARM, ELIGIBLE, PROPENSITIES, resolve_assignments
from workflows.bycriteria import segment_by_criteria
from workflows.campaign import build_segments
from workflows.mirroring import changes_since
from workflows.pulling import pull
from workflows.refreshing import refresh_segment
from workflows.segmentlife import archive_segment, rollback_segment, show_segment
from workflows.workspace import Workspace


def given_out(workspace: Workspace, segment_id: str, held_out: bool = False) -> dict[str, dict]:
    found = {}
    cursor = None
    while True:
        page = pull(workspace, segment_id, limit=1000, cursor=cursor, held_out=held_out)
        found |= {one["customer_id"]: one for one in json.loads(page.members_json)}
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_everybody_is_assigned_with_known_chances(own: Workspace) -> None:
    before = build_segments(own, GOAL).segments[0]
    activation = activate_segment(own, before.segment_id, Declared("Spring", holdout=0.2))
    rows = assignments(own, activation)
    assert len(rows) == before.size
    arms = [row[ARM] for row in rows if row[ELIGIBLE]]
    assert activation.arms == {arm: arms.count(arm) for arm in ("none", before.recommended_trigger)}
    assert activation.eligible + activation.held_out_for_good == before.size
    share = activation.arms["none"] / activation.eligible
    assert abs(share - 0.2) < 4 * np.sqrt(0.16 / activation.eligible)
    for row in rows:
        assert dict(row[PROPENSITIES]) == {"none": 0.2, before.recommended_trigger: 0.8}
        assert row[ELIGIBLE] or row[ARM] == "none"
    assert len({row["assignment_id"] for row in rows}) == len(rows)
    assert activation.ends_at == NOW + timedelta(days=14)
    assert activation.forecast == before.expected_lift
    assert show_campaign(own, activation.campaign_id) == activation
    version = show_segment(own, before.segment_id)
    assert (version.version, version.members_id) == (2, activation.assignments_id)
    with own.control.read() as session:
        deed = audit.entries(session, before.segment_id)[-1]
    assert deed.action == "segment.activate"
    assert deed.detail["arms"] == activation.arms
    assert (deed.detail["before"]["version"], deed.detail["after"]["version"]) == (1, 2)


def test_those_held_out_are_left_out_of_pulls_and_told_as_removed(own: Workspace) -> None:
    activation = begun(own)
    rows = assignments(own, activation)
    treated = {r["customer_id"]: r["assignment_id"] for r in rows if r[ARM] != "none"}
    pulled = given_out(own, activation.segment_id)
    assert {i: one["assignment_id"] for i, one in pulled.items()} == treated
    everyone = given_out(own, activation.segment_id, held_out=True)
    assert set(everyone) == {r["customer_id"] for r in rows}
    removed = set()
    page = changes_since(own, activation.segment_id, 1, limit=1000)
    for one in json.loads(page.page.json):
        if one["change"] == "removed":
            removed.add(one["customer"]["customer_id"])
    eligible_controls = {r["customer_id"] for r in rows if r[ELIGIBLE] and r[ARM] == "none"}
    assert removed == eligible_controls


def test_a_refresh_and_a_rollback_keep_the_control_group(own: Workspace) -> None:
    activation = begun(own, exploration=0.2)
    rows = {row["customer_id"]: row for row in assignments(own, activation)}
    own.now = lambda: NOW + timedelta(days=1)
    fresh, _ = refresh_segment(own, activation.segment_id)
    given = own.snapshots.open(fresh.members_id).read(GIVEN_OUT)
    held = own.snapshots.open(fresh.members_id).read(HELD_OUT)
    assert given is not None
    assert held is not None
    for member in given.to_pylist():
        row = rows[member["customer_id"]]
        assert row[ARM] != "none"
        assert member["assignment_id"] == row["assignment_id"]
        assert member["recommended_trigger"] == row["recommended_trigger"] == row[ARM]
    assert {m["customer_id"] for m in held.to_pylist()} == {
        i for i, row in rows.items() if row[ARM] == "none"
    }
    rollback_segment(own, activation.segment_id, activation.version)
    with pytest.raises(Conflict, match="control group"):
        rollback_segment(own, activation.segment_id, 1)
    end_campaign(own, activation.campaign_id)
    assert rollback_segment(own, activation.segment_id, 1)[0].version == 1


def test_another_campaign_has_another_control_group(own: Workspace) -> None:
    first = begun(own)
    end_campaign(own, first.campaign_id)
    second = activate_segment(own, first.segment_id, Declared("Again", holdout=0.2))
    groups = [
        {r["customer_id"] for r in assignments(own, one) if r[ARM] == "none" and r[ELIGIBLE]}
        for one in (first, second)
    ]
    overlap = len(groups[0] & groups[1]) / len(groups[0])
    assert 0.1 < overlap < 0.3, "chance anew, not the same ones again"
    never = [
        {r["customer_id"] for r in assignments(own, one) if not r[ELIGIBLE]}
        for one in (first, second)
    ]
    assert never[0] == never[1], "whom no campaign addresses, stays so"
    assert [one.name for one in list_campaigns(own)].count("Again") == 1


def test_some_explore_and_their_chances_are_known(own: Workspace) -> None:
    activation = begun(own, exploration=0.4)
    assert set(activation.arm_probabilities) == {"none", "free_shipping", "gift_guide"}
    assert sum(activation.arm_probabilities.values()) == pytest.approx(1)
    other = next(k for k in activation.explored if k != activation.trigger)
    assert activation.arm_probabilities[other] == pytest.approx(0.8 * 0.4 / 2)
    for arm, count in activation.arms.items():
        expected = activation.arm_probabilities[arm] * activation.eligible
        assert abs(count - expected) < 4.5 * np.sqrt(expected)
    members = {
        row["customer_id"]: row
        for row in everybody(own.snapshots.open(activation.assignments_id)).to_pylist()
    }
    scores = {
        row["customer_id"]: row for row in own.snapshots.open(_scores_id(own)).table().to_pylist()
    }
    explored = [row for row in members.values() if row["explored_trigger"] == other]
    assert len(explored) == activation.arms[other]
    for row in explored:
        mine = scores[row["customer_id"]]
        assert row["recommended_trigger"] == other
        assert row["uplift_score"] == mine[f"uplift_score_for_{other}"]
        assert row["expected_net_value"] == mine[f"net_value_for_{other}"]
        assert row["runner_up_trigger"] == activation.trigger
        assert "random" in row["reason_1"]


def _scores_id(workspace: Workspace) -> str:
    from storage import models

    with workspace.control.read() as session:
        return models.current(session)["converted"].scores_id


def test_assignments_name_their_customer_and_can_not_be_made_up(own: Workspace) -> None:
    activation = begun(own)
    rows = assignments(own, activation)[::37]
    ids = [row["assignment_id"] for row in rows]
    found = resolve_assignments(own, ids, ["f"] * len(ids))
    assert found == [(activation.campaign_id, row["customer_id"]) for row in rows]
    good = ids[3]
    stem, signature = good.rsplit("_", 1)
    flipped = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    wrong = [
        f"{stem}_{flipped}",
        f"{stem.rsplit('_', 1)[0]}_ffffffff_{signature}",
        f"{stem.rsplit('_', 1)[0]}_-1_{signature}",
        f"asg_000000000000_0_{signature}",
        f"{stem.rsplit('_', 1)[0]}_1_{signature}",
        "asg",
        "",
        "asg_x_y_z",
        good + "_",
        "asg_" + "9" * 5_000,
    ]
    for text in wrong:
        with pytest.raises(BadRequest, match="no assignment") as raised:
            resolve_assignments(own, [good, text], ["a", "b"])
        assert raised.value.field == "b"


def test_what_can_not_begin_is_refused(own: Workspace) -> None:
    version = build_segments(own, GOAL).segments[0]
    segment_id = version.segment_id
    for changed, field in (
        ({"holdout": 0.0}, "holdout"),
        ({"holdout": 0.6}, "holdout"),
        ({"holdout": float("nan")}, "holdout"),
        ({"exploration": 0.9}, "exploration"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=1_000)}, "ends_at"),
    ):
        with pytest.raises(BadRequest) as raised:
            activate_segment(own, segment_id, Declared("x", **changed))  # type: ignore[arg-type]
        assert raised.value.field == field
    guide = segment_by_criteria(own, Condition(field="basket", op=Op.LT, value=30), "gift_guide")
    with pytest.raises(BadRequest, match="can't go by sms"):
        activate_segment(own, guide.segment_id, Declared("x", channel=Channel.SMS))
    few = segment_by_criteria(
        own, Condition(field="customer_id", op=Op.EQ, value="p00001"), "gift_guide"
    )
    with pytest.raises(Conflict, match="too few"):
        activate_segment(own, few.segment_id, Declared("x"))
    activate_segment(own, segment_id, Declared("one"))
    with pytest.raises(Conflict, match="runs on this segment"):
        activate_segment(own, segment_id, Declared("two"))
    archive_segment(own, guide.segment_id)
    with pytest.raises(Conflict, match="archived"):
        activate_segment(own, guide.segment_id, Declared("x"))
    with pytest.raises(NotFound):
        activate_segment(own, "seg_x", Declared("x"))
    with pytest.raises(NotFound):
        show_campaign(own, "cmp_x")


def test_a_campaign_ends_once(own: Workspace) -> None:
    activation = begun(own)
    own.now = lambda: NOW + timedelta(days=2)
    assert end_campaign(own, activation.campaign_id).ended_at == NOW + timedelta(days=2)
    own.now = lambda: NOW + timedelta(days=3)
    assert end_campaign(own, activation.campaign_id).ended_at == NOW + timedelta(days=2)
    other = activate_segment(own, activation.segment_id, Declared("later"))
    own.now = lambda: NOW + timedelta(days=100)
    assert end_campaign(own, other.campaign_id).ended_at is None, "it ended as declared"
    activate_segment(own, activation.segment_id, Declared("and later"))
