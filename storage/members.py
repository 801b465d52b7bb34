"""Frozen memberships: who is in a version of a segment, in pages that neither skip nor repeat."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import orjson
import pyarrow as pa

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
    """`json` is a JSON array of members, as `domain.segment.Member` describes one."""

    json: bytes
    next_offset: int | None


class MemberReader:
    """Reads pages of frozen memberships. The few versions that are pulled now stay in memory, and
    so do rendered pages up to a bound, so that a page costs the same wherever it lies and however
    many platforms ask for it."""

    def __init__(self, store: SnapshotStore, keep: int = 8, page_bytes: int = 128 << 20) -> None:
        self._store = store
        self._keep = keep
        self._open: OrderedDict[str, pa.Table] = OrderedDict()
        self._pages: OrderedDict[tuple[str, int, int], Page] = OrderedDict()
        self._page_bytes, self._page_limit = 0, page_bytes
        self._lock = Lock()

    def page(self, members_id: str, offset: int, limit: int) -> Page:
        """Up to `limit` members from row `offset`, in the order of their ids."""
        key = (members_id, offset, limit)
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        table = self._table(members_id)
        rows = table.slice(offset, limit)
        after = offset + rows.num_rows
        page = Page(_rendered(rows), after if after < table.num_rows else None)
        with self._lock:
            if key not in self._pages:
                self._pages[key] = page
                self._page_bytes += len(page.json)
            while self._page_bytes > self._page_limit:
                _, dropped = self._pages.popitem(last=False)
                self._page_bytes -= len(dropped.json)
        return page

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


def _rendered(rows: pa.Table) -> bytes:
    """Written by us and checked when it was written, so it is not checked again on every pull."""
    members = [
        {
            "customer_id": row["customer_id"],
            "uplift": {
                "estimate": row["estimate"],
                "low": row["low"],
                "high": row["high"],
                "level": _LEVEL,
                "basis": row["basis"],
            },
            "uplift_score": row["uplift_score"],
            "expected_net_value": row["expected_net_value"],
            "runner_up_trigger": row["runner_up_trigger"],
        }
        for row in rows.to_pylist()
    ]
    return orjson.dumps(members)
