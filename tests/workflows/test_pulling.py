"""Pulls: pages neither skip nor repeat, and a cursor can't be made up or moved."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadRequest, NotFound
from domain.objective import CampaignGoal, CampaignObjective
from domain.segment import Member, SegmentVersion
from storage import segments
from storage.members import GIVEN_OUT, HELD_OUT, everybody
from tests.workflows.company import copied
from workflows.campaign import build_segments
from workflows.pulling import MAX_LIMIT, Format, pull, read_fields, whole
from workflows.segmentlife import list_segments, show_segment
from workflows.why import why
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def shop(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with the segments of one objective."""
    workspace = copied(company, tmp_path_factory.mktemp("shop"))
    build_segments(workspace, CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION))
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def version(shop: Workspace) -> SegmentVersion:
    return max(list_segments(shop), key=lambda one: one.size)


def ids_of(workspace: Workspace, version: SegmentVersion) -> list[str]:
    """Those who are given out."""
    table = workspace.snapshots.open(version.members_id).read(GIVEN_OUT, ["customer_id"])
    assert table is not None
    return [str(one) for one in table.column("customer_id").to_pylist()]


def walked(workspace: Workspace, segment_id: str, limits: list[int]) -> list[str]:
    """Every id in the order of the pages; the limits are used in turn."""
    found: list[str] = []
    cursor, turn = None, 0
    while True:
        page = pull(workspace, segment_id, limit=limits[turn % len(limits)], cursor=cursor)
        found += [member["customer_id"] for member in json.loads(page.members_json)]
        cursor, turn = page.next_cursor, turn + 1
        if cursor is None:
            return found


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(100, MAX_LIMIT), min_size=1, max_size=4))
def test_pages_of_any_size_neither_skip_nor_repeat(
    shop: Workspace, version: SegmentVersion, limits: list[int]
) -> None:
    assert walked(shop, version.segment_id, limits) == ids_of(shop, version)


def test_small_pages_and_a_last_page_that_is_full(shop: Workspace, version: SegmentVersion) -> None:
    assert walked(shop, version.segment_id, [7]) == ids_of(shop, version)
    # A first page as long as what remains after whole pages leaves a last page that is full.
    given = version.size - version.held_out
    limits = [given % 100 or 100] + [100] * (given // 100)
    assert walked(shop, version.segment_id, limits) == ids_of(shop, version)


def test_a_member_is_what_the_contract_says(shop: Workspace, version: SegmentVersion) -> None:
    page = pull(shop, version.segment_id, limit=50)
    members = [Member.model_validate(member) for member in json.loads(page.members_json)]
    table = shop.snapshots.open(version.members_id).table().slice(0, 50).to_pylist()
    for member, row in zip(members, table, strict=True):
        assert (member.customer_id, member.uplift.low) == (row["customer_id"], row["low"])
        assert member.uplift.low <= member.uplift.estimate <= member.uplift.high
        assert member.expected_net_value > 0


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_range_is_refused(
    shop: Workspace, version: SegmentVersion, limit: int
) -> None:
    with pytest.raises(BadRequest, match=str(limit)):
        pull(shop, version.segment_id, limit=limit)


def test_a_cursor_with_any_byte_changed_is_refused(
    shop: Workspace, version: SegmentVersion
) -> None:
    cursor = pull(shop, version.segment_id, limit=10).next_cursor
    assert cursor is not None
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in range(len(raw)):
        for bit in (1, 16, 128):
            changed = bytes(b ^ bit if i == place else b for i, b in enumerate(raw))
            forged = base64.urlsafe_b64encode(changed).decode().rstrip("=")
            with pytest.raises(BadRequest, match="cursor"):
                pull(shop, version.segment_id, limit=10, cursor=forged)


@given(st.text(max_size=80))
def test_any_other_text_is_no_cursor(shop: Workspace, version: SegmentVersion, text: str) -> None:
    with pytest.raises(BadRequest, match="cursor"):
        pull(shop, version.segment_id, cursor=text)


def test_a_cursor_is_bound_to_its_segment_and_workspace(
    shop: Workspace, version: SegmentVersion, company: Path, tmp_path: Path
) -> None:
    cursor = pull(shop, version.segment_id, limit=10).next_cursor
    other = next(one for one in list_segments(shop) if one.segment_id != version.segment_id)
    with pytest.raises(BadRequest, match="not one of this segment"):
        pull(shop, other.segment_id, cursor=cursor)


def test_a_cursor_stays_with_its_version(company: Path, tmp_path: Path) -> None:
    """A refresh between two pages: the walk goes on in the old members, a new one in the new."""
    shop = copied(company, tmp_path)
    wanted = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    version = build_segments(shop, wanted).segments[0]
    first = pull(shop, version.segment_id, limit=1000)
    table = shop.snapshots.open(version.members_id).table()
    fresh = shop.snapshots.write("members", [(0, table.slice(5, 100))])
    newer = version.model_copy(update={"version": 2, "members_id": fresh.id, "size": 100})
    with shop.control.write() as session:
        segments.add_version(session, newer)
    old = [member["customer_id"] for member in json.loads(first.members_json)]
    cursor = first.next_cursor
    while cursor is not None:
        page = pull(shop, version.segment_id, limit=1000, cursor=cursor)
        assert page.version.version == 1
        old += [member["customer_id"] for member in json.loads(page.members_json)]
        cursor = page.next_cursor
    assert old == ids_of(shop, version)
    assert show_segment(shop, version.segment_id).version == 2
    assert walked(shop, version.segment_id, [30]) == old[5:105]


def test_those_held_out_are_given_out_only_to_who_may(
    shop: Workspace, version: SegmentVersion
) -> None:
    held = shop.snapshots.open(version.members_id).read(HELD_OUT, ["customer_id"])
    assert held is not None
    held_ids = held.column("customer_id").to_pylist()
    assert version.held_out == len(held_ids) > 0
    assert 0.005 < version.held_out / version.size < 0.05, "2 % of all, by the setting"
    given = ids_of(shop, version)
    assert not set(given) & set(held_ids)
    seen: list[str] = []
    cursor = None
    while True:
        page = pull(shop, version.segment_id, limit=700, cursor=cursor, held_out=True)
        seen += [member["customer_id"] for member in json.loads(page.members_json)]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == given + held_ids
    files = whole(shop, version.segment_id, Format.NDJSON)
    told = [json.loads(line)["customer_id"] for line in b"".join(files.chunks).splitlines()]
    assert told == given


def test_reasons_are_frozen_and_those_of_the_model(
    shop: Workspace, version: SegmentVersion
) -> None:
    rows = everybody(shop.snapshots.open(version.members_id)).slice(0, 5).to_pylist()
    for row in rows:
        told = why(shop, row["customer_id"], version.segment_id)
        frozen = [row[f"reason_{n}"] for n in (1, 2, 3)]
        assert [reason.text for reason in told.reasons] == [text for text in frozen if text]


def test_fields_are_read_or_named(shop: Workspace, version: SegmentVersion) -> None:
    assert read_fields(None) is None
    assert read_fields("uplift, customer_id") == ("customer_id", "uplift")
    for wrong in ("", "customer_id,", "email", "uplift;drop"):
        with pytest.raises(BadRequest, match="no field"):
            read_fields(wrong)
    page = pull(shop, version.segment_id, limit=2, fields=("customer_id", "reasons"))
    assert [list(member) for member in json.loads(page.members_json)] == [
        ["customer_id", "reasons"]
    ] * 2


def test_an_unknown_segment_is_not_found(shop: Workspace) -> None:
    for segment_id in ("seg_x", "", "../../etc", "seg_%"):
        with pytest.raises(NotFound):
            pull(shop, segment_id)


def test_a_page_past_the_end_is_empty(shop: Workspace, version: SegmentVersion) -> None:
    page = shop.members.page(version.members_id, version.size + 5, 10)
    assert (page.json, page.next_offset) == (b"[]", None)


def test_members_are_whole(shop: Workspace, version: SegmentVersion) -> None:
    table: pa.Table = shop.snapshots.open(version.members_id).table()
    missing = {name for name in table.column_names if table.column(name).null_count}
    assert "assignment_id" in missing, "nobody has one before the segment is activated"
    assert missing <= {"assignment_id", "reason_2", "reason_3"}, "some have fewer reasons"
    assert version.size == table.num_rows
