"""Who is not to be sent to, and whose data were erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.suppression import Exclusion
from storage.tables import ErasureRow, SuppressionRow

LIFTED = "lifted"
"""The reason of a suppression that was ended. Its row stays, so that servers that keep suppressions
in memory hear of the end as of any other change."""


@dataclass(frozen=True)
class Suppression:
    customer_id: str
    channel: str
    reason: Exclusion


@dataclass(frozen=True)
class Erasure:
    """`customer_id` is None once the work is done."""

    subject: str
    customer_id: str | None
    job_id: str
    at: datetime
    done_at: datetime | None


def put(session: Session, wanted: Iterable[Suppression], at: datetime, actor: str) -> int:
    """Keep suppressions; how many are new or have another reason now."""
    number, changed = _next_number(session), 0
    for one in wanted:
        row = session.get(SuppressionRow, (one.customer_id, one.channel))
        if row is not None and row.reason == one.reason:
            continue
        if row is None:
            row = SuppressionRow(customer_id=one.customer_id, channel=one.channel)
            session.add(row)
        row.reason, row.at, row.actor, row.changed = one.reason.value, at, actor, number
        changed += 1
    session.flush()
    return changed


def lift(session: Session, customer_id: str, channel: str, at: datetime, actor: str) -> bool:
    """Whether there was one to lift."""
    row = session.get(SuppressionRow, (customer_id, channel))
    if row is None or row.reason == LIFTED:
        return False
    row.reason, row.at, row.actor, row.changed = LIFTED, at, actor, _next_number(session)
    session.flush()
    return True


def lifted_since(session: Session, at: datetime) -> frozenset[str]:
    """Customers of whom a suppression was ended at a time or later, whatever else holds of them."""
    query = select(SuppressionRow.customer_id).where(
        SuppressionRow.reason == LIFTED, SuppressionRow.at >= at
    )
    return frozenset(session.scalars(query))


def erasure(session: Session, subject: str) -> Erasure | None:
    row = session.get(ErasureRow, subject)
    if row is None:
        return None
    return Erasure(row.subject, row.customer_id, row.job_id, row.at, row.done_at)


def bury(session: Session, subject: str, customer_id: str, job_id: str, at: datetime) -> None:
    """Set a tombstone: from this moment nobody is given this person."""
    session.execute(delete(ErasureRow).where(ErasureRow.subject == subject))
    session.add(ErasureRow(subject=subject, customer_id=customer_id, job_id=job_id, at=at))
    session.flush()


def settle(session: Session, subject: str, at: datetime) -> None:
    """The work is done: only the tombstone stays."""
    row = session.get(ErasureRow, subject)
    assert row is not None
    row.done_at, row.customer_id = at, None
    session.flush()


def tombstones(session: Session) -> frozenset[str]:
    """The subjects of all erasures, done or asked for."""
    return frozenset(session.scalars(select(ErasureRow.subject)))


def unsettled(session: Session) -> int:
    query = select(func.count()).select_from(ErasureRow).where(ErasureRow.done_at.is_(None))
    return session.scalar(query) or 0


def _next_number(session: Session) -> int:
    """Above that of every change so far; writers come one after the other."""
    return (session.scalar(select(func.max(SuppressionRow.changed))) or 0) + 1
