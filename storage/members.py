"""Frozen memberships: who is in a version of a segment, in pages that neither skip nor repeat."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pyarrow as pa

from domain.segment import Member, Uplift
from storage.snapshots import SnapshotStore

COLUMNS = pa.schema(
    [
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("estimate", pa.float64(), nullable=False),
        pa.field("low", pa.float64(), nullable=False),
        pa.field("high", pa.float64(), nullable=False),
        pa.field("basis", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("uplift_score", pa.float64(), nullable=False),
        pa.field("expected_net_value", pa.float64(), nullable=False),
        pa.field("runner_up_trigger", pa.dictionary(pa.int32(), pa.string())),
    ]
)
KIND = "members"
_LEVEL = 0.95


@dataclass(frozen=True)
class Page:
    members: tuple[Member, ...]
    next_offset: int | None


class MemberReader:
    """Reads pages of frozen memberships. The few versions that are pulled now stay in memory, so
    that a page costs the same wherever it lies in the segment."""

    def __init__(self, store: SnapshotStore, keep: int = 8) -> None:
        self._store = store
        self._keep = keep
        self._open: OrderedDict[str, pa.Table] = OrderedDict()
        self._lock = Lock()

    def page(self, members_id: str, offset: int, limit: int) -> Page:
        """Up to `limit` members from row `offset`, in the order of their ids."""
        table = self._table(members_id)
        rows = table.slice(offset, limit).to_pylist()
        after = offset + len(rows)
        return Page(tuple(map(_member, rows)), after if after < table.num_rows else None)

    def _table(self, members_id: str) -> pa.Table:
        with self._lock:
            if members_id in self._open:
                self._open.move_to_end(members_id)
                return self._open[members_id]
        table = self._store.open(members_id).table().combine_chunks()
        with self._lock:
            self._open[members_id] = table
            while len(self._open) > self._keep:
                self._open.popitem(last=False)
        return table


def _member(row: dict[str, Any]) -> Member:
    # Written by us and checked when it was written, so it is not checked again on every pull.
    uplift = Uplift.model_construct(
        estimate=row["estimate"], low=row["low"], high=row["high"], level=_LEVEL, basis=row["basis"]
    )
    return Member.model_construct(
        customer_id=row["customer_id"],
        uplift=uplift,
        uplift_score=row["uplift_score"],
        expected_net_value=row["expected_net_value"],
        runner_up_trigger=row["runner_up_trigger"],
    )
