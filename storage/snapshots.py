"""Immutable, versioned folders of Parquet, split into buckets by a hash of `customer_id`.

A snapshot is written to a temporary folder, synced, and renamed; only then may a row of the
control plane refer to it. A folder that no row refers to is swept.
"""

from __future__ import annotations

import errno
import io
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import NotFound, Unavailable

MANIFEST = "manifest.json"
_TEMPORARY = ".writing-"


class DamagedSnapshot(Unavailable):
    """A snapshot's files are not those its manifest lists."""


class DiskFull(Unavailable):
    """A snapshot could not be written for want of room; nothing of it is left."""


_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Snapshot:
    """One written folder. `files` maps a bucket to its Parquet file; an empty bucket has none."""

    id: str
    kind: str
    folder: Path
    rows: int
    files: Mapping[int, Path]
    meta: Mapping[str, Any]

    def paths(self) -> list[str]:
        """Every file, in the order of the buckets."""
        return [str(self.files[bucket]) for bucket in sorted(self.files)]

    def read(self, bucket: int, columns: list[str] | None = None) -> pa.Table | None:
        """One bucket's rows, sorted as written; None where the bucket is empty."""
        path = self.files.get(bucket)
        return None if path is None else self._table(path, columns)

    def table_schema(self) -> pa.Schema:
        """The columns of the first file; none where every bucket is empty."""
        first = min(self.files, default=None)
        return pa.schema([]) if first is None else pq.read_schema(self.files[first])

    def table(self, columns: list[str] | None = None) -> pa.Table:
        """All buckets as one table."""
        parts = [self._table(self.files[b], columns) for b in sorted(self.files)]
        return pa.concat_tables(parts, promote_options="permissive") if parts else pa.table({})

    def _table(self, path: Path, columns: list[str] | None) -> pa.Table:
        try:
            return pq.read_table(path, columns=columns)
        except (OSError, pa.ArrowInvalid) as error:
            raise DamagedSnapshot(
                f"{path.name} of snapshot {self.id} can't be read: {str(error).splitlines()[0]}",
                remedy="See `aether doctor`; restore a backup, or import and train again.",
            ) from None


@dataclass(frozen=True)
class Encoded:
    """A table as Parquet, so that whoever made it did the encoding."""

    parquet: bytes
    rows: int


def encode(table: pa.Table, rows_a_group: int | None = None) -> Encoded:
    """`rows_a_group` is for tables that are read in parts."""
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", row_group_size=rows_a_group)
    return Encoded(stream.getvalue(), table.num_rows)


def decode(encoded: Encoded) -> pa.Table:
    """The table again."""
    return pq.read_table(io.BytesIO(encoded.parquet))


class Draft:
    """A snapshot being written. Left without `finish`, by an error or on purpose, it is gone."""

    def __init__(
        self,
        store: SnapshotStore,
        kind: str,
        identity: str,
        meta: Mapping[str, Any],
        base: Snapshot | None,
    ) -> None:
        self._store, self._kind, self._identity = store, kind, identity
        self._meta, self._base = dict(meta), base
        self._final = store.root / kind / identity
        self._temporary = store.root / kind / (_TEMPORARY + identity)
        self._counts: dict[int, int] = {}

    def __enter__(self) -> Self:
        self._temporary.mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._temporary, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise DiskFull(
                f"There is no room left to write {self._kind} at {self._final.parent}.",
                remedy="Make room and try again; what was current still is.",
            ) from error

    def add(self, bucket: int, table: pa.Table | Encoded) -> None:
        """One bucket's rows, as a table or as Parquet that was encoded elsewhere."""
        encoded = table if isinstance(table, Encoded) else encode(table)
        self._counts[bucket] = encoded.rows
        if encoded.rows:
            write_synced(encoded.parquet, self._temporary / _name(bucket))

    def finish(self) -> Snapshot:
        """Sync, name, and open it."""
        for bucket, path in (self._base.files if self._base else {}).items():
            if bucket not in self._counts:
                self._counts[bucket] = pq.read_metadata(path).num_rows
                _link(path, self._temporary / _name(bucket))
        kept = {bucket: rows for bucket, rows in sorted(self._counts.items()) if rows}
        manifest = {
            "id": self._identity,
            "kind": self._kind,
            "rows": sum(kept.values()),
            "buckets": {str(bucket): rows for bucket, rows in kept.items()},
            "meta": self._meta,
        }
        _write_text_synced(self._temporary / MANIFEST, json.dumps(manifest, indent=1))
        sync_folder(self._temporary)
        self._temporary.rename(self._final)
        sync_folder(self._final.parent)
        return self._store.open(self._identity)


class SnapshotStore:
    """The snapshots below one folder, laid out as `kind/id/bucket-0000.parquet`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def draft(
        self, kind: str, *, meta: Mapping[str, Any] | None = None, base: Snapshot | None = None
    ) -> Draft:
        """A snapshot in the making, for those who write several at once, a bucket at a time."""
        identity = f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        return Draft(self, kind, identity, meta or {}, base)

    def write(
        self,
        kind: str,
        buckets: Iterable[tuple[int, pa.Table]],
        *,
        meta: Mapping[str, Any] | None = None,
        base: Snapshot | None = None,
    ) -> Snapshot:
        """Write a snapshot whole, or leave nothing.

        With `base`, buckets that are not given are taken over from it (as hard links, so an
        upsert of a few customers costs what those buckets cost).
        """
        with self.draft(kind, meta=meta, base=base) as draft:
            for bucket, table in buckets:
                draft.add(bucket, table)
            return draft.finish()

    def open(self, identity: str) -> Snapshot:
        kind = identity.split("-", 1)[0]
        folder = self.root / kind / identity
        if not _is_plain(identity) or not (folder / MANIFEST).is_file():
            raise NotFound(f"There is no snapshot {identity!r}.")
        manifest = json.loads((folder / MANIFEST).read_text())
        files = {int(bucket): folder / _name(int(bucket)) for bucket in manifest["buckets"]}
        missing = [path.name for path in files.values() if not path.is_file()]
        if missing:
            raise DamagedSnapshot(
                f"Snapshot {identity} lacks {', '.join(missing)}.",
                remedy="Restore the workspace's folder from a copy, or import and train again.",
            )
        return Snapshot(
            identity, manifest["kind"], folder, manifest["rows"], files, manifest["meta"]
        )

    def drafts(self) -> list[Path]:
        """Folders that are being written, or were left by a process that died."""
        return sorted(self.root.glob(f"*/{_TEMPORARY}*"))


def _name(bucket: int) -> str:
    return f"bucket-{bucket:04d}.parquet"


def _is_plain(identity: str) -> bool:
    return all(part.replace("_", "").isalnum() for part in identity.split("-"))


def write_synced(content: bytes, path: Path) -> None:
    """Write a file so that a power cut can't take it back."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _write_text_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """So that a power cut can't take back what was renamed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)
