"""What platforms really sent."""

from __future__ import annotations

from fastapi import APIRouter

from activation_api.campaignschemas import DeliveriesIn, ReceivedOut
from activation_api.dependencies import OpenWorkspace, OutcomeWriter
from activation_api.problems import documented
from workflows.reporting import report_deliveries

router = APIRouter(prefix="/deliveries", tags=["reports"])


@router.post("", responses=documented(400, 401, 403, 404, 422))
def report(body: DeliveriesIn, workspace: OpenWorkspace, caller: OutcomeWriter) -> ReceivedOut:
    """Report messages, up to 2,500 at once. A `messageId` counts once, however often it comes."""
    received = report_deliveries(workspace, [one.sent() for one in body.deliveries])
    return ReceivedOut.of(received)
