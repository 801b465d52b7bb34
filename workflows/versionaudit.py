"""The audit rows of segments: what a deed changed, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from domain.criteria import to_json
from domain.segment import SegmentVersion
from storage import audit
from storage.memberchanges import compare
from workflows.news import members_changed, version_created
from workflows.workspace import Workspace


def described(version: SegmentVersion) -> dict[str, Any]:
    """A version as the audit keeps it: who was meant, how many, by which model and data."""
    return {
        "version": version.version,
        "size": version.size,
        "held_out": version.held_out,
        "trigger": version.recommended_trigger,
        "criteria": to_json(version.criteria),
        "model": version.model_id,
        "profiles": version.profiles_id,
        "members": version.members_id,
    }


@dataclass(frozen=True)
class Moved:
    """How many customers are given out since a version who were not before, and the other way."""

    since: int
    added: int
    removed: int


def moved(workspace: Workspace, before: SegmentVersion, after: SegmentVersion) -> Moved:
    found = compare(workspace.snapshots, before.members_id, after.members_id, held_out=False)
    return Moved(before.version, int(found.added.sum()), len(found.removed))


def note_version(
    session: Session,
    action: str,
    version: SegmentVersion,
    *,
    actor: str,
    before: SegmentVersion | None = None,
    change: Moved | None = None,
    **more: Any,
) -> None:
    """A row on a new version that becomes current, and word of it to webhooks, in the transaction
    that makes it so."""
    audit.append(
        session,
        at=version.created_at,
        actor=actor,
        action=action,
        subject=version.segment_id,
        detail={
            "before": None if before is None else described(before),
            "after": described(version),
            **more,
        },
    )
    version_created(session, version)
    if change is not None and (change.added or change.removed):
        tell_moved(session, version, change)


def tell_moved(session: Session, version: SegmentVersion, change: Moved) -> None:
    members_changed(
        session, version, since=change.since, added=change.added, removed=change.removed
    )
