"""Where a training's rows are read: the buckets of campaigns' exposures, and of profiles as of each
campaign's start. One process reads them all; a worker of a cluster reads its own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.customer import Field, FieldType
from domain.errors import NoEvidence
from storage.snapshots import Snapshot
from uplift.dataset import FloatArray, IntArray

REPORTING_SHARE = 0.3


@dataclass(frozen=True)
class Assigned:
    """What is known of n exposures beside the customers' features.

    `arm` (n,) are places among the arms; `propensity` (n, arms), 0 for an arm that was not on
    offer, has no rows where it is not known; `unit` (n,) is the household, or the customer where
    none is known, as `in_household` (n,) says; `campaign` (n,) numbers the campaigns; `reporting`
    (n,) says which rows may only be reported on.
    """

    arm: IntArray
    outcome: FloatArray
    propensity: FloatArray
    customer_id: NDArray[Any]
    unit: NDArray[Any]
    in_household: NDArray[np.bool_]
    campaign: IntArray
    reporting: NDArray[np.bool_]

    @classmethod
    def joined(cls, parts: Sequence[Assigned]) -> Assigned:
        """Parts of the rows, one after the other."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Sources:
    """The exposures of campaigns, the oldest first, and beside each the profiles as of its start;
    `known` are the fields that the workspace knows, and `arms` those of all the campaigns."""

    exposures: tuple[Snapshot, ...]
    profiles: tuple[Snapshot, ...]
    known: tuple[Field, ...]
    outcome: str
    arms: tuple[str, ...]
    propensities_known: bool
    salt: str

    @property
    def buckets(self) -> list[int]:
        """Every bucket with rows: that has exposures of a campaign and profiles for it."""
        pairs = zip(self.exposures, self.profiles, strict=True)
        return sorted(set[int]().union(*(set(e.files) & set(p.files) for e, p in pairs)))

    def of(self, buckets: Collection[int]) -> Self:
        """Some buckets only."""

        def part(snapshot: Snapshot) -> Snapshot:
            files = {bucket: path for bucket, path in snapshot.files.items() if bucket in buckets}
            return replace(snapshot, files=files)

        return replace(
            self,
            exposures=tuple(part(one) for one in self.exposures),
            profiles=tuple(part(one) for one in self.profiles),
        )

    def read(self) -> tuple[Assigned, pa.Table]:
        """The exposures of customers with a profile, campaign after campaign and sorted by customer
        in each, and row by row the profiles without their nested fields."""
        nested = {field.name for field in self.known if field.type is FieldType.NESTED}
        assigned, profiles = [], []
        for number, (exposed, then) in enumerate(zip(self.exposures, self.profiles, strict=True)):
            if not exposed.files or not then.files:
                continue
            people = then.table()
            rows = exposed.table().sort_by("customer_id")
            place = pc.index_in(
                rows.column("customer_id"), people.column("customer_id").combine_chunks()
            )
            flat = [name for name in people.column_names if name not in nested]
            assigned.append(self._assigned(rows.filter(pc.is_valid(place)), number))
            profiles.append(people.select(flat).take(place.drop_null()))
        if not assigned:
            raise NoEvidence(
                "No customer of the campaigns has a profile.",
                remedy="Import what is known of them: orders, events or customers.",
            )
        return Assigned.joined(assigned), pa.concat_tables(profiles, promote_options="permissive")

    def _assigned(self, rows: pa.Table, campaign: int) -> Assigned:
        n = rows.num_rows
        customer, household = rows.column("customer_id"), rows.column("cluster_id")
        unit = _texts(pc.coalesce(household, customer))
        chances = np.empty((0, len(self.arms)))
        if self.propensities_known:
            chances = np.nan_to_num(map_values(rows.column("propensities"), self.arms))
        arm = pc.index_in(rows.column("trigger"), pa.array(self.arms))
        return Assigned(
            arm.to_numpy().astype(np.int64),
            map_values(rows.column("outcomes"), (self.outcome,))[:, 0],
            chances,
            _texts(customer),
            unit,
            household.is_valid().to_numpy(),
            np.full(n, campaign),
            np.fromiter((is_reporting(self.salt, one) for one in unit), bool, n),
        )


def is_reporting(salt: str, unit: str) -> bool:
    """Whether a customer (or household) belongs to the 30 % that are only reported on."""
    digest = hashlib.blake2b(unit.encode(), digest_size=8, key=salt.encode()[:64]).digest()
    return int.from_bytes(digest, "little") / 2**64 < REPORTING_SHARE


def map_values(column: pa.ChunkedArray, keys: tuple[str, ...]) -> NDArray[np.float64]:
    """A map column as a matrix (n, keys); NaN where a row lacks a key."""
    found = [pc.map_lookup(column, pa.scalar(key), "first") for key in keys]
    return np.column_stack([f.to_numpy(zero_copy_only=False).astype(np.float64) for f in found])


def _texts(column: pa.ChunkedArray) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(str)
