"""What customers did."""

from __future__ import annotations

from fastapi import APIRouter

from activation_api.campaignschemas import OutcomesIn, ReceivedOut
from activation_api.dependencies import OpenWorkspace, OutcomeWriter
from activation_api.problems import documented
from workflows.reporting import report_outcomes

router = APIRouter(prefix="/outcomes", tags=["reports"])


@router.post("", responses=documented(400, 401, 403, 422))
def report(body: OutcomesIn, workspace: OpenWorkspace, caller: OutcomeWriter) -> ReceivedOut:
    """Report conversions, revenue and other outcomes, up to 2,500 messages at once. Report those of
    all customers, held out or not: they count for every campaign that a customer is assigned in. A
    `messageId` counts once, however often it comes, and its first word stands."""
    received = report_outcomes(workspace, [one.did() for one in body.outcomes])
    return ReceivedOut.of(received)
