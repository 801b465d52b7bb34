"""Segments and their frozen versions."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.segment import SegmentVersion
from storage.tables import SegmentRow, SegmentVersionRow


def add_version(session: Session, version: SegmentVersion) -> None:
    """Keep a version and make it the segment's current one."""
    row = session.get(SegmentRow, version.segment_id)
    if row is None:
        row = SegmentRow(id=version.segment_id, created_at=version.created_at)
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
        row = session.get(SegmentRow, segment_id)
        version = row.current_version if row else None
    found = None if version is None else session.get(SegmentVersionRow, (segment_id, version))
    if found is None:
        raise NotFound(
            f"There is no segment {segment_id!r}."
            if version is None
            else f"Segment {segment_id!r} has no version {version}.",
            remedy="See the list of segments.",
            field="segment_id",
        )
    return SegmentVersion.model_validate(found.payload)


def listed(session: Session) -> list[SegmentVersion]:
    """The current version of every segment, the newest first."""
    query = (
        select(SegmentVersionRow)
        .join(
            SegmentRow,
            and_(
                SegmentRow.id == SegmentVersionRow.segment_id,
                SegmentRow.current_version == SegmentVersionRow.version,
            ),
        )
        .order_by(SegmentRow.created_at.desc(), SegmentRow.id)
    )
    return [SegmentVersion.model_validate(row.payload) for row in session.scalars(query)]


def members_in_use(session: Session) -> set[str]:
    return set(session.scalars(select(SegmentVersionRow.members_id)))
