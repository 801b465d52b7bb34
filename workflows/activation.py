"""A pull: a page of a frozen version's members. No model, no scan and no LLM on this path."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from domain.errors import BadRequest
from domain.segment import SegmentVersion
from domain.triggers import Channel
from storage import segments
from workflows.suppression import counted, excluded
from workflows.workspace import Workspace

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000


@dataclass(frozen=True)
class Pull:
    """`members_json` is a JSON array of `domain.segment.Member`."""

    version: SegmentVersion
    members_json: bytes
    next_cursor: str | None
    channel: Channel | None
    excluded: Mapping[str, int]


def list_segments(workspace: Workspace) -> list[SegmentVersion]:
    """The current version of every segment, the newest first."""
    with workspace.control.read() as session:
        return segments.listed(session)


def show_segment(workspace: Workspace, segment_id: str) -> SegmentVersion:
    with workspace.control.read() as session:
        return segments.get(session, segment_id)


def pull(
    workspace: Workspace,
    segment_id: str,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    channel: Channel | None = None,
) -> Pull:
    """One page, less those who are not to be sent to now on a channel, the objective's own unless
    another is named; they are counted by reason.

    A cursor is bound to the version it began with, so that a refresh in between neither skips nor
    repeats anyone, and it is signed, so that nobody can make one up."""
    if not 1 <= limit <= MAX_LIMIT:
        raise BadRequest(
            f"limit is {limit}, which is not between 1 and {MAX_LIMIT}.", field="limit"
        )
    secret = workspace.settings.secret
    number, offset = (None, 0) if cursor is None else _read_cursor(cursor, segment_id, secret)
    with workspace.control.read() as session:
        version = segments.get(session, segment_id, number)
    page = workspace.members.page(version.members_id, offset, limit)
    following = (
        None
        if page.next_offset is None
        else _make_cursor(segment_id, version.version, page.next_offset, secret)
    )
    channel = channel or version.objective.channel
    members = orjson.loads(page.json)
    reasons = excluded(workspace, [one["customer_id"] for one in members], channel)
    given = page.json
    if reasons:
        given = orjson.dumps([one for one in members if one["customer_id"] not in reasons])
    return Pull(version, given, following, channel, counted(reasons.values()))


def is_ready(workspace: Workspace) -> bool:
    """Whether both stores answer."""
    return workspace.control.answers() and workspace.snapshots.root.is_dir()


def _make_cursor(segment_id: str, version: int, offset: int, secret: str) -> str:
    body = json.dumps([segment_id, version, offset], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(body, secret) + body).decode().rstrip("=")


def _read_cursor(cursor: str, segment_id: str, secret: str) -> tuple[int, int]:
    wrong = BadRequest(
        "The cursor is not one of this segment.",
        remedy="Use `links.next` of the page before, or start without a cursor.",
        field="cursor",
    )
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    signature, body = raw[:16], raw[16:]
    if not hmac.compare_digest(signature, _sign(body, secret)):
        raise wrong
    segment, version, offset = json.loads(body)
    if segment != segment_id:
        raise wrong
    return int(version), int(offset)


def _sign(body: bytes, secret: str) -> bytes:
    return hmac.new(b"cursor:" + secret.encode(), body, hashlib.sha256).digest()[:16]
