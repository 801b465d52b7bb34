"""Is the server alive, and can it answer? The only routes without a key."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from activation_api.dependencies import OpenWorkspace
from activation_api.schemas import Health
from workflows.readiness import is_ready

router = APIRouter(tags=["health"])


@router.get("/health")
async def health() -> Health:
    """The process is alive."""
    return Health(status="ok")


@router.get(
    "/ready", responses={503: {"description": "The stores can't be read.", "model": Health}}
)
def ready(workspace: OpenWorkspace, response: Response) -> Health:
    """The stores can be read."""
    if is_ready(workspace):
        return Health(status="ready")
    response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Health(status="the stores can't be read")
