"""Pages of members as JSON, without building what is already rendered; 304 where nothing is new."""

from __future__ import annotations

import orjson
from fastapi import Request, Response

from workflows.pulling import Changed, Pull, tag_of


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


def answer(request: Request, body: bytes) -> Response:
    """The body with its entity tag, or 304 for who has it already."""
    tag = tag_of(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if has_tag(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def has_tag(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` names the tag (RFC 9110, the weak comparison)."""
    named = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in named.split(","))


def _spliced(head: bytes, name: bytes, rows: bytes, following: str | None) -> bytes:
    links = orjson.dumps({"next": following})
    return b"".join((head[:-1], b',"', name, b'":', rows, b',"links":', links, b"}"))
