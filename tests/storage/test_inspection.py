"""What no row keeps is told from what is in use and from what is being written."""

from pathlib import Path

import pyarrow as pa

from storage.inspection import leftovers, remove, unreferenced
from storage.snapshots import SnapshotStore


def test_a_sweep_keeps_what_rows_refer_to_and_what_is_being_written(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "snapshots")
    part = pa.table({"customer_id": ["a"]})
    kept, lost = (store.write("orders", [(0, part)]) for _ in range(2))
    with store.draft("orders") as draft:
        draft.add(0, part)
        assert unreferenced(store, {kept.id}) == [lost.folder]
        assert len(leftovers(store)) == 1
        remove(lost.folder)
        finished = draft.finish()
    assert store.open(kept.id).rows == store.open(finished.id).rows == 1
    assert not lost.folder.exists()
    assert leftovers(store) == []
