"""A pull: a page of a frozen version's members, or the whole of it. No model, no scan and no LLM on
this path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from domain.errors import BadRequest
from domain.segment import SegmentVersion
from domain.suppression import Exclusion
from domain.triggers import Channel
from storage.memberforms import FORMS, STREAMS
from storage.members import Page
from workflows.cursors import make_cursor, read_cursor
from workflows.segmentlife import require_in_use
from workflows.suppression import counted, excluded
from workflows.workspace import Workspace

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
FIELDS = tuple(FORMS)
"""What a member has, and so what `fields` may name."""


class Format(StrEnum):
    """How a whole segment is given out."""

    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Pull:
    """One page of a version; each member as `domain.segment.Member` describes one, or those of its
    fields that were asked for. `excluded` counts those of the page who are not to be sent to now on
    the channel, by reason."""

    version: SegmentVersion
    page: Page
    next_cursor: str | None
    channel: Channel | None
    excluded: Mapping[str, int]

    @property
    def members_json(self) -> bytes:
        """A JSON array."""
        return self.page.json


@dataclass(frozen=True)
class Whole:
    """A whole version as a file: `tag` names its content, `chunks` are its bytes, being read."""

    version: SegmentVersion
    media_type: str
    tag: str
    chunks: Iterator[bytes]
    channel: Channel | None
    excluded: Mapping[str, int]


def pull(
    workspace: Workspace,
    segment_id: str,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    fields: tuple[str, ...] | None = None,
    held_out: bool = False,
    channel: Channel | None = None,
) -> Pull:
    """One page, less those who are not to be sent to now on a channel: the campaign's or else the
    objective's own unless another is named. A cursor is bound to the version it began with, so that
    a refresh in between neither skips nor repeats anyone. With `held_out` those held out follow the
    others."""
    return page_at(
        workspace,
        find_place(
            workspace,
            segment_id,
            limit=limit,
            cursor=cursor,
            fields=fields,
            held_out=held_out,
            channel=channel,
        ),
    )


@dataclass(frozen=True)
class Place:
    """What a page holds, but for who is not to be sent to now: where in a version it begins, how
    many members it has, which of their fields, and on which channel they are to be sent to."""

    version: SegmentVersion
    offset: int
    limit: int
    fields: tuple[str, ...] | None
    held_out: bool
    channel: Channel | None


def find_place(
    workspace: Workspace,
    segment_id: str,
    *,
    limit: int,
    cursor: str | None,
    fields: tuple[str, ...] | None,
    held_out: bool,
    channel: Channel | None,
) -> Place:
    """Of the arguments of `pull`."""
    require_limit(limit)
    number, offset = None, 0
    if cursor is not None:
        secret = workspace.settings.secret
        number, offset = read_cursor("page", cursor, [segment_id], secret)
    version = version_to_pull(workspace, segment_id, number)
    on = channel or version.channel or version.objective.channel
    return Place(version, offset, limit, fields, held_out, on)


def page_at(workspace: Workspace, place: Place) -> Pull:
    """The page that lies at a place."""
    version = place.version
    page = workspace.members.page(
        version.members_id, place.offset, place.limit, fields=place.fields, held_out=place.held_out
    )
    following = None
    if page.next_offset is not None:
        bound: list[str | int] = [version.segment_id, version.version, page.next_offset]
        following = make_cursor("page", bound, workspace.settings.secret)
    reasons = excluded(workspace, page.ids, place.channel)
    return Pull(version, page.without(reasons), following, place.channel, counted(reasons.values()))


def whole(
    workspace: Workspace,
    segment_id: str,
    form: Format,
    *,
    fields: tuple[str, ...] | None = None,
    held_out: bool = False,
    channel: Channel | None = None,
) -> Whole:
    """The current version as one file, read a group of rows at a time while it is sent. Who is not
    to be sent to is looked up before it begins, so that it can be counted."""
    version = version_to_pull(workspace, segment_id, None)
    on = channel or version.channel or version.objective.channel
    wanted = tuple(name for name in FIELDS if fields is None or name in fields)
    media_type, chunks = STREAMS[form.value]
    reasons: dict[str, Exclusion] = {}
    given: list[pa.Array] = []
    for batch in workspace.members.batches(version.members_id, ["customer_id"], held_out=held_out):
        ids = batch.column("customer_id").to_pylist()
        found = excluded(workspace, ids, on)
        given.append(pa.array([one not in found for one in ids]))
        reasons |= found
    stated = (version.members_id, form, wanted, held_out, on, sorted(reasons))
    batches = workspace.members.batches(version.members_id, held_out=held_out)
    return Whole(
        version,
        media_type,
        tag_of(repr(stated).encode()),
        chunks((rows.filter(mask) for rows, mask in zip(batches, given, strict=True)), wanted),
        on,
        counted(reasons.values()),
    )


def tag_of(content: bytes) -> str:
    """An entity tag: the same for the same content alone."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def read_fields(text: str | None) -> tuple[str, ...] | None:
    """`fields=customer_id,uplift`: some of a member's fields, None for all of them."""
    if text is None:
        return None
    named = [name.strip() for name in text.split(",")]
    for name in named:
        if name not in FIELDS:
            raise BadRequest(
                f"A member has no field {name!r}.",
                remedy=f"It has {', '.join(FIELDS)}.",
                field="fields",
            )
    return tuple(name for name in FIELDS if name in named)


def version_to_pull(workspace: Workspace, segment_id: str, number: int | None) -> SegmentVersion:
    """The version of a walk; a new walk needs a segment in use."""
    if number is None:
        state = workspace.versions.state(segment_id)
        require_in_use(state)
        number = state.current_version
    return workspace.versions.get(segment_id, number)


def require_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise BadRequest(
            f"limit is {limit}, which is not between 1 and {MAX_LIMIT}.", field="limit"
        )
