"""Segments: list, show, make, and what happens to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from activation_api.dependencies import Llm, OpenWorkspace, SegmentReader, SegmentWriter
from activation_api.objectives import checked_objective
from activation_api.problems import documented
from activation_api.schemas import PlanOut, SegmentDetail, SegmentList, SegmentsIn, SegmentSummary
from activation_api.segmentschemas import CriteriaIn, RollbackIn, RuleIn, SegmentStateOut
from domain.parsing import parse
from domain.segmentdiff import SegmentDiff
from workflows.briefs import read_brief
from workflows.bycriteria import segment_by_criteria, segment_by_rule
from workflows.byrule import segment_of_approved_rule
from workflows.campaign import build_segments
from workflows.diffing import diff_versions
from workflows.refreshing import refresh_segment
from workflows.segmentlife import (
    archive_segment,
    list_segments,
    list_versions,
    rollback_segment,
    show_segment,
)

router = APIRouter(prefix="/segments", tags=["segments"])

MOST_VERSIONS = 1_000_000
Version = Annotated[int, Path(ge=1, le=MOST_VERSIONS)]


@router.get("", responses=documented(401, 403, 422))
def list_all(
    workspace: OpenWorkspace,
    caller: SegmentReader,
    archived: Annotated[bool, Query(description="Those that were archived instead.")] = False,
) -> SegmentList:
    """Every segment in use in its current version, the newest first."""
    found = list_segments(workspace, archived=archived)
    return SegmentList(segments=[SegmentSummary.of(one) for one in found])


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


@router.post(
    "/by-criteria",
    status_code=status.HTTP_201_CREATED,
    responses=documented(400, 401, 403, 404, 409, 422),
)
def make_by_criteria(
    body: CriteriaIn, workspace: OpenWorkspace, caller: SegmentWriter
) -> SegmentDetail:
    """A segment of exactly those who meet the criteria, with the trigger that is named."""
    criteria = parse(body.criteria, workspace.schema())
    return SegmentDetail.of(
        segment_by_criteria(workspace, criteria, body.trigger, outcome=body.outcome, actor=caller)
    )


@router.post(
    "/by-rule",
    status_code=status.HTTP_201_CREATED,
    responses=documented(400, 401, 403, 404, 409, 422),
)
def make_by_rule(body: RuleIn, workspace: OpenWorkspace, caller: SegmentWriter) -> SegmentDetail:
    """A segment of exactly those who meet an approved rule, such as that of a discovery's card."""
    return SegmentDetail.of(
        segment_of_approved_rule(
            workspace, body.rule, trigger=body.trigger, outcome=body.outcome, actor=caller
        )
    )


@router.get("/{segment_id}", responses=documented(401, 403, 404))
def show(segment_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> SegmentDetail:
    """One segment, with its explanation and the objective it was made from."""
    return SegmentDetail.of(show_segment(workspace, segment_id))


@router.get("/{segment_id}/versions", responses=documented(401, 403, 404))
def versions(segment_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> SegmentList:
    """Every version of a segment, the newest first."""
    found = list_versions(workspace, segment_id)
    return SegmentList(segments=[SegmentSummary.of(one) for one in found])


@router.get("/{segment_id}/versions/{version}", responses=documented(401, 403, 404, 422))
def show_version(
    segment_id: str, version: Version, workspace: OpenWorkspace, caller: SegmentReader
) -> SegmentDetail:
    """One version of a segment."""
    return SegmentDetail.of(show_segment(workspace, segment_id, version))


@router.get("/{segment_id}/diff", responses=documented(401, 403, 404, 422))
def diff(
    segment_id: str,
    workspace: OpenWorkspace,
    caller: SegmentReader,
    before: Annotated[int, Query(ge=1, le=MOST_VERSIONS)],
    after: Annotated[
        int | None, Query(ge=1, le=MOST_VERSIONS, description="The current one without it.")
    ] = None,
) -> SegmentDiff:
    """Who entered and left between two versions, and what else differs."""
    return diff_versions(workspace, segment_id, before, after)


@router.post("/{segment_id}/refresh", responses=documented(401, 403, 404, 409))
def refresh(segment_id: str, workspace: OpenWorkspace, caller: SegmentWriter) -> SegmentDetail:
    """A new version by the current model and today's customers. Walks that began in the version
    before it go on there."""
    return SegmentDetail.of(refresh_segment(workspace, segment_id, actor=caller)[0])


@router.post("/{segment_id}/rollback", responses=documented(401, 403, 404, 409, 422))
def rollback(
    segment_id: str, body: RollbackIn, workspace: OpenWorkspace, caller: SegmentWriter
) -> SegmentDetail:
    """Make an older version current again; the others stay."""
    return SegmentDetail.of(rollback_segment(workspace, segment_id, body.version, actor=caller)[0])


@router.post("/{segment_id}/archive", responses=documented(401, 403, 404))
def archive(segment_id: str, workspace: OpenWorkspace, caller: SegmentWriter) -> SegmentStateOut:
    """Take a segment out of use: it is neither listed nor pulled, and nothing of it is lost."""
    return SegmentStateOut.of(archive_segment(workspace, segment_id, actor=caller))


@router.post("/{segment_id}/restore", responses=documented(401, 403, 404))
def restore(segment_id: str, workspace: OpenWorkspace, caller: SegmentWriter) -> SegmentStateOut:
    """Bring an archived segment back into use."""
    return SegmentStateOut.of(archive_segment(workspace, segment_id, undo=True, actor=caller))


@router.post(
    "/{segment_id}/rule",
    status_code=status.HTTP_201_CREATED,
    responses=documented(401, 403, 404, 409),
)
def make_of_rule(segment_id: str, workspace: OpenWorkspace, caller: SegmentWriter) -> SegmentDetail:
    """Approve a segment's approximate rule: a segment of its own, of exactly those who meet it."""
    return SegmentDetail.of(segment_by_rule(workspace, segment_id, actor=caller))
