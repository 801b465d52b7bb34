"""What people see of segments in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from aether.screen import columns, console, line, rule

if TYPE_CHECKING:
    from domain.segment import SegmentVersion
    from domain.segmentdiff import SegmentDiff
    from storage.segments import SegmentState


def segments(listed: Sequence[SegmentVersion]) -> None:
    if not listed:
        line("There are none.")
        return
    table = columns("id", "version", "name", "customers", "trigger", "made")
    for one in listed:
        table.add_row(
            one.segment_id,
            str(one.version),
            Text(one.name),
            f"{one.size:,}",
            one.recommended_trigger,
            f"{one.created_at:%Y-%m-%d %H:%M}",
        )
    console.print(table)


def segment(shown: SegmentVersion, versions: Sequence[SegmentVersion], state: SegmentState) -> None:
    """One version with its reasons, and the segment's versions beneath."""
    console.print(Text(f"{shown.segment_id}  {shown.name}", style="bold"), soft_wrap=True)
    if state.archived_at is not None:
        line(f"  Archived since {state.archived_at:%Y-%m-%d}.")
    made(shown)
    table = columns("version", "", "customers", "model", "made")
    for one in versions:
        current = "current" if one.version == state.current_version else ""
        table.add_row(
            str(one.version),
            current,
            f"{one.size:,}",
            one.model_id,
            f"{one.created_at:%Y-%m-%d %H:%M}",
        )
    console.print(table)


def made(version: SegmentVersion) -> None:
    """Who is in a version, and why."""
    line(f"{version.segment_id} version {version.version}: {version.recommended_trigger}")
    line(f"  {version.size:,} customers: {version.criteria_text}")
    if version.held_out:
        line(f"  {version.held_out:,} of them are held out at random, and left out of pulls.")
    if version.cut:
        line(f"  Kept: {version.cut}.")
    line(f"  {version.explanation.text}")
    if version.rule is not None:
        rule(version.rule)


def difference(found: SegmentDiff) -> None:
    """Who entered and left, and what else differs."""
    line(
        f"{found.segment_id}, version {found.before} to {found.after}: {found.size_before:,} "
        f"customers then, {found.size_after:,} now; {found.entered:,} entered, {found.left:,} "
        f"left, {found.stayed:,} stayed."
    )
    for change in found.changed:
        line(f"  {change.what}: {change.before} -> {change.after}")
    if not found.changed:
        line("  Nothing else differs.")
