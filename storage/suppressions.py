"""Who is not to be sent to, and whose data were erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.suppression import ALL_CHANNELS, Exclusion
from storage.tables import ErasureRow, SuppressionRow

_AT_ONCE = 5_000


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
    changed = 0
    for one in wanted:
        row = session.get(SuppressionRow, (one.customer_id, one.channel))
        if row is not None and row.reason == one.reason:
            continue
        if row is None:
            row = SuppressionRow(customer_id=one.customer_id, channel=one.channel)
            session.add(row)
        row.reason, row.at, row.actor = one.reason.value, at, actor
        changed += 1
    session.flush()
    return changed


def lift(session: Session, customer_id: str, channel: str) -> bool:
    """Whether there was one to lift."""
    row = session.get(SuppressionRow, (customer_id, channel))
    if row is not None:
        session.delete(row)
    return row is not None


def suppressed(
    session: Session, customer_ids: Sequence[str], channel: str | None
) -> dict[str, Exclusion]:
    """Those of the customers who are not to be sent to on a channel, and the weightier reason."""
    found: dict[str, Exclusion] = {}
    channels = [ALL_CHANNELS] if channel is None else [ALL_CHANNELS, channel]
    for part in _parts(customer_ids):
        query = select(SuppressionRow.customer_id, SuppressionRow.reason).where(
            SuppressionRow.customer_id.in_(part), SuppressionRow.channel.in_(channels)
        )
        for customer_id, reason in session.execute(query):
            if found.get(customer_id) is not Exclusion.SUPPRESSED:
                found[customer_id] = Exclusion(reason)
    return found


def any_erased(session: Session) -> bool:
    return session.scalar(select(ErasureRow.subject).limit(1)) is not None


def erased(session: Session, subjects: Collection[str]) -> set[str]:
    """Those of the keyed hashes that are tombstones."""
    found: set[str] = set()
    for part in _parts(list(subjects)):
        query = select(ErasureRow.subject).where(ErasureRow.subject.in_(part))
        found.update(session.scalars(query))
    return found


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


def unsettled(session: Session) -> int:
    query = select(func.count()).select_from(ErasureRow).where(ErasureRow.done_at.is_(None))
    return session.scalar(query) or 0


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
