"""A workspace's raw tables as files, as a worker on any machine can be handed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from profiles.contract import RAW_TABLES


@dataclass(frozen=True)
class RawTables:
    """The raw tables of a workspace as files: the global ones, and the others by bucket."""

    shared: Mapping[str, Path]
    by_bucket: Mapping[int, Mapping[str, Path]]

    def of(self, bucket: int) -> dict[str, Path | pa.Table]:
        """What a profile of this bucket's customers is made from. A table that the workspace has
        but this bucket holds no row of is empty, which is not the same as missing: nobody there
        did anything, and that is known."""
        own: dict[str, Path | pa.Table] = {**self.shared, **self.by_bucket[bucket]}
        return {name: own.get(name, RAW_TABLES[name].empty()) for name in sorted(self.names)}

    @property
    def buckets(self) -> list[int]:
        return sorted(self.by_bucket)

    @property
    def names(self) -> set[str]:
        return {*self.shared, *(name for files in self.by_bucket.values() for name in files)}
