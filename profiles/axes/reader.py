"""The features of one customer given as rows: the queries of the parts, prepared once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from profiles.axes.build import FEATURE_SCHEMA, PARTS, prepare
from profiles.axes.contacts import CONTACTS
from profiles.axes.items import ITEMS
from profiles.axes.orders import ORDERS
from profiles.contract import RAW_TABLES
from profiles.part import Part
from profiles.visible import Source, hold, open_tables, refill

_READS: Mapping[str, Part] = {"orders": ORDERS, "order_items": ITEMS, "events": CONTACTS}
"""The part that a customer's rows of a table are for; orders come first, for lines need theirs."""


class FeatureReader:
    """Answers as `axis_features` does for one customer, in milliseconds.

    `shared` are the tables of all customers (`products`), `names` those that the workspace has: a
    feature of any other is null. Not for two threads at once.
    """

    def __init__(
        self, shared: Mapping[str, Source], names: Collection[str], as_of: datetime
    ) -> None:
        self._as_of = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
        empty = {name: RAW_TABLES[name].empty() for name in _READS}
        self._connection = open_tables({**shared, **empty}, as_of, threads=1)
        prepare(self._connection)
        self._nothing: dict[str, Any] = {"first_order": None}
        for part in PARTS:
            known = part.needs <= set(names)
            for field, otherwise in part.otherwise.items():
                self._nothing[field] = 0 if known and otherwise == "0" else None
        self._known = {name: part for name, part in _READS.items() if part.needs <= set(names)}
        for name in self._known:
            hold(self._connection, name)
        for part in self._known.values():
            fields = ", ".join(part.otherwise)
            self._connection.execute(f"PREPARE {part.name} AS SELECT {fields} FROM ({part.select})")

    def features(self, tables: Mapping[str, pa.Table], created: datetime | None = None) -> pa.Table:
        """One row of `FEATURE_SCHEMA`, or none where the customer was `created` too late to be
        seen. `tables` are the customer's rows of `orders`, `order_items` and `events`; one that is
        not given has none. Raises `BadData` for a table without its required columns."""
        if created is not None and created >= self._as_of:
            return FEATURE_SCHEMA.empty_table()
        found = dict(self._nothing)
        for name, part in self._known.items():
            rows = tables.get(name)
            if rows is None or not rows.num_rows:
                continue
            refill(self._connection, name, rows)
            made = self._connection.execute(f"EXECUTE {part.name}").fetchall()
            if made:
                found |= {
                    field: found[field] if value is None else value
                    for field, value in zip(part.otherwise, made[0], strict=True)
                }
        first = found["first_order"]
        starts = [] if first is None else [first.replace(tzinfo=UTC)]
        starts += [] if created is None else [created]
        found["tenure_days"] = (self._as_of - min(starts)) // timedelta(days=1) if starts else None
        found["customer_id"] = None
        return pa.Table.from_pylist([found], schema=FEATURE_SCHEMA)

    def close(self) -> None:
        self._connection.close()
