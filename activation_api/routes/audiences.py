"""Segments as files for advertising and e-mail platforms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from activation_api.dependencies import OpenWorkspace, needs
from activation_api.problems import documented
from domain.scopes import Scope
from workflows.audiences import Destination, audience_file

router = APIRouter(prefix="/segments", tags=["segments"])


@router.get(
    "/{segment_id}/audience",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The file, a line a customer.",
            "content": {"text/csv": {"schema": {"type": "string"}, "example": "email,phone\r\n"}},
        },
        **documented(401, 403, 404),
    },
)
def audience(
    segment_id: str,
    workspace: OpenWorkspace,
    caller: Annotated[str, needs(Scope.SEGMENTS_READ, Scope.PII_READ)],
    destination: Destination,
) -> StreamingResponse:
    """The members as an audience file: `meta` and `google` with hashed e-mail addresses and phone
    numbers of those who agreed to ads, `csv` with those who agreed to e-mail (and their phone
    numbers, where they agreed to sms), safe to open in a spreadsheet. Nobody is in it who may not
    be sent to, or is held out."""
    made = audience_file(workspace, segment_id, destination, actor=caller)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return StreamingResponse(made.lines, media_type="text/csv", headers=headers)
