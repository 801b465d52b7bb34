"""What Prometheus reads. It takes a key, as a bearer token in Prometheus's `authorization`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from activation_api.dependencies import OpenWorkspace, SegmentReader
from activation_api.metrics import MEDIA_TYPE, Metrics
from activation_api.problems import documented
from workflows.waiting import waiting

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "The exposition format of Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **documented(401, 403),
    },
)
def show(request: Request, workspace: OpenWorkspace, caller: SegmentReader) -> Response:
    """Requests by route and status, how long they took, and what waits to be done."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(waiting(workspace)), media_type=MEDIA_TYPE)
