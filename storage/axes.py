"""Versions of the behavioural axes: each clustering is kept, the newest is current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.tables import AxisVersionRow


@dataclass(frozen=True)
class AxisVersion:
    """`assigned` are the axes that have segments, `payload` all that was found on every axis."""

    version: int
    created_at: datetime
    assigned: tuple[str, ...]
    payload: Mapping[str, Any]


def add(
    session: Session, at: datetime, assigned: Sequence[str], payload: Mapping[str, Any]
) -> AxisVersion:
    """Keep a clustering as the next version."""
    number = (newest(session) or 0) + 1
    row = AxisVersionRow(
        version=number,
        created_at=at,
        assigned={"axes": list(assigned)},
        payload=dict(payload),
    )
    session.add(row)
    session.flush()
    return _version(row)


def current(session: Session) -> AxisVersion | None:
    """The newest version, if there is one."""
    row = session.scalar(select(AxisVersionRow).order_by(AxisVersionRow.version.desc()).limit(1))
    return None if row is None else _version(row)


def newest(session: Session) -> int | None:
    """The newest version's number."""
    return session.scalar(select(func.max(AxisVersionRow.version)))


def assigned(session: Session) -> tuple[str, ...]:
    """The axes that have segments in the newest version; none before the first."""
    newest = select(AxisVersionRow.assigned).order_by(AxisVersionRow.version.desc()).limit(1)
    found = session.scalar(newest)
    return () if found is None else tuple(found["axes"])


def _version(row: AxisVersionRow) -> AxisVersion:
    return AxisVersion(row.version, row.created_at, tuple(row.assigned["axes"]), row.payload)
