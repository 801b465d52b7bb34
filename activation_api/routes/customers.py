"""One customer: what to send, and why, or why not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from activation_api.dependencies import CustomerReader, OpenWorkspace
from activation_api.problems import documented
from activation_api.segmentschemas import RecommendationOut
from workflows.recommending import recommend

router = APIRouter(prefix="/customers", tags=["customers"])


@router.get("/{customer_id}/recommendation", responses=documented(401, 403, 404, 422))
def recommendation(
    customer_id: str,
    workspace: OpenWorkspace,
    caller: CustomerReader,
    segment: Annotated[str, Query(max_length=64, description="The segment asked about.")],
) -> RecommendationOut:
    """Why a customer is in a segment's current version, or is not; and what to send now: nothing to
    whom the segment does not hold, or who is held out at random."""
    return RecommendationOut.of(recommend(workspace, customer_id, segment))
