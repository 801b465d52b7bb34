"""What customers did, as platforms and shops report it: one row a message and outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.messages import insert_new, known_ids
from storage.tables import OutcomeRow


@dataclass(frozen=True)
class OutcomeMessage:
    """What one customer did at one time: numbers by the names of outcomes."""

    message_id: str
    customer_id: str
    outcomes: Mapping[str, float]
    at: datetime


def add(session: Session, messages: Sequence[OutcomeMessage], received_at: datetime) -> int:
    """Keep the messages that are not known yet; how many these are. The first one of an id stands,
    whatever a later one says."""
    known = known_ids(session, OutcomeRow.message_id, [one.message_id for one in messages])
    fresh: dict[str, OutcomeMessage] = {}
    for one in messages:
        if one.message_id not in known:
            fresh.setdefault(one.message_id, one)
    rows = [
        {
            "message_id": one.message_id,
            "name": name,
            "customer_id": one.customer_id,
            "value": value,
            "at": one.at,
            "received_at": received_at,
        }
        for one in fresh.values()
        for name, value in one.outcomes.items()
    ]
    insert_new(session, OutcomeRow, rows)
    return len(fresh)


def totals(session: Session, name: str, since: datetime, until: datetime) -> pa.Table:
    """Each customer's sum and largest value of an outcome from a time until before another:
    `customer_id`, `total`, `largest`."""
    query = (
        select(OutcomeRow.customer_id, func.sum(OutcomeRow.value), func.max(OutcomeRow.value))
        .where(OutcomeRow.name == name, OutcomeRow.at >= since, OutcomeRow.at < until)
        .group_by(OutcomeRow.customer_id)
    )
    rows = session.execute(query).all()
    return pa.table(
        {
            "customer_id": pa.array([row[0] for row in rows], pa.string()),
            "total": pa.array([row[1] for row in rows], pa.float64()),
            "largest": pa.array([row[2] for row in rows], pa.float64()),
        }
    )


def names(session: Session, since: datetime, until: datetime) -> set[str]:
    """The outcomes that were reported in a time."""
    query = select(OutcomeRow.name).where(OutcomeRow.at >= since, OutcomeRow.at < until).distinct()
    return set(session.scalars(query))
