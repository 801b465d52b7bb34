"""What a model may learn from beside profiles: axis memberships, and clusters of kept discoveries.

Neither knows an outcome: centroids are found, and rules are grown, on what customers did. Each row
has them as of its own campaign's start, from nothing later; a customer of today as of today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from domain.clusters import PREFIX, ClusterField
from domain.customer import AXIS, Schema
from domain.errors import NoEvidence
from storage import axes as versions
from storage import definitions
from storage.matching import TableMatcher
from storage.models import ModelRecord
from storage.snapshots import Snapshot
from workflows.workspace import MEMBERSHIPS, Workspace

AXES, CLUSTERS = "axes", "clusters"
"""The blocks that a training tries."""


@dataclass(frozen=True)
class Covariates:
    """The features `names` that no profile holds: `axes` are the memberships of these customers,
    None where no axis is among the names, and `clusters` the kept discoveries' fields."""

    names: tuple[str, ...]
    axes: Snapshot | None
    clusters: tuple[ClusterField, ...]
    schema: Schema

    @property
    def axes_id(self) -> str | None:
        return None if self.axes is None else self.axes.id

    def columns(self, names: Iterable[str], held: Collection[str]) -> list[str]:
        """The columns of profiles, which hold these, that features of these names and the
        covariates are made of; the id first."""
        needed = [name for field in self.clusters for name in sorted(field.needs)]
        wanted = dict.fromkeys(["customer_id", *names, *needed])
        return [name for name in wanted if name in held]

    def beside(self, profiles: pa.Table, bucket: int, threads: int = 1) -> pa.Table:
        """A bucket's profiles with the covariates as columns; memberships are null for a customer
        who is not on the axes."""
        if self.clusters:
            profiles = with_clusters(profiles, self.clusters, self.schema, threads)
        wanted = [name for name in self.names if name.startswith(AXIS)]
        if self.axes is None or not wanted:
            return profiles
        known = self.axes.read(bucket, ["customer_id", *wanted])
        if known is None:
            known = self.axes.table_schema().empty_table()
        ids = known.column("customer_id").combine_chunks()
        place = pc.index_in(profiles.column("customer_id"), ids)
        for name in wanted:
            profiles = profiles.append_column(name, known.column(name).take(place))
        return profiles


def with_clusters(
    profiles: pa.Table, clusters: Iterable[ClusterField], schema: Schema, threads: int = 2
) -> pa.Table:
    """Profiles (n rows) with the clusters that their columns suffice for, by the one compiler of
    criteria."""
    there = [field for field in clusters if field.needs <= set(profiles.column_names)]
    if not there:
        return profiles
    needed = sorted(frozenset[str]().union(*(field.needs for field in there)))
    matcher = TableMatcher(profiles.select(needed), schema, threads)
    try:
        for field in there:
            profiles = profiles.append_column(field.name, matcher.values(field.name))
    finally:
        matcher.close()
    return profiles


def covariates_today(workspace: Workspace, names: Iterable[str]) -> Covariates:
    """The covariates among a model's features, of the customers of today."""
    with workspace.control.read() as session:
        identity = definitions.current_one(session, MEMBERSHIPS)
    axes = None if identity is None else workspace.snapshots.open(identity)
    return covariates_of(workspace.schema(), names, axes)


def covariates_of(schema: Schema, names: Iterable[str], axes: Snapshot | None) -> Covariates:
    """The covariates among a model's features, with these memberships."""
    used = tuple(name for name in names if name.startswith((AXIS, PREFIX)))
    clusters = tuple(field for name in used if isinstance(field := schema.get(name), ClusterField))
    by_axes = any(name.startswith(AXIS) for name in used)
    return Covariates(used, axes if by_axes else None, clusters, schema)


def require_same_axes(workspace: Workspace, record: ModelRecord) -> None:
    """Raise `NoEvidence` for a model that learned from axes that were clustered anew since: what
    its features mean is no more."""
    if not any(name.startswith(AXIS) for name in record.card["features"]):
        return
    then = workspace.snapshots.open(record.evidence_id).meta.get("axes_version")
    with workspace.control.read() as session:
        now = versions.newest(session)
    if then != now:
        raise NoEvidence(
            f"{record.id} learned from version {then} of the axes, and today's is {now}.",
            remedy="Run `aether train`.",
        )
