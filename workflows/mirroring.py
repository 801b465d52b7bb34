"""What a platform that mirrors a version must do to mirror the current one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.segment import SegmentVersion
from domain.suppression import Exclusion
from domain.triggers import Channel
from storage import suppressions
from storage.memberforms import removal
from storage.memberjson import Texts
from storage.members import Page
from workflows.cursors import make_cursor, read_cursor
from workflows.pulling import DEFAULT_LIMIT, require_limit, version_to_pull
from workflows.suppression import counted, excluded
from workflows.workspace import Workspace

SCANNED = 20_000
"""So many members are looked through for those not to be sent to, in one page of changes."""


@dataclass(frozen=True)
class Changed:
    """One page of what changed since a version: `{"change": "added" | "changed" | "removed",
    "customer": ...}`, those to remove with their id alone: first who left, then, among those who
    are new or changed, and at last among all members, who is not to be sent to now, counted in
    `excluded` by reason, and who is again, since a suppression ended. To remove somebody twice, or
    to add somebody known, changes nothing."""

    version: SegmentVersion
    since: int
    page: Page
    next_cursor: str | None
    channel: Channel | None
    excluded: Mapping[str, int]


def changes_since(
    workspace: Workspace,
    segment_id: str,
    since: int,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    fields: tuple[str, ...] | None = None,
    held_out: bool = False,
    channel: Channel | None = None,
) -> Changed:
    """One page of what a platform that mirrors version `since` must do to mirror the current one,
    or the one that a cursor began with."""
    require_limit(limit)
    secret = workspace.settings.secret
    bound: list[str | int] = [segment_id, since]
    number, offset = (None, 0) if cursor is None else read_cursor("changes", cursor, bound, secret)
    old = workspace.versions.get(segment_id, since)
    version = version_to_pull(workspace, segment_id, number)
    on = channel or version.channel or version.objective.channel
    pair = (old.members_id, version.members_id)
    count = workspace.members.change_count(*pair, held_out=held_out)
    if offset < count:
        page = workspace.members.changes(*pair, offset, limit, fields=fields, held_out=held_out)
        reasons = excluded(workspace, page.ids, on)
        page = page.replaced({identity: removal(identity) for identity in reasons})
    else:
        fresh = _allowed_again(workspace, old)
        page, reasons = _standing(
            workspace,
            version,
            offset - count,
            limit,
            fields=fields,
            held_out=held_out,
            on=on,
            again=fresh,
        )
        if page.next_offset is not None:
            page = replace(page, next_offset=count + page.next_offset)
    following = page.next_offset
    if following is None and offset < count:
        following = count  # now those who did not change, but are not to be sent to
    text = None
    if following is not None:
        text = make_cursor("changes", [*bound, version.version, following], secret)
    return Changed(version, since, page, text, on, counted(reasons.values()))


def _allowed_again(workspace: Workspace, old: SegmentVersion) -> frozenset[str]:
    """Of whom a suppression ended after a mirror had a version."""
    with workspace.control.read() as session:
        return suppressions.lifted_since(session, old.created_at)


def _standing(
    workspace: Workspace,
    version: SegmentVersion,
    offset: int,
    limit: int,
    *,
    fields: tuple[str, ...] | None,
    held_out: bool,
    on: Channel | None,
    again: frozenset[str],
) -> tuple[Page, dict[str, Exclusion]]:
    """Up to `limit` members, from row `offset` on, who are not to be sent to now, as removals, and
    who may be sent to `again`, as added."""
    members, members_id = workspace.members, version.members_id
    ids = members.ids(members_id, offset, SCANNED, held_out=held_out)
    reasons = excluded(workspace, ids, on)
    told = [number for number, one in enumerate(ids) if one in reasons or one in again][:limit]
    after = offset + (told[-1] + 1 if len(told) == limit else len(ids))
    back = [number for number in told if ids[number] not in reasons]
    added = members.added(members_id, [offset + number for number in back], fields)
    texts = dict(zip(back, added, strict=True))
    ends = after >= members.size(members_id, held_out=held_out)
    page = Page(
        tuple(ids[number] for number in told),
        Texts.of([texts.get(number) or removal(ids[number]) for number in told]),
        None if ends else after,
    )
    return page, {one: reasons[one] for one in page.ids if one in reasons}
