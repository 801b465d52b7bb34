"""Two frozen memberships compared, for platforms that mirror a segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from storage.membercolumns import COLUMNS, GIVEN_OUT, HELD_OUT
from storage.snapshots import Snapshot, SnapshotStore


@dataclass(frozen=True)
class Changes:
    """Ids that are given out no more, the `rows` (n,) of the newer members that are new or differ,
    and which of these are new, `added` (n,)."""

    removed: pa.Array
    rows: NDArray[np.int64]
    added: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return len(self.removed) + len(self.rows)


def compare(store: SnapshotStore, old_id: str, new_id: str, held_out: bool) -> Changes:
    """What changed, read a column at a time, so that large segments need little memory."""
    old, new = store.open(old_id), store.open(new_id)
    was = _column(old, "customer_id", held_out)
    now = _column(new, "customer_id", held_out)
    place = pc.index_in(now, value_set=was)
    added = np.asarray(place.is_null())
    known = ~added
    before = place.drop_null()
    kept = pa.array(known)
    differs = np.zeros(int(known.sum()), dtype=bool)
    for field in COLUMNS:
        if field.name != "customer_id":
            left = _column(old, field.name, held_out).take(before)
            right = _column(new, field.name, held_out).filter(kept)
            same = pc.fill_null(pc.equal(left, right), False)
            both_missing = pc.and_(left.is_null(), right.is_null())
            differs |= ~np.asarray(pc.or_(same, both_missing))
    told = added.copy()
    told[known] = differs
    rows = np.flatnonzero(told)
    removed = was.filter(pc.invert(pc.is_in(was, value_set=now)))
    return Changes(removed, rows, added[rows])


def _column(snapshot: Snapshot, name: str, held_out: bool) -> pa.Array:
    """One column of those who are given out, and with `held_out` of the others after them."""
    kind = COLUMNS.field(name).type
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    parts = []
    for bucket in (GIVEN_OUT, HELD_OUT) if held_out else (GIVEN_OUT,):
        path = snapshot.files.get(bucket)
        if path is None:
            continue
        if name in pq.read_schema(path).names:
            parts += pq.read_table(path, columns=[name]).column(0).cast(plain).chunks
        else:
            parts.append(pa.nulls(pq.read_metadata(path).num_rows, plain))
    return pa.concat_arrays(parts) if parts else pa.array([], plain)
