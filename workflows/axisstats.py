"""What is known of the axes, in a form that doors can print: descriptions, counts, schedules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.csv as pacsv

from clustering.axes import AXES
from clustering.axis_model import FittedAxis
from storage import definitions
from workflows.axes import current_axes, current_memberships, require_axes, segment_counts
from workflows.axismoves import MOVES
from workflows.workspace import Workspace


@dataclass(frozen=True)
class AxisStats:
    """The newest assignment: `counts` of customers by axis and segment, of all `customers`."""

    version: int
    clustered_at: datetime
    as_of: datetime
    customers: int
    axes: tuple[FittedAxis, ...]
    counts: dict[str, dict[str, int]]


def axes_stats(workspace: Workspace) -> AxisStats:
    """Raises `NoCentroids` before the first clustering."""
    version, fitted = require_axes(workspace)
    memberships = current_memberships(workspace)
    return AxisStats(
        version.version,
        version.created_at,
        datetime.fromisoformat(memberships.meta["as_of"]),
        memberships.rows,
        fitted,
        segment_counts(memberships),
    )


@dataclass(frozen=True)
class AxisDescription:
    """An axis, and what the newest clustering found on it (None before the first)."""

    name: str
    family: str
    description: str
    features: tuple[str, ...]
    needs: str
    found: FittedAxis | None


def describe_axes(workspace: Workspace) -> tuple[int | None, tuple[AxisDescription, ...]]:
    """The version, None before the first clustering, and every axis."""
    current = current_axes(workspace)
    found = {} if current is None else {axis.axis: axis for axis in current[1]}
    described = tuple(
        AxisDescription(
            name,
            axis.family.value,
            axis.description,
            tuple(feature.label for feature in axis.features),
            axis.least,
            found.get(name),
        )
        for name, axis in AXES.items()
    )
    return (None if current is None else current[0].version), described


def moved_customers(workspace: Workspace) -> pa.Table:
    """Who moved at the newest assignment: `customer_id`, `axis`, `before`, `after`; no rows where
    nobody did, or where it was the first."""
    with workspace.control.read() as session:
        identity = definitions.current(session).get(MOVES)
    empty = pa.table({name: pa.array([], pa.string()) for name in _MOVE_COLUMNS})
    if identity is None:
        return empty
    moved = workspace.snapshots.open(identity).table()
    return moved if moved.num_rows else empty


def moved_csv(workspace: Workspace) -> bytes:
    """The same as CSV."""
    stream = pa.BufferOutputStream()
    pacsv.write_csv(moved_customers(workspace), stream)
    return bytes(stream.getvalue())


_MOVE_COLUMNS = ("customer_id", "axis", "before", "after")
