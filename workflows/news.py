"""What webhooks are told, written in the transaction of the change itself. Ids and counts only: a
segment's name says something of whoever is in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.events import Event
from domain.segment import SegmentVersion
from storage import webhooks


def version_created(session: Session, version: SegmentVersion) -> None:
    """A segment has a new version."""
    data = {
        "segment_id": version.segment_id,
        "version": version.version,
        "size": version.size,
        "customers": f"/api/v1/segments/{version.segment_id}/customers",
    }
    webhooks.post(session, Event.VERSION_CREATED, data, version.created_at)


def members_changed(
    session: Session, version: SegmentVersion, *, since: int, added: int, removed: int
) -> None:
    """Customers came in or left with a version."""
    data = {
        "segment_id": version.segment_id,
        "version": version.version,
        "since": since,
        "added": added,
        "removed": removed,
        "changes": f"/api/v1/segments/{version.segment_id}/changes?since={since}",
    }
    webhooks.post(session, Event.MEMBERS_CHANGED, data, version.created_at)


def results_updated(session: Session, campaign_id: str, at: datetime) -> None:
    """There is more to say of a campaign."""
    data = {"campaign_id": campaign_id, "results": f"/api/v1/campaigns/{campaign_id}/results"}
    webhooks.post(session, Event.RESULTS_UPDATED, data, at)
