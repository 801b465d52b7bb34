"""The features of customers given one at a time: the queries of `build`, prepared once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import pyarrow as pa

from profiles.axes.build import FEATURE_SCHEMA, features_query, prepare
from profiles.contract import RAW_TABLES
from profiles.visible import Source, hold, open_tables, refill

HELD = ("customers", "orders", "order_items", "events")
"""The tables whose rows are of one customer."""


class FeatureReader:
    """Answers as `axis_features` does, in milliseconds, for a few rows at a time.

    `shared` are the tables of all customers (`products`), `names` those that the workspace has: a
    feature of any other is null. One caller at a time; the others wait.
    """

    def __init__(
        self, shared: Mapping[str, Source], names: Collection[str], as_of: datetime
    ) -> None:
        empty = {name: RAW_TABLES[name].empty() for name in HELD}
        self._connection = open_tables({**shared, **empty}, as_of, threads=1)
        prepare(self._connection)
        for name in HELD:
            hold(self._connection, name)
        self._connection.execute(f"PREPARE features AS {features_query(names)}")
        self._filled: set[str] = set()

    def features(self, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Features of the customers in these rows; a table that is not given has none. Raises
        `BadData` for a table without its required columns."""
        for name in HELD:
            rows = tables.get(name, RAW_TABLES[name].empty())
            if rows.num_rows or name in self._filled:
                refill(self._connection, name, rows)
                self._filled.add(name)
        found = self._connection.execute("EXECUTE features").fetchall()
        columns = zip(*found, strict=True) if found else [[] for _ in FEATURE_SCHEMA]
        arrays = [
            pa.array(column, field.type)
            for column, field in zip(columns, FEATURE_SCHEMA, strict=True)
        ]
        return pa.table(arrays, schema=FEATURE_SCHEMA)

    def close(self) -> None:
        self._connection.close()
