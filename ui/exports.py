"""Files of a segment for whoever is signed in."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from nicegui import app

from domain.errors import AetherError
from domain.scopes import Scope
from workflows.audiences import Destination, audience_file
from workflows.pulling import Format, whole
from workflows.workspace import Workspace

from .parts.markup import BASE
from .session import sign_in_path, visitor_of


def install(workspace: Workspace) -> None:
    """The route of downloads."""

    @app.get("/segments/{segment_id}/export", include_in_schema=False)
    def export(request: Request, segment_id: str, destination: str | None = None) -> Response:
        visitor = visitor_of(request, workspace)
        if visitor is None:
            return RedirectResponse(BASE + sign_in_path(request), 303)
        if not visitor.may(Scope.SEGMENTS_READ):
            return Response("Your key does not allow this.", 403)
        try:
            if destination is None:
                file = whole(workspace, segment_id, Format.CSV)
                name, lines = f"{segment_id}-v{file.version.version}.csv", file.chunks
            elif visitor.may(Scope.PII_READ) and destination in set(Destination):
                made = audience_file(
                    workspace, segment_id, Destination(destination), actor=visitor.actor
                )
                name, lines = made.name, made.lines
            else:
                return Response("Addresses need a key with pii:read.", 403)
        except AetherError as error:
            return Response(str(error), 404)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(lines, media_type="text/csv", headers=headers)
