"""Pulling a segment's customers: in pages, whole, or what changed since a version."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.routing import BaseRoute

from activation_api.dependencies import Key, OpenWorkspace, SegmentReader
from activation_api.holdouts import Include, may_see_holdout
from activation_api.pages import Asked, Pages, answer, changes_json, has_tag, next_link
from activation_api.problems import documented
from activation_api.routes.segments import MOST_VERSIONS
from activation_api.schemas import CustomerPage
from activation_api.segmentschemas import ChangePage
from domain.triggers import Channel
from workflows.keys import ApiKey
from workflows.mirroring import changes_since
from workflows.pulling import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    Format,
    read_fields,
    tag_of,
    whole,
)

router = APIRouter(prefix="/segments", tags=["pulls"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=500)]
Fields = Annotated[
    str | None,
    Query(max_length=500, description="Some fields of a member, with commas between."),
]
Also = Annotated[
    Include | None,
    Query(description="Those held out too, who must not be addressed; needs a key that may."),
]
On = Annotated[
    Channel | None,
    Query(description="Who may be sent to on it; the campaign's or the objective's without it."),
]
_FILES = {
    "application/x-ndjson": {"schema": {"type": "string"}},
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
}
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing changed since the entity tag in `If-None-Match`."}
}


@router.get(
    "/{segment_id}/customers",
    response_model=CustomerPage,
    responses={200: {"content": _FILES}, **_UNCHANGED, **documented(400, 401, 403, 404, 409, 422)},
)
def customers(
    segment_id: str,
    request: Request,
    workspace: OpenWorkspace,
    caller: SegmentReader,
    key: Key,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    fields: Fields = None,
    include: Also = None,
    channel: On = None,
    form: Annotated[
        Format | None, Query(alias="format", description="The whole segment as one file.")
    ] = None,
) -> Response:
    """A page of the members, or with `format` all of them as one file. Follow `links.next` until it
    is null; the members of a version are frozen, so pages neither skip nor repeat anyone. Who is
    not to be sent to now on the channel is left out and counted by reason, in `excluded` or in the
    header `X-Excluded` of a file. Those held out at random are left out too, unless
    `include=holdout` is asked for by a key that may."""
    held_out = _held_out(include, key)
    if form is not None:
        wanted = read_fields(fields)
        file = whole(workspace, segment_id, form, fields=wanted, held_out=held_out, channel=channel)
        headers = {"ETag": file.tag, "Cache-Control": "private, no-cache"}
        if file.excluded:
            headers["X-Excluded"] = ", ".join(f"{why}={n}" for why, n in file.excluded.items())
        if has_tag(request.headers, file.tag):
            return Response(status_code=304, headers=headers)
        name = f"{file.version.segment_id}-{file.version.version}.{form.value}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return StreamingResponse(file.chunks, media_type=file.media_type, headers=headers)
    pages: Pages = request.app.state.pages
    asked = Asked(limit, cursor, fields, include, channel)
    return pages.page(workspace, segment_id, asked, request.headers)


@router.get(
    "/{segment_id}/changes",
    response_model=ChangePage,
    responses={**_UNCHANGED, **documented(400, 401, 403, 404, 409, 422)},
)
def changes(
    segment_id: str,
    request: Request,
    workspace: OpenWorkspace,
    caller: SegmentReader,
    key: Key,
    since: Annotated[int, Query(ge=1, le=MOST_VERSIONS, description="The version mirrored.")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    fields: Fields = None,
    include: Also = None,
    channel: On = None,
) -> Response:
    """What a platform that mirrors version `since` must do to mirror the current one: those who
    left are to be removed, those who are new or changed to be taken over, and whoever is a member
    and not to be sent to now (suppressed, unsubscribed, erased, without consent) is to be removed
    too, whether they are known or not, and whose suppression was lifted since is to be added.
    Follow `links.next`, then mirror `version`. Who gave a consent again, or fell below the
    frequency cap, is told when they change otherwise: pull the whole segment now and then.
    """
    found = changes_since(
        workspace,
        segment_id,
        since,
        limit=limit,
        cursor=cursor,
        fields=read_fields(fields),
        held_out=_held_out(include, key),
        channel=channel,
    )
    path = f"/api/v1/segments/{segment_id}/changes"
    asked = Asked(limit, cursor, fields, include, channel)
    following = next_link(path, asked, found.next_cursor, since=str(since))
    body = changes_json(found, following)
    return answer(request.headers, tag_of(body), body)


def _held_out(include: Include | None, key: ApiKey) -> bool:
    if include is None:
        return False
    if not may_see_holdout(key):
        raise HTTPException(403, "Who is held out takes a key with the scope admin.")
    return True


def page_route() -> BaseRoute:
    """The route of pages, under whose name the short way's requests are counted too."""
    return next(route for route in router.routes if getattr(route, "endpoint", None) is customers)
