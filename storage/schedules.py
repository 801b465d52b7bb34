"""What a server does by itself at stated times. A due time is taken by one server only: whoever
moves the row on to its next time, in one transaction, has taken it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import ScheduleRow


@dataclass(frozen=True)
class Schedule:
    """A job of a kind at the times of a cron expression, UTC."""

    kind: str
    expression: str
    next_at: datetime


def put(session: Session, schedule: Schedule) -> None:
    """Set the one schedule of a kind."""
    row = session.get(ScheduleRow, schedule.kind)
    if row is None:
        session.add(
            ScheduleRow(
                kind=schedule.kind, expression=schedule.expression, next_at=schedule.next_at
            )
        )
    else:
        row.expression, row.next_at = schedule.expression, schedule.next_at
    session.flush()


def drop(session: Session, kind: str) -> bool:
    """Forget a kind's schedule; False where there was none."""
    row = session.get(ScheduleRow, kind)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def get(session: Session, kind: str) -> Schedule | None:
    row = session.get(ScheduleRow, kind)
    return None if row is None else _schedule(row)


def take_due(
    session: Session, at: datetime, following: Callable[[str, datetime], datetime]
) -> list[Schedule]:
    """The schedules whose time has come, each moved on to the time that `following` gives for its
    expression after `at`: what was missed while no server ran is done once, not once a time."""
    due = (
        select(ScheduleRow)
        .where(ScheduleRow.next_at <= at)
        .order_by(ScheduleRow.next_at)
        .with_for_update(skip_locked=True)
    )
    taken = []
    for row in session.scalars(due):
        taken.append(_schedule(row))
        row.next_at = following(row.expression, at)
    session.flush()
    return taken


def _schedule(row: ScheduleRow) -> Schedule:
    return Schedule(row.kind, row.expression, row.next_at)
