"""What all campaigns together changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Query

from activation_api.dependencies import OpenWorkspace, SegmentReader
from activation_api.problems import documented
from domain.results import ProgrammeResults
from workflows.programme import programme_results

router = APIRouter(prefix="/programme", tags=["campaigns"])


@router.get("/results", responses=documented(400, 401, 403, 404, 409, 422))
def results(
    workspace: OpenWorkspace,
    caller: SegmentReader,
    outcome: Annotated[
        str | None, Query(max_length=64, description="`converted` without it, or the first one.")
    ] = None,
    since: Annotated[
        date | None, Query(description="A day (UTC); when the first campaign began without it.")
    ] = None,
) -> ProgrammeResults:
    """What all campaigns together changed: everybody whom they may address against the share whom
    none ever does (`global_holdout`), as assigned, with an interval that holds however often you
    look, or in plain words that there is not enough yet."""
    begin = None if since is None else datetime.combine(since, time(), UTC)
    return programme_results(workspace, outcome, begin)
