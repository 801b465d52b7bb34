"""Pages of frozen members: the same whatever is kept in memory."""

from __future__ import annotations

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.segment import Member
from storage.members import COLUMNS, KIND, MemberReader
from storage.snapshots import SnapshotStore


def members(count: int) -> pa.Table:
    return pa.table(
        {
            "customer_id": [f"c{i:03d}" for i in range(count)],
            "estimate": [0.1 * i for i in range(count)],
            "low": [-1.0] * count,
            "high": [9.0] * count,
            "basis": pa.array(["like effects"] * count).dictionary_encode(),
            "uplift_score": [0.2] * count,
            "expected_net_value": [float(i) for i in range(count)],
            "runner_up_trigger": pa.array(
                [None if i % 2 else "none" for i in range(count)], pa.string()
            ).dictionary_encode(),
        },
        schema=COLUMNS,
    )


def walked(reader: MemberReader, members_id: str, limit: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    offset: int | None = 0
    while offset is not None:
        page = reader.page(members_id, offset, limit)
        found += orjson.loads(page.json)
        offset = page.next_offset
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SnapshotStore:
    return SnapshotStore(tmp_path_factory.mktemp("members"))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 25), st.integers(1, 30))
def test_pages_put_together_are_the_whole(store: SnapshotStore, count: int, limit: int) -> None:
    table = members(count)
    snapshot = store.write(KIND, [(0, table)])
    found = walked(MemberReader(store), snapshot.id, limit)
    assert [one["customer_id"] for one in found] == table.column("customer_id").to_pylist()
    for one, row in zip(found, table.to_pylist(), strict=True):
        member = Member.model_validate(one)
        assert member.uplift.estimate == row["estimate"]
        assert member.runner_up_trigger == row["runner_up_trigger"]


def test_what_memory_can_not_hold_is_read_again(store: SnapshotStore) -> None:
    snapshots = [store.write(KIND, [(0, members(n))]) for n in (5, 6, 7)]
    reader = MemberReader(store, keep=1, page_bytes=1)
    for _ in range(2):
        for snapshot in snapshots:
            assert len(walked(reader, snapshot.id, 2)) == snapshot.rows
