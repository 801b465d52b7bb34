"""Snapshots: written whole or not at all, never changed, found damaged when they are."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer import bucket_of
from domain.errors import NotFound
from storage import buckets
from storage.snapshots import DamagedSnapshot, SnapshotStore


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def part(*ids: str) -> pa.Table:
    return pa.table({"customer_id": list(ids), "x": [len(i) for i in ids]})


def test_what_was_written_is_read(store: SnapshotStore) -> None:
    written = store.write(
        "profiles", [(3, part("c")), (1, part("a", "b")), (2, part())], meta={"k": [1]}
    )
    opened = store.open(written.id)
    assert opened == written
    assert (opened.rows, opened.meta, opened.kind) == (3, {"k": [1]}, "profiles")
    assert sorted(opened.files) == [1, 3], "an empty bucket has no file"
    assert opened.table().column("customer_id").to_pylist() == ["a", "b", "c"]
    assert opened.read(2) is None
    assert opened.table(["x"]).column_names == ["x"]


def test_an_error_leaves_nothing(store: SnapshotStore) -> None:
    def parts():  # type: ignore[no-untyped-def]
        yield 0, part("a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write("profiles", parts())
    with store.draft("profiles") as draft:
        draft.add(0, part("a"))
    assert list((store.root / "profiles").iterdir()) == []


def test_an_upsert_takes_over_the_other_buckets_as_links(store: SnapshotStore) -> None:
    base = store.write("orders", [(0, part("a")), (1, part("b")), (2, part("c"))])
    upsert = store.write("orders", [(1, part("b", "d")), (2, part())], base=base)
    assert upsert.rows == 3
    assert upsert.table().column("customer_id").to_pylist() == ["a", "b", "d"]
    assert base.files[0].samefile(upsert.files[0])
    assert base.table().column("customer_id").to_pylist() == ["a", "b", "c"], "the old one stays"


def test_a_lost_file_is_damage_and_an_odd_name_is_not_found(store: SnapshotStore) -> None:
    written = store.write("orders", [(0, part("a"))])
    written.files[0].unlink()
    with pytest.raises(DamagedSnapshot, match=r"bucket-0000\.parquet"):
        store.open(written.id)
    for identity in ("orders-x", "", "../orders", "orders/../" + written.id, "..", "-", "orders"):
        with pytest.raises(NotFound):
            store.open(identity)


def test_a_draft_of_another_is_not_open_and_a_folder_without_manifest_neither(
    store: SnapshotStore,
) -> None:
    with store.draft("orders") as draft:
        draft.add(0, part("a"))
        (writing,) = (store.root / "orders").iterdir()
        with pytest.raises(NotFound):
            store.open(writing.name)
        finished = draft.finish()
    assert store.open(finished.id).rows == 1


ids = st.text(st.characters(codec="utf-8"), max_size=5)


@given(st.lists(ids, max_size=30), st.integers(1, 9))
def test_a_split_is_complete_sorted_and_by_hash(found: list[str], count: int) -> None:
    table = pa.table({"customer_id": pa.array(found, pa.string()), "n": range(len(found))})
    parts = dict(buckets.split(table, count))
    assert list(parts) == sorted(parts)
    rows = sorted(row["n"] for one in parts.values() for row in one.to_pylist())
    assert rows == list(range(len(found)))
    for bucket, one in parts.items():
        inside = one.column("customer_id").to_pylist()
        assert inside
        assert {bucket_of(i, count) for i in inside} == {bucket}
        assert inside == sorted(inside, key=lambda text: text.encode())


def test_a_bucket_is_the_same_on_every_machine() -> None:
    assert [bucket_of(one, 16) for one in ("cust_00000000", "p1", "é", "")] == [4, 8, 11, 4]
