"""A segment's life beside its refreshes: listed, shown, rolled back, archived."""

from __future__ import annotations

from domain.errors import Conflict
from domain.segment import SegmentVersion
from storage import activations, audit, segments
from storage.segments import SegmentState
from workflows.versionaudit import described, moved, tell_moved
from workflows.workspace import Workspace

__all__ = [
    "SegmentState",
    "archive_segment",
    "list_segments",
    "list_versions",
    "require_in_use",
    "rollback_segment",
    "show_segment",
    "state_of",
]


def list_segments(workspace: Workspace, *, archived: bool = False) -> list[SegmentVersion]:
    """The current version of every segment in use, or of every archived one, the newest first."""
    with workspace.control.read() as session:
        return segments.listed(session, archived=archived)


def show_segment(
    workspace: Workspace, segment_id: str, version: int | None = None
) -> SegmentVersion:
    """A version of a segment, the current one unless another is named."""
    with workspace.control.read() as session:
        return segments.get(session, segment_id, version)


def list_versions(workspace: Workspace, segment_id: str) -> list[SegmentVersion]:
    """Every version of a segment, the newest first."""
    with workspace.control.read() as session:
        return segments.versions(session, segment_id)


def state_of(workspace: Workspace, segment_id: str) -> SegmentState:
    with workspace.control.read() as session:
        return segments.state(session, segment_id)


def rollback_segment(
    workspace: Workspace, segment_id: str, version: int | None = None, *, actor: str = "cli"
) -> tuple[SegmentVersion, SegmentVersion]:
    """Make an older version current, the one before the current without a number; gives it and
    the version it replaces, which stays. The next refresh has a number of its own."""
    with workspace.control.write() as session:
        state = segments.state(session, segment_id, lock=True)
        require_in_use(state)
        replaced = segments.get(session, segment_id)
        if version is None:
            known = [v.version for v in segments.versions(session, segment_id)]
            older = [number for number in known if number < state.current_version]
            if not older:
                raise Conflict(
                    f"Segment {segment_id} has no version before {state.current_version}.",
                    remedy="Name one: " + ", ".join(map(str, reversed(known))) + ".",
                    field="version",
                )
            version = older[0]
        if version == state.current_version:
            raise Conflict(
                f"Version {version} of segment {segment_id} is the current one already.",
                remedy="Name another version.",
                field="version",
            )
        chosen = segments.get(session, segment_id, version)
        told = chosen.model_copy(update={"created_at": workspace.now()})
        tell_moved(session, told, moved(workspace, replaced, chosen))
        running = activations.running(session, segment_id, workspace.now())
        if running is not None and version < running.version:
            raise Conflict(
                f"The campaign {running.campaign_id} runs on this segment since version "
                f"{running.version}, and version {version} would address its control group.",
                remedy="End the campaign first, or name a version since it began.",
                field="version",
            )
        segments.make_current(session, segment_id, version)
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="segment.rollback",
            subject=segment_id,
            detail={"before": described(replaced), "after": described(chosen)},
        )
    return chosen, replaced


def archive_segment(
    workspace: Workspace, segment_id: str, *, undo: bool = False, actor: str = "cli"
) -> SegmentState:
    """Take a segment out of use, or with `undo` back into it: archived, it is neither listed nor
    pulled, and nothing of it is lost."""
    now = workspace.now()
    with workspace.control.write() as session:
        before = segments.state(session, segment_id, lock=True)
        if (before.archived_at is None) is not undo:
            segments.archive(session, segment_id, None if undo else now)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="segment.restore" if undo else "segment.archive",
                subject=segment_id,
                detail={"before": {"archived": undo}, "after": {"archived": not undo}},
            )
        return segments.state(session, segment_id)


def require_in_use(state: SegmentState) -> None:
    """Raises Conflict for an archived segment."""
    if state.archived_at is not None:
        raise Conflict(
            f"Segment {state.segment_id} is archived since {state.archived_at:%Y-%m-%d}.",
            remedy=f"Bring it back first: `aether segments archive {state.segment_id} --undo`.",
        )
