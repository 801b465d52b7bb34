"""Segments: list, show, make, and pull the customers."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response, status

from activation_api.dependencies import Llm, OpenWorkspace, SegmentReader, SegmentWriter
from activation_api.objectives import checked_objective
from activation_api.pages import page_json
from activation_api.problems import documented
from activation_api.schemas import (
    CustomerPage,
    PlanOut,
    SegmentDetail,
    SegmentList,
    SegmentsIn,
    SegmentSummary,
)
from domain.triggers import Channel
from workflows.activation import DEFAULT_LIMIT, MAX_LIMIT, list_segments, pull, show_segment
from workflows.briefs import read_brief
from workflows.campaign import build_segments

router = APIRouter(prefix="/segments", tags=["segments"])


@router.get("", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> SegmentList:
    """Every segment in its current version, the newest first."""
    return SegmentList(segments=[SegmentSummary.of(one) for one in list_segments(workspace)])


@router.post(
    "", status_code=status.HTTP_201_CREATED, responses=documented(400, 401, 403, 404, 409, 422)
)
def make(body: SegmentsIn, workspace: OpenWorkspace, caller: SegmentWriter, llm: Llm) -> PlanOut:
    """A brief or an objective becomes segments. Open questions are answered with 409: an unclear
    audience never means everyone. With `rules` each has a rule beside its exact criteria, labelled
    an approximation."""
    if body.brief is not None:
        objective = read_brief(body.brief, workspace, llm).objective
    else:
        assert body.objective is not None
        objective = checked_objective(body.objective, workspace)
    return PlanOut.of(build_segments(workspace, objective, rules=body.rules, actor=caller))


@router.get("/{segment_id}", responses=documented(401, 403, 404))
def show(segment_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> SegmentDetail:
    """One segment, with its explanation and the objective it was made from."""
    return SegmentDetail.of(show_segment(workspace, segment_id))


@router.get(
    "/{segment_id}/customers",
    response_model=CustomerPage,
    responses=documented(400, 401, 403, 404, 422),
)
def customers(
    segment_id: str,
    workspace: OpenWorkspace,
    caller: SegmentReader,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    channel: Channel | None = None,
) -> Response:
    """A page of the members. Follow `links.next` until it is null; the members of a version are
    frozen, so pages neither skip nor repeat anyone. Who is not to be sent to now on the channel
    (the objective's, unless another is named) is left out and counted in `excluded` by reason."""
    page = pull(workspace, segment_id, limit=limit, cursor=cursor, channel=channel)
    following = None
    if page.next_cursor is not None:
        parameters = {"limit": str(limit), "cursor": page.next_cursor}
        if channel is not None:
            parameters["channel"] = channel.value
        query = urlencode(parameters)
        following = f"/api/v1/segments/{segment_id}/customers?{query}"
    return Response(page_json(page, following), media_type="application/json")
