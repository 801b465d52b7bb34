"""What may be seen as of a time: the one place where the raw tables are cut off.

Every other query reads the views made here, so that nothing at or after `as_of` can reach a
profile. Strictly before: the exposures of a campaign that starts at `as_of` are assigned at that
very time, and must not be part of the profile its own model is trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import BadData
from profiles.connection import in_memory
from profiles.contract import RAW_TABLES, RawTable

Source: TypeAlias = pa.Table | Path
"""A raw table: in memory, or one Parquet file."""

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP",
}

_CUTS = {
    # A campaign is of use only through its exposures; a product has no time.
    "customers": """
        SELECT * FROM raw_customers WHERE creation_date IS NULL OR creation_date < as_of()""",
    "products": "SELECT * FROM raw_products",
    "orders": "SELECT * FROM raw_orders WHERE ordered_at < as_of()",
    # An item returned later has not been returned yet.
    "order_items": """
        SELECT lines.* REPLACE (
            CASE WHEN returned_at < as_of() THEN returned_at END AS returned_at
        ), orders.customer_id
        FROM raw_order_items AS lines JOIN raw_orders AS orders USING (order_id)
        WHERE orders.ordered_at < as_of()""",
    "events": "SELECT * FROM raw_events WHERE occurred_at < as_of()",
    # Outcomes are known once the campaign's window has closed; a window of unknown length never is.
    "exposures": """
        SELECT campaign_id, customer_id, trigger, assigned_at, propensity,
            CASE WHEN assigned_at + to_days(outcome_window_days::INTEGER) <= as_of()
                THEN converted END AS converted,
            CASE WHEN assigned_at + to_days(outcome_window_days::INTEGER) <= as_of()
                THEN revenue END AS revenue
        FROM raw_exposures LEFT JOIN raw_campaigns USING (campaign_id)
        WHERE assigned_at < as_of()""",
}


def open_tables(
    tables: Mapping[str, Source], as_of: datetime, *, threads: int
) -> duckdb.DuckDBPyConnection:
    """An in-memory connection with the views `customers`, `products`, `orders`, `order_items`,
    `events` and `exposures` as they were just before `as_of`, and the macros `as_of()` and
    `days_since(time)`.

    A table that is missing is an empty view, a missing column is null. A time without a zone is
    UTC. Raises `BadData` for a table without its required columns.
    """
    files = [str(source) for source in tables.values() if isinstance(source, Path)]
    connection = in_memory(threads=threads, paths=files)
    moment = (as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)).astimezone(UTC)
    literal = f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"
    connection.execute(f"CREATE TEMP MACRO as_of() AS {literal}")
    connection.execute(f"CREATE TEMP MACRO days_since(t) AS date_sub('day', t, {literal})")
    for name in ("customers", "products", "orders", "order_items", "events", "campaigns"):
        _open(connection, RAW_TABLES[name], tables.get(name))
    _open(connection, RAW_TABLES["exposures"], tables.get("exposures"))
    for name, select in _CUTS.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {select}")
    return connection


def _open(connection: duckdb.DuckDBPyConnection, table: RawTable, source: Source | None) -> None:
    """The view `raw_<table>`: the standard columns in the standard types, at all times."""
    if source is None:
        schema, relation = pa.schema([]), "(SELECT 1 WHERE false)"
    elif isinstance(source, pa.Table):
        schema, relation = source.schema, f"arrow_{table.name}"
        connection.register(relation, source)
    else:
        schema = pq.read_schema(source)
        quoted = str(source).replace("'", "''")
        relation = f"read_parquet('{quoted}')"
    if source is not None:
        _require(table, schema)
    columns = ", ".join(_columns(table, schema))
    connection.execute(f"CREATE TEMP VIEW raw_{table.name} AS SELECT {columns} FROM {relation}")


def _require(table: RawTable, schema: pa.Schema) -> None:
    for column in table.required:
        if column not in schema.names:
            raise BadData(
                f"The raw table {table.name!r} has no column {column!r}.",
                remedy=f"It needs {', '.join(table.required)}.",
                field=column,
            )


def _columns(table: RawTable, schema: pa.Schema) -> list[str]:
    columns = [
        f"{column.name if column.name in schema.names else 'NULL'}::{_SQL_TYPES[column.type]}"
        f' AS "{column.name}"'
        for column in table.columns
        if column.type in _SQL_TYPES
    ]
    # Maps and structs are read by key, and come as either.
    if table.name == "events":
        for key, kind in (("step", "VARCHAR"), ("cart_id", "VARCHAR"), ("items", "VARCHAR[]")):
            columns.append(f"{_entry(schema, 'properties', key)}::{kind} AS {key}")
    if table.name == "exposures":
        columns.append(f"{_entry(schema, 'propensities', None)}::DOUBLE AS propensity")
        columns.append(f"{_entry(schema, 'outcomes', 'converted')}::DOUBLE > 0 AS converted")
        columns.append(f"{_entry(schema, 'outcomes', 'revenue')}::DOUBLE AS revenue")
    return columns


def _entry(schema: pa.Schema, column: str, key: str | None) -> str:
    """SQL for one entry of a map or struct column, NULL where there is none; without a key that of
    the row's own trigger, which only a map can give."""
    if column not in schema.names:
        return "NULL"
    kind = schema.field(column).type
    if pa.types.is_map(kind):
        return f"{column}[trigger]" if key is None else f"{column}['{key}']"
    if key is None:
        return "NULL"
    if pa.types.is_struct(kind) and kind.get_field_index(key) >= 0:
        return f"{column}.{key}"
    return "NULL"
