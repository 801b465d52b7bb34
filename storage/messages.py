"""Messages that may come twice: known by their ids, kept once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.tables import Base

IDS_AT_ONCE = 500


def known_ids(session: Session, column: InstrumentedAttribute[str], ids: Sequence[str]) -> set[str]:
    """Which of the ids are in a column."""
    found: set[str] = set()
    for first in range(0, len(ids), IDS_AT_ONCE):
        some = ids[first : first + IDS_AT_ONCE]
        found |= set(session.scalars(select(column).where(column.in_(some))))
    return found


def insert_new(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; one whose key another transaction took meanwhile stays as that one wrote it."""
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))
