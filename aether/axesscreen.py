"""What people see of the behavioural axes in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aether.screen import columns, console, line

if TYPE_CHECKING:
    from clustering.axis_model import FittedAxis
    from storage.schedules import Schedule
    from workflows.axes import AxesDone
    from workflows.axisassign import Placements
    from workflows.axisstats import AxisStats


def done(made: AxesDone) -> None:
    """What a clustering or a re-assignment led to, and who moved."""
    line(
        f"Placed {made.customers:,} customers as of {made.as_of:%Y-%m-%d %H:%M}, "
        f"version {made.version}."
    )
    _axes(made.axes, made.counts)
    for axis, kept in made.kept.items():
        for before, after in kept.items():
            if before != after:
                line(f"{axis}: {before} of the version before is {after or 'gone'}.")
    if made.moves.snapshot_id is None:
        return
    line(f"{made.moves.total:,} moves from one segment to another.")
    table = columns("axis", "from", "to", "customers")
    for axis, pairs in made.moves.counts.items():
        for (before, after), count in sorted(pairs.items(), key=lambda pair: -pair[1]):
            table.add_row(axis, before, after, f"{count:,}")
    if made.moves.counts:
        console.print(table)


def stats(known: AxisStats) -> None:
    """Every axis and its segments today."""
    line(
        f"Version {known.version}, clustered {known.clustered_at:%Y-%m-%d %H:%M}; "
        f"{known.customers:,} customers placed as of {known.as_of:%Y-%m-%d %H:%M}."
    )
    _axes(known.axes, known.counts)


def placements(placed: Placements) -> None:
    """One customer's place on every axis."""
    table = columns("axis", "segment", "strength", "")
    for one in placed.axes:
        others = ", ".join(
            f"{name} {strength:.2f}"
            for name, strength in one.strengths.items()
            if name != one.segment and strength >= 0.01
        )
        strength = "" if one.strength is None else f"{one.strength:.2f}"
        table.add_row(one.axis, one.segment or "none", strength, one.reason or others)
    for column in table.columns[:2]:
        column.no_wrap = True
    console.print(table)


def scheduled(schedule: Schedule, what: str) -> None:
    line(
        f"The server will {what} at {schedule.expression!r}, next on "
        f"{schedule.next_at:%Y-%m-%d %H:%M} UTC. `aether serve` must be running then."
    )


def _axes(axes: tuple[FittedAxis, ...], counts: Mapping[str, Mapping[str, int]]) -> None:
    table = columns("axis", "segment", "customers", "silhouette", "in one lump", "stability")
    for axis in axes:
        chosen = axis.chosen
        if chosen is None:
            continue
        measures = [f"{value:.2f}" for value in (chosen.silhouette, chosen.null, chosen.stability)]
        for place, segment in enumerate(axis.segments):
            table.add_row(
                axis.axis if place == 0 else "",
                segment.name,
                f"{counts[axis.axis].get(segment.name, 0):,}",
                *(measures if place == 0 else ("", "", "")),
            )
    for column in table.columns[:3]:
        column.no_wrap = True
    if table.rows:
        console.print(table)
    for axis in axes:
        for segment in axis.segments:
            line(f"{segment.name}: {segment.description}")
    for axis in axes:
        if axis.chosen is None:
            line(f"{axis.axis}: {axis.reason}")
