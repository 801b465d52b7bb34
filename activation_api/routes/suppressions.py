"""Who is not to be sent to."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status

from activation_api.dependencies import OpenWorkspace, OutcomeWriter
from activation_api.privacyschemas import Suppressed, SuppressionsIn
from activation_api.problems import documented
from activation_api.schemas import CustomerId
from domain.suppression import Exclusion
from domain.triggers import Channel
from workflows.suppression import Suppression, lift, suppress

router = APIRouter(prefix="/suppressions", tags=["customers"])


@router.post("", responses=documented(401, 403))
def put(body: SuppressionsIn, workspace: OpenWorkspace, caller: OutcomeWriter) -> Suppressed:
    """Leave customers out of every pull from now on, on one channel or on all."""
    wanted = [
        Suppression(one.customer_id, str(one.channel), Exclusion(one.reason))
        for one in body.suppressions
    ]
    return Suppressed(changed=suppress(workspace, wanted, actor=caller))


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, responses=documented(401, 403, 404))
def end(
    workspace: OpenWorkspace,
    caller: OutcomeWriter,
    customer_id: Annotated[CustomerId, Query()],
    channel: Annotated[Channel | Literal["all"], Query()] = "all",
) -> Response:
    """End a suppression: the customer agreed to be sent to again."""
    lift(workspace, customer_id, str(channel), actor=caller)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
