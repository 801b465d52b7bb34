"""A workspace's raw tables as files, as a worker on any machine can be handed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RawTables:
    """The raw tables of a workspace as files: the global ones, and the others by bucket."""

    shared: Mapping[str, Path]
    by_bucket: Mapping[int, Mapping[str, Path]]

    def of(self, bucket: int) -> dict[str, Path]:
        """What a profile of this bucket's customers is made from."""
        return {**self.shared, **self.by_bucket[bucket]}

    @property
    def buckets(self) -> list[int]:
        return sorted(self.by_bucket)

    @property
    def names(self) -> set[str]:
        return {*self.shared, *(name for files in self.by_bucket.values() for name in files)}
