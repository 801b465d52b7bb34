"""How often customers were sent to lately, by the deliveries that platforms report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, column, func, select, table
from sqlalchemy.orm import Session

from storage.tables import UtcTime

_AT_ONCE = 5_000
_SENT = "sent"
_DELIVERIES = table(
    "deliveries", column("customer_id", String), column("status", String), column("at", UtcTime)
)


def sent_to(
    session: Session, customer_ids: Sequence[str], since: datetime, at_least: int
) -> set[str]:
    """Those of the customers to whom at least so many messages were sent since a time."""
    found: set[str] = set()
    who = _DELIVERIES.c.customer_id
    for start in range(0, len(customer_ids), _AT_ONCE):
        query = (
            select(who)
            .where(
                who.in_(customer_ids[start : start + _AT_ONCE]),
                _DELIVERIES.c.status == _SENT,
                _DELIVERIES.c.at >= since,
            )
            .group_by(who)
            .having(func.count() >= at_least)
        )
        found.update(session.scalars(query))
    return found
