"""The DuckDB connection that every query here runs on."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from domain.lockdown import SETTINGS, lockdown


def in_memory(
    *, threads: int, timezone: str = "UTC", paths: Sequence[str] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection of its own, silent, in which a time without an offset is of `timezone`, and from
    which only the files at `paths` can be reached.

    Raises `duckdb.Error` for an unknown zone.
    """
    connection = duckdb.connect(":memory:", config={"threads": threads, **SETTINGS})
    connection.execute("SET enable_progress_bar = false")
    quoted = timezone.replace("'", "''")
    connection.execute(f"SET TimeZone = '{quoted}'")
    for statement in lockdown(paths):
        connection.execute(statement)
    return connection
