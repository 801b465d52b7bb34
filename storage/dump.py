"""The control plane as lines of JSON, the same from SQLite and PostgreSQL, and back into either."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, LargeBinary, func, select, text
from sqlalchemy.orm import Session

from domain.errors import Conflict
from storage.tables import Base, UtcTime

_SNAPSHOT = re.compile(r"[a-z0-9_]+-[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")
_NO_REFERENCES = ("audit", "jobs", "idempotency", "messages")
"""Tables that speak of snapshots without keeping them."""


def dump(session: Session) -> Iterator[str]:
    """Every row, a line each, in an order in which they can be put back."""
    for table in Base.metadata.sorted_tables:
        query = select(table).order_by(*table.primary_key.columns)
        for row in session.execute(query).mappings():
            plain = {name: _plain(value) for name, value in row.items()}
            yield json.dumps({"table": table.name, "row": plain}, separators=(",", ":"))


def load(session: Session, lines: Iterable[str]) -> int:
    """Put the rows of a dump into an empty control plane; how many."""
    tables = Base.metadata.tables
    for table in tables.values():
        if session.scalar(select(func.count()).select_from(table)):
            raise Conflict(
                f"The database holds rows in {table.name} already.",
                remedy="Restore into an empty database, and a folder that is not there yet.",
            )
    count = 0
    for line in lines:
        said = json.loads(line)
        table = tables[said["table"]]
        row = {name: _typed(table.c[name].type, value) for name, value in said["row"].items()}
        session.execute(table.insert().values(**row))
        count += 1
    _count_on(session)
    return count


def referenced(session: Session) -> set[str]:
    """The snapshots that some row keeps, wherever in a row they are named, so that no table is
    forgotten."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        if table.name not in _NO_REFERENCES:
            for row in session.execute(select(table)).mappings():
                found.update(_SNAPSHOT.findall(json.dumps(dict(row), default=str)))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _typed(kind: Any, value: Any) -> Any:
    if value is not None and isinstance(kind, UtcTime):
        return datetime.fromisoformat(value)
    if value is not None and isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return value


def _count_on(session: Session) -> None:
    """Let PostgreSQL number new rows after those that were put in with their numbers."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            last = session.scalar(select(func.max(column)))
            if last is not None:
                place = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
                session.execute(place, {"table": table.name, "column": column.name, "last": last})
