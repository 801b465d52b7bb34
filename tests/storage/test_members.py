"""Pages of frozen members: the same whatever is kept in memory, and who is held out apart."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import Member
from storage import members as rooms
from storage.members import KIND, MemberReader, everybody, write_members
from storage.snapshots import SnapshotStore
from tests.storage.membership import members, numbered


def walked(
    reader: MemberReader, members_id: str, limit: int, held_out: bool = False
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    offset: int | None = 0
    while offset is not None:
        page = reader.page(members_id, offset, limit, held_out=held_out)
        assert [one["customer_id"] for one in orjson.loads(page.json)] == list(page.ids)
        found += orjson.loads(page.json)
        offset = page.next_offset
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SnapshotStore:
    return SnapshotStore(tmp_path_factory.mktemp("members"))


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few rows a group that pages cross their borders."""
    monkeypatch.setattr(rooms, "ROWS_A_GROUP", 7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(1, 45), st.sets(st.integers(0, 39)), st.booleans())
def test_pages_put_together_are_the_whole(
    store: SnapshotStore, count: int, limit: int, held: set[int], shown: bool
) -> None:
    table = members(numbered(count))
    mask = np.isin(np.arange(count), list(held))
    snapshot = write_members(store, table, mask)
    found = walked(MemberReader(store), snapshot.id, limit, held_out=shown)
    rows = table.to_pylist()
    expected = [row for row, out in zip(rows, mask, strict=True) if not out]
    expected += [row for row, out in zip(rows, mask, strict=True) if out and shown]
    assert len(found) == len(expected)
    for one, row in zip(found, expected, strict=True):
        member = Member.model_validate(one)
        assert member.customer_id == row["customer_id"]
        assert member.uplift.estimate == row["estimate"]
        assert member.runner_up_trigger == row["runner_up_trigger"]
        assert member.reasons == (row["reason_1"], row["reason_2"])
    assert everybody(snapshot).column("customer_id").to_pylist() == numbered(count)


def test_what_memory_can_not_hold_is_read_again(store: SnapshotStore) -> None:
    snapshots = [
        write_members(store, members(numbered(n)), np.zeros(n, dtype=bool)) for n in (5, 6, 17)
    ]
    reader = MemberReader(store, group_bytes=1, json_bytes=1)
    for _ in range(2):
        for snapshot in snapshots:
            assert len(walked(reader, snapshot.id, 2)) == snapshot.rows


def test_some_fields_are_those_alone_and_batches_are_everybody(store: SnapshotStore) -> None:
    snapshot = write_members(store, members(numbered(20)), np.arange(20) % 5 == 0)
    reader = MemberReader(store)
    (one, *_) = orjson.loads(reader.page(snapshot.id, 0, 3, fields=("reasons", "customer_id")).json)
    assert one == {"customer_id": "c00001", "reasons": ["orders 1 (+1.0 points)", "a"]}
    for held_out, count in ((False, 16), (True, 20)):
        batches = list(reader.batches(snapshot.id, held_out=held_out))
        assert sum(batch.num_rows for batch in batches) == count
        assert reader.size(snapshot.id, held_out=held_out) == count
        assert all(batch.num_rows <= 7 for batch in batches)


def test_rows_are_taken_by_their_numbers(store: SnapshotStore) -> None:
    snapshot = write_members(store, members(numbered(20)), np.arange(20) >= 18)
    taken = MemberReader(store).take(snapshot.id, [19, 0, 7, 7])
    assert taken.column("customer_id").to_pylist() == ["c00019", "c00000", "c00007", "c00007"]


def test_members_of_an_older_kind_lack_what_came_later(store: SnapshotStore) -> None:
    old = members(numbered(3)).drop_columns(["reason_1", "assignment_id", "recommended_trigger"])
    snapshot = store.write(KIND, [(0, old)])
    found = walked(MemberReader(store), snapshot.id, 2)
    assert [one["reasons"] for one in found] == [["a"]] * 3
    assert {one["assignment_id"] for one in found} == {None}


def test_a_file_that_was_written_anew_in_place_is_read_anew(store: SnapshotStore) -> None:
    """So an erasure does: as many rows, in groups as before, at other places in the file."""
    snapshot = write_members(store, members(numbered(20)), np.zeros(20, dtype=bool))
    reader = MemberReader(store, group_bytes=1, json_bytes=1)
    assert len(walked(reader, snapshot.id, 6)) == 20
    changed = members([f"a-much-longer-id-{i:05d}" for i in range(20)])
    fresh = write_members(store, changed, np.zeros(20, dtype=bool))
    fresh.files[0].replace(snapshot.files[0])
    found = walked(reader, snapshot.id, 6)
    assert [one["customer_id"] for one in found] == changed.column("customer_id").to_pylist()
