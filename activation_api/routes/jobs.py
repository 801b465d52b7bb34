"""Slow work: start it, then poll it."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from activation_api.dependencies import Caller, OpenWorkspace, SegmentReader
from activation_api.jobs import job_out
from activation_api.problems import documented
from activation_api.schemas import JobList, JobOut, TrainingIn
from workflows.jobs import list_jobs, show_job, submit_training

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
    return job_out(job)


@router.get("/jobs", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> JobList:
    """The newest jobs first."""
    return JobList(jobs=[job_out(job) for job in list_jobs(workspace)])


@router.get("/jobs/{job_id}", responses=documented(401, 403, 404))
def show(job_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> JobOut:
    """How far a job is; `failed` says why in `message`."""
    return job_out(show_job(workspace, job_id))
