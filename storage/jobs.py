"""Slow work as leased rows: whoever holds the lease runs the job; a lease that runs out is free."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from storage.tables import JobRow


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    id: str
    kind: str
    arguments: Mapping[str, Any]
    state: JobState
    progress: float
    message: str
    result: Mapping[str, Any] | None
    attempts: int
    created_at: datetime
    updated_at: datetime


def enqueue(session: Session, kind: str, arguments: Mapping[str, Any], at: datetime) -> Job:
    row = JobRow(
        id=f"job_{secrets.token_hex(8)}",
        kind=kind,
        arguments=dict(arguments),
        state=JobState.QUEUED,
        progress=0.0,
        message="waiting",
        attempts=0,
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    session.flush()
    return _job(row)


def lease(session: Session, at: datetime, lasting: timedelta, max_attempts: int) -> Job | None:
    """Take the oldest free job: a queued one, or a running one whose lease ran out.

    A job that was begun `max_attempts` times without an end is failed, visibly, not tried again.
    """
    while True:
        free = (
            select(JobRow)
            .where(
                or_(
                    JobRow.state == JobState.QUEUED,
                    (JobRow.state == JobState.RUNNING) & (JobRow.lease_until < at),
                )
            )
            .order_by(JobRow.created_at, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = session.scalar(free)
        if row is None:
            return None
        row.updated_at = at
        if row.attempts < max_attempts:
            row.state, row.attempts, row.lease_until = (
                JobState.RUNNING,
                row.attempts + 1,
                at + lasting,
            )
            row.message = "running"
            session.flush()
            return _job(row)
        row.state, row.lease_until = JobState.FAILED, None
        row.message = f"given up: it was begun {row.attempts} times and never ended"
        session.flush()


def renew(session: Session, identity: str, at: datetime, lasting: timedelta) -> None:
    row = _row(session, identity)
    if row.state == JobState.RUNNING:
        row.lease_until = at + lasting


def report(session: Session, identity: str, at: datetime, *, progress: float, message: str) -> None:
    row = _row(session, identity)
    row.progress, row.message, row.updated_at = progress, message, at


def finish(
    session: Session, identity: str, at: datetime, result: Mapping[str, Any], message: str = "done"
) -> None:
    row = _row(session, identity)
    row.state, row.progress, row.result, row.lease_until = JobState.DONE, 1.0, dict(result), None
    row.message, row.updated_at = message, at


def release(session: Session, identity: str, at: datetime, message: str) -> None:
    """Give a job that runs back to the queue, to be begun once more."""
    row = _row(session, identity)
    if row.state == JobState.RUNNING:
        row.state, row.message, row.lease_until, row.updated_at = JobState.QUEUED, message, None, at


def fail(session: Session, identity: str, at: datetime, message: str) -> None:
    """Mark a job as failed, unless it has ended already."""
    row = _row(session, identity)
    if row.state in (JobState.DONE, JobState.FAILED):
        return
    row.state, row.message, row.lease_until, row.updated_at = JobState.FAILED, message, None, at


def get(session: Session, identity: str) -> Job:
    return _job(_row(session, identity))


def listed(session: Session, limit: int = 100) -> list[Job]:
    query = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id).limit(limit)
    return [_job(row) for row in session.scalars(query)]


def _row(session: Session, identity: str) -> JobRow:
    row = session.get(JobRow, identity)
    if row is None:
        raise NotFound(f"There is no job {identity!r}.", field="job_id")
    return row


def _job(row: JobRow) -> Job:
    return Job(
        row.id,
        row.kind,
        row.arguments,
        JobState(row.state),
        row.progress,
        row.message,
        row.result,
        row.attempts,
        row.created_at,
        row.updated_at,
    )
