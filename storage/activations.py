"""Campaigns on segments: declared once, ended once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.activation import Activation
from domain.errors import NotFound
from storage.tables import ActivationRow


def add(session: Session, activation: Activation) -> None:
    session.add(
        ActivationRow(
            id=activation.campaign_id,
            segment_id=activation.segment_id,
            version=activation.version,
            assignments_id=activation.assignments_id,
            started_at=activation.started_at,
            ended_at=activation.ended_at,
            payload=activation.model_dump(mode="json"),
        )
    )
    session.flush()


def get(session: Session, campaign_id: str) -> Activation:
    row = session.get(ActivationRow, campaign_id)
    if row is None:
        raise NotFound(
            f"There is no campaign {campaign_id!r} on a segment.",
            remedy="See `aether campaigns list`.",
            field="campaign_id",
        )
    return _activation(row)


def listed(session: Session, segment_id: str | None = None) -> list[Activation]:
    """Every campaign, the newest first."""
    query = select(ActivationRow).order_by(ActivationRow.started_at.desc(), ActivationRow.id)
    if segment_id is not None:
        query = query.where(ActivationRow.segment_id == segment_id)
    return [_activation(row) for row in session.scalars(query)]


def running(session: Session, segment_id: str, at: datetime) -> Activation | None:
    """The campaign on a segment that has not ended at a time."""
    return next((one for one in listed(session, segment_id) if is_running(one, at)), None)


def is_running(activation: Activation, at: datetime) -> bool:
    return activation.ended_at is None and at < activation.ends_at


def to_tell(session: Session, at: datetime, every: timedelta) -> list[str]:
    """The campaigns whose results have news that nobody was told of for a while: those that run,
    and those that are over and were not told of since. They count as told from now on."""
    found = []
    for row in session.scalars(select(ActivationRow)):
        activation = _activation(row)
        over = min(activation.ends_at, activation.ended_at or activation.ends_at)
        told = row.told_at or activation.started_at
        if told < over and (at >= over or at - told >= every):
            row.told_at = at
            found.append(row.id)
    session.flush()
    return found


def end(session: Session, campaign_id: str, at: datetime) -> Activation:
    """End a campaign before its declared end; the first time stands."""
    row = session.get(ActivationRow, campaign_id, with_for_update=True)
    if row is not None and row.ended_at is None:
        row.ended_at = row.told_at = at
        session.flush()
    return get(session, campaign_id)


def _activation(row: ActivationRow) -> Activation:
    return Activation.model_validate({**row.payload, "ended_at": row.ended_at})
