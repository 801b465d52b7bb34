"""Looks at the snapshots on disk for whatever no healthy workspace has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import AetherError
from storage.erasing import LEFTOVER
from storage.snapshots import MANIFEST, DamagedSnapshot, Snapshot, SnapshotStore


def unreferenced(store: SnapshotStore, kept: set[str]) -> list[Path]:
    """Finished folders that no row keeps: left by a process that died before its row, or of a
    version that was superseded."""
    return [
        folder
        for folder in sorted(store.root.glob("*/*"))
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in kept
    ]


def leftovers(store: SnapshotStore) -> list[Path]:
    """Files and folders that were being written when their process died."""
    return [*store.drafts(), *sorted(store.root.glob(f"*/*/{LEFTOVER}*"))]


def damage(store: SnapshotStore, identity: str, *, deep: bool, erasing: bool) -> str | None:
    """What is wrong with a snapshot, in words; None where nothing is. `deep` reads every value, not
    only the footers. While an erasure is under way (`erasing`) a file may have fewer rows than the
    manifest says; the rest of that work corrects it."""
    try:
        snapshot = store.open(identity)
        rows = _rows(snapshot, deep)
        if rows > snapshot.rows or (rows < snapshot.rows and not erasing):
            return f"It has {rows:,} rows, and {MANIFEST} says {snapshot.rows:,}."
    except AetherError as error:
        return error.message
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        return f"It can't be read: {str(error).splitlines()[0]}"
    return None


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _rows(snapshot: Snapshot, deep: bool) -> int:
    rows = 0
    for bucket, path in sorted(snapshot.files.items()):
        try:
            rows += pq.read_table(path).num_rows if deep else pq.read_metadata(path).num_rows
        except (OSError, pa.ArrowException) as error:
            raise DamagedSnapshot(f"Bucket {bucket} can't be read: {error}") from None
    return rows
