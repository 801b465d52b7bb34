"""Answers to requests that carried an `Idempotency-Key`, so that a repeat is answered alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from storage.tables import IdempotencyRow

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=5)
"""A request that began longer ago and has no answer died with its server; it may be repeated."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Known:
    """A request that came before: its fingerprint, and its answer unless it is still in flight."""

    fingerprint: str
    answer: Answer | None


def begin(session: Session, identity: str, fingerprint: str, at: datetime) -> Known | None:
    """Take an identity for a request that begins now; or what is known where it is taken."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.began_at < at - KEPT))
    row = session.get(IdempotencyRow, identity, with_for_update=True)
    if row is not None and (row.status is not None or row.began_at >= at - LEASE):
        answer = None
        if row.status is not None:
            answer = Answer(row.status, row.headers or {}, row.body or b"")
        return Known(row.fingerprint, answer)
    if row is None:
        row = IdempotencyRow(id=identity)
        session.add(row)
    row.fingerprint, row.began_at = fingerprint, at
    session.flush()
    return None


def finish(session: Session, identity: str, answer: Answer) -> None:
    session.execute(
        update(IdempotencyRow)
        .where(IdempotencyRow.id == identity)
        .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
    )


def forget(session: Session, identity: str) -> None:
    """The request failed in a way that a repeat may mend."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.id == identity))
