"""Looks at the snapshots on disk, and at the control plane, for what no healthy workspace has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.errors import AetherError
from storage.erasing import LEFTOVER
from storage.jobs import JobState
from storage.snapshots import MANIFEST, DamagedSnapshot, Snapshot, SnapshotStore
from storage.tables import ErasureRow, JobRow, SegmentRow, SegmentVersionRow


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


def faults(session: Session) -> Iterator[tuple[str, str]]:
    """What is wrong in the control plane: the subject, and the fault in words."""
    if session.get_bind().dialect.name == "sqlite":
        verdict = session.scalar(text("PRAGMA integrity_check"))
        if verdict != "ok":
            yield "control.db", str(verdict)
    versions = set(session.execute(select(SegmentVersionRow.segment_id, SegmentVersionRow.version)))
    for row in session.scalars(select(SegmentRow)):
        if (row.id, row.current_version) not in versions:
            yield row.id, f"Its current version {row.current_version} is not there."
    unfinished = select(ErasureRow.job_id).join(JobRow, JobRow.id == ErasureRow.job_id)
    failed = unfinished.where(ErasureRow.done_at.is_(None), JobRow.state == JobState.FAILED)
    for job_id in session.scalars(failed):
        yield job_id, "An erasure failed; ask for it again: DELETE /api/v1/customers/{id}."


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
