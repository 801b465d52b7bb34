"""Segments and their frozen versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.segment import SegmentVersion
from storage.control import Control
from storage.tables import SegmentRow, SegmentVersionRow

_STATE = "SELECT current_version, archived_at FROM segments WHERE id = :id"


@dataclass(frozen=True)
class SegmentState:
    """What changes of a segment while its versions stay as they are."""

    segment_id: str
    current_version: int
    archived_at: datetime | None


class VersionReader:
    """Reads versions for pulls: which one is current is asked each time, and a version, which never
    changes, is parsed once."""

    def __init__(self, control: Control, keep: int = 256) -> None:
        self._control = control
        self._get = lru_cache(keep)(self._read)

    def state(self, segment_id: str) -> SegmentState:
        """What `state` gives, in a fifth of its time."""
        row = self._control.row(_STATE, id=segment_id)
        if row is not None and row[1] is None:
            return SegmentState(segment_id, row[0], None)
        with self._control.read() as session:
            return state(session, segment_id)

    def get(self, segment_id: str, version: int) -> SegmentVersion:
        """What `get` gives."""
        return self._get(segment_id, version)

    def _read(self, segment_id: str, version: int) -> SegmentVersion:
        with self._control.read() as session:
            return get(session, segment_id, version)


def add_version(session: Session, version: SegmentVersion) -> None:
    """Keep a version and make it the segment's current one."""
    row = session.get(SegmentRow, version.segment_id)
    if row is None:
        row = SegmentRow(
            id=version.segment_id,
            created_at=version.created_at,
            current_version=version.version,
        )
        session.add(row)
    row.current_version = version.version
    session.add(
        SegmentVersionRow(
            segment_id=version.segment_id,
            version=version.version,
            members_id=version.members_id,
            created_at=version.created_at,
            payload=version.model_dump(mode="json", by_alias=True),
        )
    )
    session.flush()


def get(session: Session, segment_id: str, version: int | None = None) -> SegmentVersion:
    """One version, the current one unless another is named."""
    if version is None:
        version = state(session, segment_id).current_version
    found = session.get(SegmentVersionRow, (segment_id, version))
    if found is None:
        known = [str(one) for one in _numbers(session, segment_id)]
        if not known:
            raise _unknown(segment_id)
        raise NotFound(
            f"Segment {segment_id!r} has no version {version}.",
            remedy=f"It has {', '.join(known)}.",
            field="version",
        )
    return SegmentVersion.model_validate(found.payload)


def state(session: Session, segment_id: str, *, lock: bool = False) -> SegmentState:
    """A segment's state; with `lock` nobody else changes it before this transaction ends."""
    row = session.get(SegmentRow, segment_id, with_for_update=lock)
    if row is None:
        raise _unknown(segment_id)
    return SegmentState(row.id, row.current_version, row.archived_at)


def versions(session: Session, segment_id: str) -> list[SegmentVersion]:
    """Every version of a segment, the newest first."""
    query = (
        select(SegmentVersionRow)
        .where(SegmentVersionRow.segment_id == segment_id)
        .order_by(SegmentVersionRow.version.desc())
    )
    found = [SegmentVersion.model_validate(row.payload) for row in session.scalars(query)]
    if not found:
        raise _unknown(segment_id)
    return found


def next_number(session: Session, segment_id: str) -> int:
    """The number of a segment's next version: above all it ever had, also after a rollback. Call
    it under `state(..., lock=True)`."""
    last = select(func.max(SegmentVersionRow.version)).where(
        SegmentVersionRow.segment_id == segment_id
    )
    return (session.scalar(last) or 0) + 1


def make_current(session: Session, segment_id: str, version: int) -> None:
    """Make an older version current again; the others stay."""
    get(session, segment_id, version)
    row = session.get(SegmentRow, segment_id)
    assert row is not None
    row.current_version = version
    session.flush()


def archive(session: Session, segment_id: str, at: datetime | None) -> None:
    """Take a segment out of use, or with None back into it."""
    row = session.get(SegmentRow, segment_id)
    if row is None:
        raise _unknown(segment_id)
    row.archived_at = at
    session.flush()


def listed(session: Session, *, archived: bool = False) -> list[SegmentVersion]:
    """The current version of every segment in use, or of every archived one, the newest first."""
    kept = SegmentRow.archived_at.is_not(None) if archived else SegmentRow.archived_at.is_(None)
    query = (
        select(SegmentVersionRow)
        .join(
            SegmentRow,
            and_(
                SegmentRow.id == SegmentVersionRow.segment_id,
                SegmentRow.current_version == SegmentVersionRow.version,
            ),
        )
        .where(kept)
        .order_by(SegmentRow.created_at.desc(), SegmentRow.id)
    )
    return [SegmentVersion.model_validate(row.payload) for row in session.scalars(query)]


def _numbers(session: Session, segment_id: str) -> list[int]:
    query = (
        select(SegmentVersionRow.version)
        .where(SegmentVersionRow.segment_id == segment_id)
        .order_by(SegmentVersionRow.version)
    )
    return list(session.scalars(query))


def _unknown(segment_id: str) -> NotFound:
    return NotFound(
        f"There is no segment {segment_id!r}.",
        remedy="See the list of segments.",
        field="segment_id",
    )
