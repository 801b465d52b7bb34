"""The files of frozen members as one sequence of row groups, each read by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from storage.membercolumns import COLUMNS, GIVEN_OUT, HELD_OUT
from storage.snapshots import Snapshot


class Parts:
    """A snapshot's files as one sequence of row groups, those held out last."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._paths: list[tuple[Path, int]] = []
        self._footers: dict[Path, pq.FileMetaData] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}
        counts: list[int] = []
        self._given_groups = 0
        for bucket in (GIVEN_OUT, HELD_OUT):
            path = snapshot.files.get(bucket)
            if path is not None:
                self._stamps[path] = _stamp(path)
                footer = self._footers[path] = pq.read_metadata(path)
                for number in range(footer.num_row_groups):
                    self._paths.append((path, number))
                    counts.append(footer.row_group(number).num_rows)
            if bucket == GIVEN_OUT:
                self._given_groups = len(counts)
        self._starts = [0, *accumulate(counts)]

    def groups(self, held_out: bool) -> int:
        return len(self._paths) if held_out else self._given_groups

    def size(self, held_out: bool) -> int:
        return self._starts[self.groups(held_out)]

    def place(self, row: int) -> tuple[int, int]:
        """The group that holds a row, and the group's first row."""
        group = int(np.searchsorted(self._starts, row, side="right")) - 1
        return group, self._starts[group]

    def read(self, number: int, names: Sequence[str] | None = None) -> pa.Table:
        """One group with all of `COLUMNS` or some; those that an older snapshot lacks are null."""
        path, place = self._paths[number]
        # An erasure writes a file anew in place: what is known of the old one leads astray in it.
        stamp = _stamp(path)
        if stamp != self._stamps[path]:
            self._footers[path], self._stamps[path] = pq.read_metadata(path), stamp
        file = pq.ParquetFile(path, metadata=self._footers[path], memory_map=True)
        known = set(file.schema_arrow.names)
        asked = COLUMNS if names is None else pa.schema([COLUMNS.field(name) for name in names])
        found = [name for name in asked.names if name in known]
        table = file.read_row_group(place, found, use_threads=False)
        for field in asked:
            if field.name not in known:
                table = table.append_column(field, pa.nulls(table.num_rows, field.type))
        return table.select(asked.names).cast(asked)


def _stamp(path: Path) -> tuple[int, int]:
    """Which file lies at a path."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns
