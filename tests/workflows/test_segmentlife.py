"""A segment's life: refreshed, compared, rolled back, archived; nothing is ever lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyarrow.compute as pc
import pytest

from domain.criteria import Condition, Op, to_json
from domain.errors import BadRequest, Conflict, NoEvidence, NotFound, UnknownField
from domain.objective import CampaignGoal, CampaignObjective
from domain.segment import SegmentVersion
from storage import audit, definitions, segments
from storage.members import everybody
from tests.workflows.company import NOW
from tests.workflows.retrained import FIRST, ids
from workflows.bycriteria import segment_by_criteria, segment_by_rule
from workflows.campaign import OpenQuestions, build_segments
from workflows.diffing import diff_versions
from workflows.mirroring import changes_since
from workflows.promotion import promote
from workflows.pulling import pull
from workflows.refreshing import refresh_segment
from workflows.segmentlife import (
    archive_segment,
    list_segments,
    list_versions,
    rollback_segment,
    show_segment,
)
from workflows.workspace import PROFILES, Workspace

GOAL = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
BASKET = Condition(field="basket", op=Op.LT, value=30)


def ids_of(workspace: Workspace, version: SegmentVersion) -> set[str]:
    members = everybody(workspace.snapshots.open(version.members_id), ["customer_id"])
    return set(members.column("customer_id").to_pylist())


def move_on(workspace: Workspace) -> None:
    """Profiles anew: who had a small basket has a large one, and the other way round."""
    old = workspace.current(PROFILES)
    parts = []
    for bucket in sorted(old.files):
        table = old.read(bucket)
        assert table is not None
        place = table.column_names.index("basket")
        turned = pc.subtract(110.0, table.column("basket"))
        parts.append((bucket, table.set_column(place, "basket", turned)))
    written = workspace.snapshots.write("profiles", parts, meta={"as_of": "2026-03-02"})
    with workspace.control.write() as session:
        definitions.put_current(session, PROFILES, written.id)


def test_a_refresh_follows_customers_and_keeps_the_old_version(own: Workspace) -> None:
    first = build_segments(own, GOAL).segments[0]
    walk = pull(own, first.segment_id, limit=300)
    move_on(own)
    own.now = lambda: NOW + timedelta(days=1)
    fresh, before = refresh_segment(own, first.segment_id)
    assert before == first
    assert (fresh.version, fresh.segment_id, fresh.name) == (2, first.segment_id, first.name)
    assert fresh.profiles_id == own.current(PROFILES).id != first.profiles_id
    assert fresh.criteria == first.criteria
    # It is what the same brief makes today.
    again = {v.recommended_trigger: v for v in build_segments(own, GOAL).segments}
    assert ids_of(own, fresh) == ids_of(own, again[fresh.recommended_trigger])
    diff = diff_versions(own, first.segment_id, 1)
    was, now = ids_of(own, first), ids_of(own, fresh)
    assert (diff.entered, diff.left, diff.stayed) == (
        len(now - was),
        len(was - now),
        len(was & now),
    )
    assert diff.entered > 0
    assert diff.left > 0
    assert list(diff.entered_ids) == sorted(now - was)[:100]
    assert "customers as of" in {change.what for change in diff.changed}
    assert "model" not in {change.what for change in diff.changed}
    # A reader in the middle of the old version finishes there.
    seen = len(json.loads(walk.members_json))
    while walk.next_cursor is not None:
        walk = pull(own, first.segment_id, limit=300, cursor=walk.next_cursor)
        assert walk.version.version == 1
        seen += len(json.loads(walk.members_json))
    assert seen == first.size - first.held_out


def test_a_refresh_follows_the_model(lived: Workspace) -> None:
    first = build_segments(lived, GOAL).segments[0]
    promote(lived, ids(lived)[FIRST], forced_because="back to the first")
    fresh, _ = refresh_segment(lived, first.segment_id)
    assert fresh.model_id == ids(lived)[FIRST] != first.model_id
    (change,) = (c for c in diff_versions(lived, first.segment_id, 1).changed if c.what == "model")
    assert (change.before, change.after) == (first.model_id, fresh.model_id)


def test_a_rollback_loses_nothing_and_numbers_go_on(own: Workspace) -> None:
    first = build_segments(own, GOAL).segments[0]
    move_on(own)
    refresh_segment(own, first.segment_id)
    now, before = rollback_segment(own, first.segment_id, actor="key:x")
    assert (now.version, before.version) == (1, 2)
    assert show_segment(own, first.segment_id) == first
    assert [v.version for v in list_versions(own, first.segment_id)] == [2, 1]
    fresh, replaced = refresh_segment(own, first.segment_id)
    assert (fresh.version, replaced.version) == (3, 1)
    assert rollback_segment(own, first.segment_id, 2)[0].version == 2
    for wrong, error in ((2, Conflict), (9, NotFound)):
        with pytest.raises(error, match=str(wrong)):
            rollback_segment(own, first.segment_id, wrong)
    rollback_segment(own, first.segment_id, 1)
    with pytest.raises(Conflict, match="no version before 1"):
        rollback_segment(own, first.segment_id)
    with own.control.read() as session:
        rows = audit.entries(session, first.segment_id)
        assert audit.broken_at(session) is None
    assert [row.action for row in rows] == [
        "segment",
        "segment.refresh",
        "segment.rollback",
        "segment.refresh",
        "segment.rollback",
        "segment.rollback",
    ]
    deed = rows[2]
    assert deed.actor == "key:x"
    assert deed.detail["before"]["version"] == 2
    assert deed.detail["after"]["model"] == first.model_id
    assert deed.detail["after"]["profiles"] == first.profiles_id


def told_since(workspace: Workspace, segment_id: str, since: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = changes_since(workspace, segment_id, since, limit=1000, cursor=cursor)
        found += json.loads(page.page.json)
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_changes_lead_from_any_version_to_the_current_one(own: Workspace) -> None:
    first = build_segments(own, GOAL).segments[0]
    move_on(own)
    refresh_segment(own, first.segment_id)
    told = told_since(own, first.segment_id, 1)
    kinds = {one["change"] for one in told}
    assert kinds >= {"removed", "added"}
    rollback_segment(own, first.segment_id)
    back = told_since(own, first.segment_id, 2)
    assert {one["customer"]["customer_id"] for one in back if one["change"] == "removed"} == {
        one["customer"]["customer_id"] for one in told if one["change"] == "added"
    }
    assert json.loads(changes_since(own, first.segment_id, 1).page.json) == []
    page = changes_since(own, first.segment_id, 2, limit=7)
    assert page.next_cursor is not None
    refresh_segment(own, first.segment_id)
    following = changes_since(own, first.segment_id, 2, limit=7, cursor=page.next_cursor)
    assert following.version.version == 1, "a walk stays with the version it began with"
    with pytest.raises(BadRequest, match="cursor"):
        changes_since(own, first.segment_id, 1, cursor=page.next_cursor)
    with pytest.raises(BadRequest, match="cursor"):
        pull(own, first.segment_id, cursor=page.next_cursor)


def test_an_archived_segment_rests_until_it_is_brought_back(own: Workspace) -> None:
    first, *_ = build_segments(own, GOAL).segments
    walk = pull(own, first.segment_id, limit=10)
    assert archive_segment(own, first.segment_id).archived_at == NOW
    archive_segment(own, first.segment_id)
    assert first.segment_id not in {v.segment_id for v in list_segments(own)}
    assert [v.segment_id for v in list_segments(own, archived=True)] == [first.segment_id]
    for deed in (pull, refresh_segment, rollback_segment):
        with pytest.raises(Conflict, match="archived since 2026-03-01"):
            deed(own, first.segment_id)
    assert pull(own, first.segment_id, limit=10, cursor=walk.next_cursor).version == first
    assert archive_segment(own, first.segment_id, undo=True).archived_at is None
    assert pull(own, first.segment_id, limit=10).version == first
    with own.control.read() as session:
        deeds = [row.action for row in audit.entries(session, first.segment_id)]
    assert deeds == ["segment", "segment.archive", "segment.restore"]
    with pytest.raises(NotFound):
        archive_segment(own, "seg_x")


def test_a_segment_straight_from_criteria_is_exactly_those(own: Workspace) -> None:
    version = segment_by_criteria(own, BASKET, "gift_guide")
    people = own.current(PROFILES).table(["customer_id", "basket"]).to_pylist()
    wanted = {p["customer_id"] for p in people if p["basket"] is not None and p["basket"] < 30}
    assert ids_of(own, version) == wanted
    assert version.exact
    assert version.recommended_trigger == "gift_guide"
    assert to_json(version.criteria) == to_json(BASKET)
    assert version.expected_lift is not None
    move_on(own)
    fresh, _ = refresh_segment(own, version.segment_id)
    people = own.current(PROFILES).table(["customer_id", "basket"]).to_pylist()
    wanted = {p["customer_id"] for p in people if p["basket"] is not None and p["basket"] < 30}
    assert ids_of(own, fresh) == wanted


def test_criteria_that_lead_nowhere_are_refused(own: Workspace) -> None:
    nobody = Condition(field="basket", op=Op.LT, value=-1)
    for criteria, trigger, outcome, error in (
        (nobody, "gift_guide", None, Conflict),
        (BASKET, "social_proof", None, NoEvidence),
        (BASKET, "spell", None, UnknownField),
        (BASKET, "gift_guide", "revenue", NoEvidence),
        (BASKET, "gift_guide", "clicks", NotFound),
        (Condition(field="lifetime_value", op=Op.GT, value=1), "gift_guide", None, OpenQuestions),
    ):
        with pytest.raises(error):
            segment_by_criteria(own, criteria, trigger, outcome=outcome)
    with own.control.read() as session:
        assert segments.listed(session) == []


def test_an_approved_rule_is_a_segment_of_its_own(own: Workspace) -> None:
    source = build_segments(own, GOAL, rules=True).segments[0]
    assert source.rule is not None
    version = segment_by_rule(own, source.segment_id)
    assert version.size == source.rule.size
    assert to_json(version.criteria) == to_json(source.rule.criteria)
    plain = segment_by_criteria(own, BASKET, "gift_guide")
    with pytest.raises(Conflict, match="no rule"):
        segment_by_rule(own, plain.segment_id)
