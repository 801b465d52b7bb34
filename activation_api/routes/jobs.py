"""Slow work: start it, then poll it."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from activation_api.dependencies import Caller, OpenWorkspace, SegmentReader
from activation_api.problems import documented
from activation_api.schemas import JobList, JobOut, TrainingIn
from workflows.jobs import Job, list_jobs, show_job, submit_training

router = APIRouter(tags=["jobs"])


@router.post(
    "/trainings",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(401, 403, 404, 409, 422),
)
def start_training(
    body: TrainingIn, response: Response, workspace: OpenWorkspace, caller: Caller
) -> JobOut:
    """Queue a training; poll the job that `Location` names."""
    job = submit_training(workspace, outcome=body.outcome, campaign=body.campaign)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return _out(job)


@router.get("/jobs", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> JobList:
    """The newest jobs first."""
    return JobList(jobs=[_out(job) for job in list_jobs(workspace)])


@router.get("/jobs/{job_id}", responses=documented(401, 403, 404))
def show(job_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> JobOut:
    """How far a job is; `failed` says why in `message`."""
    return _out(show_job(workspace, job_id))


def _out(job: Job) -> JobOut:
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
