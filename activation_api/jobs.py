"""A job as the API shows it."""

from __future__ import annotations

from activation_api.schemas import JobOut
from workflows.jobs import Job


def job_out(job: Job) -> JobOut:
    """A job without its arguments."""
    return JobOut(
        job_id=job.id,
        kind=job.kind,
        state=job.state.value,
        progress=job.progress,
        message=job.message,
        result=None if job.result is None else dict(job.result),
        created_at=job.created_at,
        updated_at=job.updated_at,
    )
