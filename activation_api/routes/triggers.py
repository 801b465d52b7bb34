"""The catalogue of triggers."""

from __future__ import annotations

from fastapi import APIRouter

from activation_api.dependencies import OpenWorkspace, SegmentReader
from activation_api.problems import documented
from activation_api.schemas import TriggerList, TriggerOut

router = APIRouter(prefix="/triggers", tags=["triggers"])


@router.get("", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> TriggerList:
    """The standard triggers and the company's own, with what they cost where it is known."""
    return TriggerList(
        triggers=[
            TriggerOut(
                key=trigger.key,
                name=trigger.name,
                type=trigger.type.value,
                unit_cost=trigger.unit_cost,
                redemption_cost=trigger.redemption_cost,
                channels=sorted(channel.value for channel in trigger.channels),
            )
            for trigger in workspace.catalogue().values()
        ]
    )
