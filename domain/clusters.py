"""Segments of a kept discovery as a field of criteria: `cluster.<name>`.

A kept discovery places a customer by the rules of its cards, today or as of any time whose profiles
are there. Nothing is stored of anybody: the rules are compiled where the field is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, field_serializer

from domain.criteria import Expression, conditions, to_json
from domain.customer import Field, FieldGroup, FieldType
from domain.errors import BadRequest

PREFIX = "cluster."
NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Cluster(BaseModel):
    """One segment and the criteria that place a customer there, also in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    criteria: Expression
    text: str

    @field_serializer("criteria")
    def _criteria(self, criteria: Expression) -> dict[str, object]:
        return to_json(criteria)


class Clustering(BaseModel):
    """A discovery that a person kept under a name, which never changes its meaning. A customer is
    in the first of its `clusters` whose criteria they meet, in none where they meet none.

    `agreement` is the share of the discovery's customers whom the rules place where the clustering
    had them (outliers: nowhere); None where the discovery kept no members. `counts` says how many
    of the `customers` each cluster held then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    discovery_id: str
    clusters: tuple[Cluster, ...]
    counts: dict[str, int]
    customers: int
    agreement: float | None
    kept_by: str
    kept_at: datetime

    @property
    def field(self) -> ClusterField:
        return ClusterField(
            name=PREFIX + self.name,
            type=FieldType.STRING,
            group=FieldGroup.CLUSTERS,
            label=self.name.replace("_", " "),
            clusters=self.clusters,
        )


class ClusterField(Field):
    """A field that is computed from others when it is asked for."""

    clusters: tuple[Cluster, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(cluster.name for cluster in self.clusters)

    @property
    def needs(self) -> frozenset[str]:
        """The fields that it is computed from."""
        return frozenset(
            condition.field
            for cluster in self.clusters
            for condition in conditions(cluster.criteria)
        )


def cluster_fields(kept: Iterable[Clustering]) -> tuple[ClusterField, ...]:
    return tuple(one.field for one in kept)


def checked_cluster_name(name: str) -> str:
    """A name as criteria can write it after `cluster.`; raises BadRequest for another."""
    if NAME_PATTERN.fullmatch(name) is None:
        raise BadRequest(
            f"A kept discovery can't be called {name!r}.",
            remedy="Use small letters, digits and underscores, such as best_customers.",
            field="name",
        )
    return name
