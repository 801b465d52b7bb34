"""What platforms say they sent, one row a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.messages import insert_new, known_ids
from storage.tables import DeliveryRow

SENT = "sent"


@dataclass(frozen=True)
class Delivery:
    message_id: str
    campaign_id: str
    customer_id: str
    status: str
    channel: str | None
    at: datetime


def add(session: Session, deliveries: Sequence[Delivery], received_at: datetime) -> int:
    """Keep those whose message is not known yet; how many these are."""
    known = known_ids(session, DeliveryRow.message_id, [one.message_id for one in deliveries])
    fresh: dict[str, Delivery] = {}
    for one in deliveries:
        if one.message_id not in known:
            fresh.setdefault(one.message_id, one)
    rows = [{**vars(one), "received_at": received_at} for one in fresh.values()]
    insert_new(session, DeliveryRow, rows)
    return len(rows)


def first_sent(session: Session, campaign_id: str) -> pa.Table:
    """When each customer was first sent something by a campaign: `customer_id`, `sent_at`."""
    query = (
        select(DeliveryRow.customer_id, func.min(DeliveryRow.at))
        .where(DeliveryRow.campaign_id == campaign_id, DeliveryRow.status == SENT)
        .group_by(DeliveryRow.customer_id)
    )
    rows = session.execute(query).all()
    return pa.table(
        {
            "customer_id": pa.array([row[0] for row in rows], pa.string()),
            "sent_at": pa.array([row[1] for row in rows], pa.timestamp("us", tz="UTC")),
        }
    )


def reached(session: Session, since: datetime, until: datetime) -> pa.ChunkedArray:
    """The ids of those to whom anything was sent from a time until before another."""
    query = (
        select(DeliveryRow.customer_id)
        .where(DeliveryRow.at >= since, DeliveryRow.at < until, DeliveryRow.status == SENT)
        .distinct()
    )
    return pa.chunked_array([pa.array(session.scalars(query).all(), pa.string())])
