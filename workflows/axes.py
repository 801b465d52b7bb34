"""The behavioural axes of all customers: clustered anew, or re-assigned with today's data.

Raw tables -> features of each axis (a bucket at a time) -> one clustering an axis, on everybody ->
a snapshot of memberships. A clustering is a new version; a re-assignment keeps the centroids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from clustering.axes import AXES
from clustering.axis_model import FittedAxis, Standing
from domain.customer import AXIS
from domain.errors import Conflict, NotFound
from profiles.axes.build import axis_features
from storage import audit, definitions
from storage import axes as versions
from storage.axes import AxisVersion
from storage.snapshots import Snapshot
from workflows.axisfitting import fit_axes, segment_map
from workflows.axismoves import MOVES, Moves, moves_between
from workflows.axisplaces import FEATURES, place_bucket
from workflows.engine import Engine, InProcess, map_buckets
from workflows.profiling import newest_moment, raw_tables
from workflows.rawfiles import RawTables
from workflows.workspace import MEMBERSHIPS, Workspace

Progress = Callable[[float, str], None]


class NoCentroids(Conflict):
    """The axes have not been clustered yet, so nobody can be placed."""

    def __init__(self) -> None:
        super().__init__(
            "There are no centroids yet.",
            remedy="Run `aether axes cluster` once; then customers can be placed.",
        )


@dataclass(frozen=True)
class AxesDone:
    """What a clustering or a re-assignment led to. `kept` maps, by axis, each segment of the
    version before to the one that is mostly the same customers now, None where there is none."""

    version: int
    as_of: datetime
    customers: int
    axes: tuple[FittedAxis, ...]
    counts: Mapping[str, Mapping[str, int]]
    moves: Moves
    kept: Mapping[str, Mapping[str, str | None]]


def cluster_axes(
    workspace: Workspace,
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    engine: Engine | None = None,
    threads: int = 2,
    progress: Progress = lambda share, message: None,
    actor: str = "cli",
) -> AxesDone:
    """Cluster every axis on all customers as of a time (the newest of the data without one), as a
    new version; segments that mostly hold the customers of an older one keep its name."""
    tables, moment = _sources(workspace, as_of)
    features = _write_features(workspace, tables, moment, engine or InProcess(), progress)
    old = _memberships(workspace)
    before = current_axes(workspace)
    fitted = fit_axes(features, old, before, seed, threads, progress)
    drafted = workspace.snapshots.draft(MEMBERSHIPS, meta={"as_of": moment.isoformat()})
    with drafted as draft:
        for bucket in sorted(features.files):
            table = features.read(bucket)
            assert table is not None
            draft.add(bucket, place_bucket(fitted, table))
        placed = draft.finish()
    moves = moves_between(workspace, old, placed)
    kept = {axis.axis: segment_map(before, axis, old, placed) for axis in fitted}
    assigned = [axis.axis for axis in fitted if axis.standing is Standing.SEGMENTS]
    payload = {
        "as_of": moment.isoformat(),
        "seed": seed,
        "axes": [axis.model_dump(mode="json") for axis in fitted],
        "kept": kept,
    }
    with workspace.control.write() as session:
        version = versions.add(session, workspace.now(), assigned, payload)
        definitions.put_current(session, FEATURES, features.id)
        _publish(workspace, session, actor, "cluster axes", version.version, placed, moves)
    progress(1.0, "done")
    return AxesDone(
        version.version, moment, placed.rows, fitted, segment_counts(placed), moves, kept
    )


def refresh_axes(
    workspace: Workspace,
    *,
    as_of: datetime | None = None,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
    actor: str = "cli",
) -> AxesDone:
    """Place everybody anew with today's data, by the centroids of the current version. Raises
    `NoCentroids` before the first clustering."""
    version, fitted = require_axes(workspace)
    tables, moment = _sources(workspace, as_of)
    old = _memberships(workspace)

    def done(ready: int, total: int) -> None:
        progress(0.95 * ready / total, f"placing customers, bucket {ready} of {total}")

    placed = place_everybody(
        workspace, tables, moment, fitted, version.version, engine=engine, done=done
    )
    moves = moves_between(workspace, old, placed)
    with workspace.control.write() as session:
        if versions.newest(session) != version.version:
            raise Conflict(
                "The axes were clustered anew while customers were being placed.",
                remedy="Run the refresh again.",
            )
        _publish(workspace, session, actor, "refresh axes", version.version, placed, moves)
    progress(1.0, "done")
    return AxesDone(version.version, moment, placed.rows, fitted, segment_counts(placed), moves, {})


def place_everybody(
    workspace: Workspace,
    tables: RawTables,
    as_of: datetime,
    fitted: Sequence[FittedAxis],
    version: int,
    *,
    engine: Engine | None = None,
    done: Callable[[int, int], None] = lambda ready, total: None,
) -> Snapshot:
    """Everybody's memberships as of a time, written but not yet current."""
    texts = tuple(axis.model_dump_json() for axis in fitted)
    one = partial(_place_bucket, tables, as_of, texts)
    meta = {"as_of": as_of.isoformat(), "version": version}
    with workspace.snapshots.draft(MEMBERSHIPS, meta=meta) as draft:
        for bucket, made in map_buckets(engine or InProcess(), one, tables.buckets, done):
            draft.add(bucket, made[MEMBERSHIPS])
        return draft.finish()


def current_axes(workspace: Workspace) -> tuple[AxisVersion, tuple[FittedAxis, ...]] | None:
    """The newest version and what it found on every axis; None before the first clustering."""
    with workspace.control.read() as session:
        version = versions.current(session)
    if version is None:
        return None
    return version, tuple(FittedAxis.model_validate(one) for one in version.payload["axes"])


def require_axes(workspace: Workspace) -> tuple[AxisVersion, tuple[FittedAxis, ...]]:
    """As `current_axes`; raises `NoCentroids` where there is none."""
    found = current_axes(workspace)
    if found is None:
        raise NoCentroids
    return found


def current_memberships(workspace: Workspace) -> Snapshot:
    """The newest memberships; raises `NoCentroids` where there are none."""
    found = _memberships(workspace)
    if found is None:
        raise NoCentroids
    return found


def segment_counts(memberships: Snapshot) -> dict[str, dict[str, int]]:
    """How many customers each segment of each axis holds; nobody's segments are left out."""
    counts: dict[str, dict[str, int]] = {}
    for axis in AXES:
        column = memberships.table([AXIS + axis]).column(AXIS + axis)
        counted = pc.value_counts(column.drop_null()).to_pylist()
        counts[axis] = {row["values"]: row["counts"] for row in counted}
    return counts


def _sources(workspace: Workspace, as_of: datetime | None) -> tuple[RawTables, datetime]:
    tables = raw_tables(workspace)
    if not tables.buckets:
        raise NotFound(
            "The workspace has no raw tables to compute the axes from.",
            remedy="Import orders, events or customers first.",
        )
    return tables, as_of or newest_moment(tables)


def _write_features(
    workspace: Workspace, tables: RawTables, moment: datetime, engine: Engine, progress: Progress
) -> Snapshot:
    def done(ready: int, total: int) -> None:
        progress(0.5 * ready / total, f"features, bucket {ready} of {total}")

    one = partial(_feature_bucket, tables, moment)
    with workspace.snapshots.draft(FEATURES, meta={"as_of": moment.isoformat()}) as draft:
        for bucket, made in map_buckets(engine, one, tables.buckets, done):
            draft.add(bucket, made[FEATURES])
        return draft.finish()


def _feature_bucket(tables: RawTables, as_of: datetime, bucket: int) -> dict[str, pa.Table]:
    return {FEATURES: axis_features(tables.of(bucket), as_of, threads=1)}


def _place_bucket(
    tables: RawTables, as_of: datetime, fitted: tuple[str, ...], bucket: int
) -> dict[str, pa.Table]:
    axes = [FittedAxis.model_validate_json(text) for text in fitted]
    return {MEMBERSHIPS: place_bucket(axes, axis_features(tables.of(bucket), as_of, threads=1))}


def _memberships(workspace: Workspace) -> Snapshot | None:
    with workspace.control.read() as session:
        identity = definitions.current(session).get(MEMBERSHIPS)
    return None if identity is None else workspace.snapshots.open(identity)


def _publish(
    workspace: Workspace,
    session: Session,
    actor: str,
    action: str,
    version: int,
    placed: Snapshot,
    moves: Moves,
) -> None:
    """Make memberships the current ones; their row is the caller's transaction."""
    definitions.put_current(session, MEMBERSHIPS, placed.id)
    if moves.snapshot_id is not None:
        definitions.put_current(session, MOVES, moves.snapshot_id)
    audit.append(
        session,
        at=workspace.now(),
        actor=actor,
        action=action,
        subject=placed.id,
        detail={
            "version": version,
            "as_of": placed.meta["as_of"],
            "customers": placed.rows,
            "moved": moves.total,
        },
    )
