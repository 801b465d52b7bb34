"""Pages of members as JSON, without building what is already rendered; 304 where nothing is new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from activation_api.holdouts import Include
from domain.segment import SegmentVersion
from domain.triggers import Channel
from storage.kept import Kept
from workflows.mirroring import Changed
from workflows.pulling import Place, Pull, find_place, page_at, read_fields, tag_of
from workflows.suppression import moment
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Asked:
    """What a caller asks of a page, as the query states it."""

    limit: int
    cursor: str | None = None
    fields: str | None = None
    include: Include | None = None
    channel: Channel | None = None


class Pages:
    """Gives out pages, and keeps the newest in memory while nobody else is to be left out of them:
    many platforms walk through the same segment."""

    def __init__(self, kept_bytes: int = 64 << 20) -> None:
        self._kept: Kept[tuple[str, bytes]] = Kept(kept_bytes, lambda one: len(one[1]))

    def page(
        self, workspace: Workspace, segment_id: str, asked: Asked, headers: Headers
    ) -> Response:
        """A page of members, or 304 for who has it already. Whether the caller may see those held
        out has been asked before."""
        place = find_place(
            workspace,
            segment_id,
            limit=asked.limit,
            cursor=asked.cursor,
            fields=read_fields(asked.fields),
            held_out=asked.include is Include.HOLDOUT,
            channel=asked.channel,
        )
        now = moment(workspace)
        if now is None:
            return answer(headers, *_tagged(workspace, place, asked))
        version = place.version
        key = (segment_id, version.version, place.offset, replace(asked, cursor=None), now)
        return answer(headers, *self._kept.get(key, lambda: _tagged(workspace, place, asked)))


def _tagged(workspace: Workspace, place: Place, asked: Asked) -> tuple[str, bytes]:
    page = page_at(workspace, place)
    path = f"/api/v1/segments/{place.version.segment_id}/customers"
    body = page_json(page, next_link(path, asked, page.next_cursor))
    return tag_of(body), body


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
    stated = orjson.dumps({"channel": pull.channel, "excluded": dict(pull.excluded)})
    head = _head(_Known(pull.version))[:-1] + b"," + stated[1:]
    return _spliced(head, b"customer_profiles", pull.members_json, following)


@dataclass(frozen=True)
class _Known:
    """A version that was parsed once, told from others by identity: to compare all that it says
    would take longer than to write it."""

    version: SegmentVersion

    def __hash__(self) -> int:
        return hash(self.version.members_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.version is other.version


@lru_cache(maxsize=256)
def _head(known: _Known) -> bytes:
    """What every page of a version says of it."""
    version = known.version
    return orjson.dumps(
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
        }
    )


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


def answer(headers: Headers, tag: str, body: bytes) -> Response:
    """The body with its entity tag, or 304 for who has it already by the request's headers."""
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
