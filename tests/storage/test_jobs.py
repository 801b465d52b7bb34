"""Leases of jobs under a clock of our own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import NotFound
from storage import jobs
from storage.control import Control
from storage.jobs import Job, JobState

START = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def enqueued(control: Control, seconds: float = 0) -> Job:
    with control.write() as session:
        return jobs.enqueue(session, "train", {"outcome": "visit"}, at(seconds))


def leased(control: Control, seconds: float, attempts: int = 2) -> Job | None:
    with control.write() as session:
        return jobs.lease(session, at(seconds), LEASE, attempts)


def found(control: Control, job: Job) -> Job:
    with control.read() as session:
        return jobs.get(session, job.id)


def test_the_oldest_job_is_taken_first_and_by_one_only(control: Control) -> None:
    second, first = enqueued(control, 5), enqueued(control, 1)
    taken = [leased(control, 10), leased(control, 10), leased(control, 10)]
    assert [job and job.id for job in taken] == [first.id, second.id, None]
    assert taken[0] is not None
    assert (taken[0].state, taken[0].attempts) == (JobState.RUNNING, 1)
    assert taken[0].arguments == {"outcome": "visit"}


def test_a_lease_holds_as_long_as_it_is_renewed(control: Control) -> None:
    job = enqueued(control)
    assert leased(control, 0)
    assert leased(control, 29) is None
    with control.write() as session:
        jobs.renew(session, job.id, at(29), LEASE)
    assert leased(control, 58) is None
    again = leased(control, 60)
    assert again is not None
    assert (again.id, again.attempts) == (job.id, 2)


def test_a_job_that_never_ends_is_given_up_visibly(control: Control) -> None:
    job, other = enqueued(control), enqueued(control, 1)
    assert leased(control, 2)
    with control.write() as session:
        jobs.finish(session, other.id, at(3), {})
    assert leased(control, 40)
    assert leased(control, 80) is None
    failed = found(control, job)
    assert failed.state is JobState.FAILED
    assert "begun 2 times" in failed.message
    assert leased(control, 1_000) is None


def test_a_given_up_job_does_not_stand_in_the_way(control: Control) -> None:
    enqueued(control)
    assert leased(control, 0, attempts=1)
    later = enqueued(control, 5)
    taken = leased(control, 60, attempts=1)
    assert taken is not None
    assert taken.id == later.id


def test_a_job_that_ended_stays_as_it_ended(control: Control) -> None:
    job = enqueued(control)
    leased(control, 0)
    with control.write() as session:
        jobs.report(session, job.id, at(1), progress=0.5, message="half")
    assert (found(control, job).progress, found(control, job).message) == (0.5, "half")
    with control.write() as session:
        jobs.finish(session, job.id, at(2), {"models": []})
        jobs.fail(session, job.id, at(3), "too late")
        jobs.renew(session, job.id, at(3), LEASE)
        jobs.release(session, job.id, at(3), "too late")
    done = found(control, job)
    assert (done.state, done.progress, done.result) == (JobState.DONE, 1.0, {"models": []})
    assert done.updated_at == at(2)
    assert leased(control, 1_000) is None


def test_a_released_job_is_free_at_once(control: Control) -> None:
    job = enqueued(control)
    leased(control, 0)
    with control.write() as session:
        jobs.release(session, job.id, at(1), "killed")
    assert found(control, job).state is JobState.QUEUED
    again = leased(control, 1)
    assert again is not None
    assert again.attempts == 2


def test_the_newest_jobs_are_listed_first(control: Control) -> None:
    made = [enqueued(control, seconds) for seconds in (1, 3, 2)]
    with control.read() as session:
        assert [job.created_at for job in jobs.listed(session)] == [at(3), at(2), at(1)]
        assert len(jobs.listed(session, limit=2)) == 2
        assert jobs.get(session, made[0].id).id == made[0].id
        with pytest.raises(NotFound):
            jobs.get(session, "job_x")
