"""Who moved from one segment of an axis to another between two assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clustering.axes import AXES
from domain.customer import AXIS
from storage.snapshots import Snapshot
from workflows.workspace import Workspace

MOVES = "axismoves"

_SCHEMA = pa.schema(
    {"customer_id": pa.string(), "axis": pa.string(), "before": pa.string(), "after": pa.string()}
)


@dataclass(frozen=True)
class Moves:
    """`counts` by axis, from one segment to another; the snapshot lists each move of a customer,
    and there is none where nobody had a place before. `total` counts moves, not customers."""

    snapshot_id: str | None
    counts: Mapping[str, Mapping[tuple[str, str], int]]

    @property
    def total(self) -> int:
        return sum(sum(by_pair.values()) for by_pair in self.counts.values())


def moves_between(workspace: Workspace, old: Snapshot | None, new: Snapshot) -> Moves:
    """Every customer who had a segment on an axis and now has another one there, as a snapshot."""
    if old is None:
        return Moves(None, {})
    counts: dict[str, dict[tuple[str, str], int]] = {}
    with workspace.snapshots.draft(MOVES, meta={"before": old.id, "after": new.id}) as draft:
        for bucket in sorted(set(old.files) & set(new.files)):
            was, now = old.read(bucket), new.read(bucket)
            assert was is not None
            assert now is not None
            moved = _moved(was, now)
            draft.add(bucket, moved)
            counted = moved.group_by(["axis", "before", "after"]).aggregate([([], "count_all")])
            for row in counted.to_pylist():
                by_pair = counts.setdefault(row["axis"], {})
                pair = (row["before"], row["after"])
                by_pair[pair] = by_pair.get(pair, 0) + row["count_all"]
        return Moves(draft.finish().id, counts)


def common_customers(
    old: Snapshot, new: Snapshot, axis: str, was: Sequence[str], now: Sequence[str]
) -> NDArray[np.int64]:
    """How many customers old segments of an axis and new ones have in common, (old, new)."""
    counts = np.zeros((len(was), len(now)), dtype=np.int64)
    column = AXIS + axis
    for bucket in sorted(set(old.files) & set(new.files)):
        first = old.read(bucket, ["customer_id", column])
        second = new.read(bucket, ["customer_id", column])
        assert first is not None
        assert second is not None
        place = _rows_before(first, second)
        before = pc.index_in(first.column(column).take(place), pa.array(was, pa.string()))
        after = pc.index_in(second.column(column), pa.array(now, pa.string()))
        both = pc.and_(before.is_valid(), after.is_valid())
        pairs = (before.filter(both).to_numpy(), after.filter(both).to_numpy())
        np.add.at(counts, pairs, 1)
    return counts


def _rows_before(was: pa.Table, now: pa.Table) -> pa.ChunkedArray:
    """The row of each customer of `now` in `was`, null for one who is new."""
    return pc.index_in(now.column("customer_id"), was.column("customer_id").combine_chunks())


def _moved(was: pa.Table, now: pa.Table) -> pa.Table:
    place = _rows_before(was, now)
    parts = [_SCHEMA.empty_table()]
    for axis in AXES:
        before, after = was.column(AXIS + axis).take(place), now.column(AXIS + axis)
        # False where either is null: who had no place has not moved.
        differs = pc.fill_null(pc.not_equal(before, after), False)
        ids = now.column("customer_id").filter(differs)
        names = pa.repeat(axis, len(ids))
        rows = [ids, pa.chunked_array([names], pa.string())]
        parts.append(
            pa.table([*rows, before.filter(differs), after.filter(differs)], schema=_SCHEMA)
        )
    return pa.concat_tables(parts).sort_by([("customer_id", "ascending"), ("axis", "ascending")])
