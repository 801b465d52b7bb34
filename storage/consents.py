"""Live consents, from the raw table of customers, in a form in which a page is looked up fast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.suppression import CONSENT_COLUMNS
from domain.triggers import Channel
from storage.kept import Kept
from storage.snapshots import SnapshotStore

_Ids = NDArray[np.bytes_]


class ConsentReader:
    """Keeps the sorted ids of those who agreed, for the tables and channels that were asked for
    last; a few bytes a customer."""

    def __init__(self, store: SnapshotStore, keep: int = 8) -> None:
        self._store = store
        self._agreed: Kept[_Ids | None] = Kept(keep, lambda one: 1)

    def without(self, customers_id: str, channel: Channel, customer_ids: Sequence[str]) -> set[str]:
        """Those of the customers who did not agree to a channel; nobody where the channel takes
        no consent or the table keeps none. Somebody of whom nothing is known did not agree."""
        key = (customers_id, channel)
        agreed = self._agreed.get(key, lambda: self._read(*key))
        if agreed is None or not customer_ids:
            return set()
        asked = np.array([one.encode() for one in customer_ids])
        place = np.searchsorted(agreed, asked)
        place[place == len(agreed)] = 0
        found = agreed[place] == asked if len(agreed) else np.zeros(len(asked), dtype=np.bool_)
        return {one for one, yes in zip(customer_ids, found, strict=True) if not yes}

    def _read(self, customers_id: str, channel: Channel) -> _Ids | None:
        column = CONSENT_COLUMNS.get(channel)
        snapshot = self._store.open(customers_id)
        if column is None or column not in snapshot.table_schema().names:
            return None
        parts: list[pa.Table] = []
        known = False
        for bucket in snapshot.files:
            part = snapshot.read(bucket, ["customer_id", column])
            assert part is not None
            known = known or part.column(column).null_count < part.num_rows
            parts.append(part.filter(pc.fill_null(part.column(column), False)))
        if not known:
            return None
        ids = pa.concat_tables(parts).column("customer_id").to_pylist()
        return np.sort(np.array([one.encode() for one in ids], dtype=np.bytes_))
