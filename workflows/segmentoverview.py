"""Every segment at a glance: its current version, its sizes so far, and the campaign that runs."""

from __future__ import annotations

from dataclasses import dataclass

from domain.activation import Activation
from domain.segment import SegmentVersion
from storage import activations, segments
from workflows.workspace import Workspace


@dataclass(frozen=True)
class SegmentOverview:
    """`sizes` are those of all versions, the oldest first; `running` is the campaign that runs now,
    `campaigns` counts all there ever were."""

    version: SegmentVersion
    sizes: tuple[int, ...]
    running: Activation | None
    campaigns: int
    archived: bool


def overview_segments(workspace: Workspace, *, archived: bool = False) -> list[SegmentOverview]:
    """Segments in use, or those that were archived, the newest first."""
    now = workspace.now()
    with workspace.control.read() as session:
        begun: dict[str, list[Activation]] = {}
        for one in activations.listed(session, None):
            begun.setdefault(one.segment_id, []).append(one)
        return [
            SegmentOverview(
                version,
                tuple(one.size for one in reversed(segments.versions(session, version.segment_id))),
                next(
                    (
                        one
                        for one in begun.get(version.segment_id, [])
                        if activations.is_running(one, now)
                    ),
                    None,
                ),
                len(begun.get(version.segment_id, [])),
                archived,
            )
            for version in segments.listed(session, archived=archived)
        ]
