"""Pages of members as JSON, without building what is already rendered; 304 where nothing is new."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from activation_api.holdouts import Include
from domain.triggers import Channel
from workflows.pulling import Changed, Pull, pull, read_fields, tag_of
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Asked:
    """What a caller asks of a page, as the query states it."""

    limit: int
    cursor: str | None = None
    fields: str | None = None
    include: Include | None = None
    channel: Channel | None = None


def page_response(
    workspace: Workspace, segment_id: str, asked: Asked, headers: Headers
) -> Response:
    """A page of members, or 304 for who has it already. Whether the caller may see those held out
    has been asked before."""
    page = pull(
        workspace,
        segment_id,
        limit=asked.limit,
        cursor=asked.cursor,
        fields=read_fields(asked.fields),
        held_out=asked.include is Include.HOLDOUT,
        channel=asked.channel,
    )
    path = f"/api/v1/segments/{segment_id}/customers"
    return answer(headers, page_json(page, next_link(path, asked, page.next_cursor)))


def next_link(path: str, asked: Asked, cursor: str | None, **also: str) -> str | None:
    """Where the next page is, None after the last one."""
    if cursor is None:
        return None
    stated = {
        "limit": asked.limit,
        "fields": asked.fields,
        "include": asked.include,
        "channel": asked.channel,
        "cursor": cursor,
    }
    return f"{path}?{urlencode(also | {n: str(v) for n, v in stated.items() if v is not None})}"


def page_json(pull: Pull, following: str | None) -> bytes:
    """The body that `schemas.CustomerPage` describes; the members are spliced in as they are."""
    version = pull.version
    head = orjson.dumps(
        {
            "segment_id": version.segment_id,
            "version": version.version,
            "recommended_trigger": version.recommended_trigger,
            "criteria": version.model_dump(mode="json", include={"criteria"})["criteria"],
            "explanation": version.explanation.text,
            "outcome": version.outcome,
            "value_unit": version.value_unit,
            "size": version.size,
            "held_out": version.held_out,
            "channel": pull.channel,
            "excluded": dict(pull.excluded),
        }
    )
    return _spliced(head, b"customer_profiles", pull.members_json, following)


def changes_json(found: Changed, following: str | None) -> bytes:
    """The body that `schemas.ChangePage` describes."""
    version = found.version
    head = orjson.dumps(
        {
            "segment_id": version.segment_id,
            "since": found.since,
            "version": version.version,
            "channel": found.channel,
            "excluded": dict(found.excluded),
        }
    )
    return _spliced(head, b"changes", found.page.json, following)


def answer(headers: Headers, body: bytes) -> Response:
    """The body with its entity tag, or 304 for who has it already by the request's headers."""
    tag = tag_of(body)
    said = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if has_tag(headers, tag):
        return Response(status_code=304, headers=said)
    return Response(body, media_type="application/json", headers=said)


def has_tag(headers: Headers, tag: str) -> bool:
    """Whether `If-None-Match` names the tag (RFC 9110, the weak comparison)."""
    named = headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in named.split(","))


def _spliced(head: bytes, name: bytes, rows: bytes, following: str | None) -> bytes:
    links = orjson.dumps({"next": following})
    return b"".join((head[:-1], b',"', name, b'":', rows, b',"links":', links, b"}"))
