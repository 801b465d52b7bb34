"""Everything the control plane holds of one person: to be shown to them, or taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from storage.control import affected
from storage.tables import Base, ErasureRow, IdempotencyRow, MessageRow

KEY = "customer_id"


def rows_of(session: Session, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """Their rows by table, tombstones apart."""
    found = {}
    for table in _tables():
        rows = session.execute(select(table).where(table.c[KEY] == customer_id)).mappings()
        listed = [{str(name): value for name, value in row.items()} for row in rows]
        if listed:
            found[str(table.name)] = listed
    return found


def delete_rows(session: Session, customer_id: str) -> int:
    """Take their rows out of every table, and kept answers and messages that name them."""
    count = 0
    for table in _tables():
        count += affected(session, delete(table).where(table.c[KEY] == customer_id))
    needle = customer_id.encode()
    answers = select(IdempotencyRow.id, IdempotencyRow.body).where(IdempotencyRow.body.is_not(None))
    naming = [identity for identity, body in session.execute(answers) if needle in (body or b"")]
    for identity in naming:
        session.execute(delete(IdempotencyRow).where(IdempotencyRow.id == identity))
    told = delete(MessageRow).where(MessageRow.body.contains(customer_id, autoescape=True))
    return count + len(naming) + affected(session, told)


def _tables() -> Iterator[Table]:
    """The tables that have rows of customers: whichever there are, so that none is forgotten."""
    for table in Base.metadata.sorted_tables:
        if KEY in table.c and table.name != ErasureRow.__tablename__:
            yield table
