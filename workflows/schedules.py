"""Jobs that the servers start by themselves, at the times of a cron expression (UTC).

Every server's worker looks for due times; the row's transaction lets only one of them take each.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError
from sqlalchemy.orm import Session

from domain.errors import BadRequest
from storage import audit, jobs, schedules
from storage.schedules import Schedule
from workflows.workspace import Workspace


def next_time(expression: str, after: datetime) -> datetime:
    """The first time of a cron expression (minute, hour, day, month, day of the week) after a time,
    UTC. Raises BadRequest for what is none."""
    try:
        return next(CronSim(expression, after.astimezone(UTC)))
    except (CronSimError, StopIteration):
        raise BadRequest(
            f"{expression!r} is no schedule.",
            remedy='Write minute, hour, day, month, weekday: "0 2 1 * *" is the first of each '
            "month at 02:00 UTC.",
            field="schedule",
        ) from None


def set_schedule(
    workspace: Workspace, kind: str, expression: str, *, actor: str = "cli"
) -> Schedule:
    """Let the servers start a kind of job at these times; it replaces the kind's older schedule."""
    now = workspace.now()
    schedule = Schedule(kind, expression, next_time(expression, now))
    with workspace.control.write() as session:
        schedules.put(session, schedule)
        audit.append(
            session,
            at=now,
            actor=actor,
            action="schedule",
            subject=kind,
            detail={"expression": expression, "next_at": schedule.next_at.isoformat()},
        )
    return schedule


def drop_schedule(workspace: Workspace, kind: str, *, actor: str = "cli") -> bool:
    """Let the servers start it no more; False where there was no schedule."""
    with workspace.control.write() as session:
        dropped = schedules.drop(session, kind)
        if dropped:
            audit.append(
                session,
                at=workspace.now(),
                actor=actor,
                action="schedule",
                subject=kind,
                detail={"expression": None},
            )
    return dropped


def enqueue_due(session: Session, at: datetime) -> int:
    """Queue the jobs whose time has come, in the caller's transaction; how many there were."""
    due = schedules.take_due(session, at, next_time)
    for schedule in due:
        jobs.enqueue(session, schedule.kind, {"schedule": schedule.expression}, at)
    return len(due)
