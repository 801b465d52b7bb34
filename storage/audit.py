"""The audit log: append-only, each row chained to the one before it by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.tables import AuditRow

GENESIS = "0" * 64
HEAD = "audit head"
"""Where a session keeps the head that its transaction wrote, for whoever keeps it elsewhere."""


@dataclass(frozen=True)
class Head:
    """The newest row of the log: its number, and the hash that stands for all rows up to it."""

    id: int
    hash: str


def append(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    """Add one row, in the caller's transaction, so that a change and its record stand together."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    last = session.scalar(select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1))
    row = AuditRow(
        at=at.astimezone(UTC),
        actor=actor,
        action=action,
        subject=subject,
        detail=json.loads(json.dumps(detail)),
        previous_hash=last or GENESIS,
        hash="",
    )
    row.hash = _hash(row)
    session.add(row)
    session.flush()
    session.info[HEAD] = Head(row.id, row.hash)


def entries(session: Session, subject: str | None = None) -> list[AuditRow]:
    query = select(AuditRow).order_by(AuditRow.id)
    if subject is not None:
        query = query.where(AuditRow.subject == subject)
    return list(session.scalars(query))


def head(session: Session) -> Head | None:
    """The newest row, None where there is none."""
    row = session.scalar(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))
    return None if row is None else Head(row.id, row.hash)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditRow)) or 0


def holds(session: Session, known: Head) -> bool:
    """Whether a row that was once the newest is still there as it was. A chain whose last rows are
    cut off is whole in itself: only a head kept elsewhere tells."""
    row = session.get(AuditRow, known.id)
    return row is not None and row.hash == known.hash


def broken_at(session: Session) -> int | None:
    """The id of the first row that was changed, removed before or put in; None if all is whole.
    What was cut off at the end, only `holds` finds."""
    previous = GENESIS
    for row in session.scalars(select(AuditRow).order_by(AuditRow.id)):
        if row.previous_hash != previous or row.hash != _hash(row):
            return row.id
        previous = row.hash
    return None


def _hash(row: AuditRow) -> str:
    content = [
        row.previous_hash,
        row.at.isoformat(timespec="microseconds"),
        row.actor,
        row.action,
        row.subject,
        row.detail,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
