"""The DuckDB connection that every query here runs on."""

from __future__ import annotations

import duckdb


def in_memory(*, threads: int, timezone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """A connection of its own, silent, in which a time without an offset is of `timezone`.

    Raises `duckdb.Error` for an unknown zone.
    """
    connection = duckdb.connect(":memory:", config={"threads": threads})
    connection.execute("SET enable_progress_bar = false")
    quoted = timezone.replace("'", "''")
    connection.execute(f"SET TimeZone = '{quoted}'")
    return connection
