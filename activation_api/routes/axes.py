"""The behavioural axes: what they are, how many customers are where, and one customer's place."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from activation_api.axes import AxisList, AxisOut, AxisStatsOut, PlacementsOut
from activation_api.dependencies import (
    CustomerReader,
    OpenWorkspace,
    Placer,
    SegmentReader,
    SegmentWriter,
)
from activation_api.jobs import job_out
from activation_api.problems import documented
from activation_api.schemas import JobOut
from workflows.axisassign import RawCustomer, customer_segments
from workflows.axisjobs import submit_refresh
from workflows.axisstats import axes_stats, describe_axes

router = APIRouter(tags=["axes"])


@router.get("/axes", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> AxisList:
    """Every axis with its segments, or why it has none."""
    version, described = describe_axes(workspace)
    return AxisList(version=version, axes=[AxisOut.of(one) for one in described])


@router.get("/axes/stats", responses=documented(401, 403, 409))
def stats(workspace: OpenWorkspace, caller: SegmentReader) -> AxisStatsOut:
    """How many customers each segment holds today."""
    return AxisStatsOut.of(axes_stats(workspace))


@router.post(
    "/axes/refresh", status_code=status.HTTP_202_ACCEPTED, responses=documented(401, 403, 409)
)
def refresh(response: Response, workspace: OpenWorkspace, caller: SegmentWriter) -> JobOut:
    """Place everybody anew with today's data; poll the job that `Location` names."""
    job = submit_refresh(workspace)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job_out(job)


@router.post("/customers/assign", responses=documented(400, 401, 403, 409, 422))
def assign(body: RawCustomer, placer: Placer, caller: CustomerReader) -> PlacementsOut:
    """A customer given as raw orders and items, placed on every axis; nothing is stored."""
    return PlacementsOut.of(placer.place(body))


@router.get("/customers/{customer_id}/segments", responses=documented(401, 403, 404, 409))
def segments(customer_id: str, workspace: OpenWorkspace, caller: CustomerReader) -> PlacementsOut:
    """A known customer's segment on every axis, with how strongly they belong to it."""
    return PlacementsOut.of(customer_segments(workspace, customer_id))
