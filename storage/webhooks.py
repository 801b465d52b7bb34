"""Webhooks, and the messages to them: an outbox that outlives any process."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.events import Event
from storage.control import affected
from storage.tables import MessageRow, WebhookRow


class MessageState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True)
class Webhook:
    """`disabled` says why, where it is. `generation` counts its secrets."""

    id: str
    url: str
    events: tuple[Event, ...]
    generation: int
    rotated_at: datetime | None
    disabled: str
    created_at: datetime


@dataclass(frozen=True)
class Message:
    id: str
    webhook_id: str
    type: str
    body: str
    state: MessageState
    attempts: int
    due_at: datetime
    status: int | None
    fault: str
    created_at: datetime
    ended_at: datetime | None


def add(session: Session, url: str, events: Collection[Event], at: datetime) -> Webhook:
    row = WebhookRow(
        id=f"wh_{secrets.token_hex(8)}",
        url=url,
        events=" ".join(event for event in Event if event in events),
        generation=1,
        disabled="",
        created_at=at,
    )
    session.add(row)
    session.flush()
    return _webhook(row)


def get(session: Session, identity: str) -> Webhook:
    return _webhook(_row(session, identity))


def listed(session: Session) -> list[Webhook]:
    query = select(WebhookRow).order_by(WebhookRow.created_at, WebhookRow.id)
    return [_webhook(row) for row in session.scalars(query)]


def remove(session: Session, identity: str) -> None:
    session.delete(_row(session, identity))
    session.execute(delete(MessageRow).where(MessageRow.webhook_id == identity))


def rotate(session: Session, identity: str, at: datetime) -> Webhook:
    """Count its secret up."""
    row = _row(session, identity)
    row.generation, row.rotated_at = row.generation + 1, at
    session.flush()
    return _webhook(row)


def disable(session: Session, identity: str, why: str, at: datetime) -> None:
    """No more messages; those that wait are dead, and can be replayed once it is enabled."""
    _row(session, identity).disabled = why
    waiting = (MessageRow.webhook_id == identity) & (MessageRow.state == MessageState.PENDING)
    values = {"state": MessageState.DEAD, "fault": f"disabled: {why}", "ended_at": at}
    session.execute(update(MessageRow).where(waiting).values(**values))


def enable(session: Session, identity: str) -> Webhook:
    row = _row(session, identity)
    row.disabled = ""
    session.flush()
    return _webhook(row)


def post(session: Session, event: Event, data: Mapping[str, Any], at: datetime) -> int:
    """Leave a message for every webhook that wants the event, in the caller's transaction, so that
    a change and the news of it stand together; how many."""
    body = json.dumps(
        {"type": event.value, "timestamp": at.isoformat(), "data": dict(data)},
        separators=(",", ":"),
    )
    wanted = [one for one in listed(session) if event in one.events and not one.disabled]
    for one in wanted:
        session.add(
            MessageRow(
                id=f"msg_{secrets.token_hex(12)}",
                webhook_id=one.id,
                type=event.value,
                body=body,
                state=MessageState.PENDING,
                attempts=0,
                due_at=at,
                fault="",
                created_at=at,
            )
        )
    session.flush()
    return len(wanted)


def take(session: Session, at: datetime, lasting: timedelta) -> Message | None:
    """The message that is due longest, begun now; another may take it once the lease is over."""
    due = (
        select(MessageRow)
        .where(MessageRow.state == MessageState.PENDING, MessageRow.due_at <= at)
        .order_by(MessageRow.due_at, MessageRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.scalar(due)
    if row is None:
        return None
    row.attempts, row.due_at = row.attempts + 1, at + lasting
    session.flush()
    return _message(row)


def any_due(session: Session, at: datetime) -> bool:
    query = select(MessageRow.id).where(
        MessageRow.state == MessageState.PENDING, MessageRow.due_at <= at
    )
    return session.scalar(query.limit(1)) is not None


def end(
    session: Session,
    identity: str,
    state: MessageState,
    at: datetime,
    *,
    status: int | None,
    fault: str = "",
) -> None:
    """Write down how a message ended, unless it was removed meanwhile."""
    values = {"state": state, "ended_at": at, "status": status, "fault": fault}
    session.execute(update(MessageRow).where(MessageRow.id == identity).values(**values))


def put_off(
    session: Session, identity: str, until: datetime, *, status: int | None, fault: str
) -> None:
    values = {"due_at": until, "status": status, "fault": fault}
    session.execute(update(MessageRow).where(MessageRow.id == identity).values(**values))


def messages(
    session: Session, webhook_id: str, state: MessageState | None = None, limit: int = 100
) -> list[Message]:
    """A webhook's messages, the newest first."""
    _row(session, webhook_id)
    query = select(MessageRow).where(MessageRow.webhook_id == webhook_id)
    if state is not None:
        query = query.where(MessageRow.state == state)
    query = query.order_by(MessageRow.created_at.desc(), MessageRow.id).limit(limit)
    return [_message(row) for row in session.scalars(query)]


def replay(session: Session, webhook_id: str, at: datetime, message_id: str | None = None) -> int:
    """Send dead messages anew, one or all of a webhook; how many. Their ids stay, so that a
    receiver that has one already can tell."""
    _row(session, webhook_id)
    dead = (MessageRow.webhook_id == webhook_id) & (MessageRow.state == MessageState.DEAD)
    if message_id is not None:
        dead &= MessageRow.id == message_id
    values = {"state": MessageState.PENDING, "attempts": 0, "due_at": at, "ended_at": None}
    return affected(session, update(MessageRow).where(dead).values(**values))


def forget_delivered(session: Session, before: datetime) -> None:
    old = (MessageRow.state == MessageState.DELIVERED) & (MessageRow.ended_at < before)
    session.execute(delete(MessageRow).where(old))


def _row(session: Session, identity: str) -> WebhookRow:
    row = session.get(WebhookRow, identity)
    if row is None:
        raise NotFound(f"There is no webhook {identity!r}.", field="webhook_id")
    return row


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        row.id,
        row.url,
        tuple(map(Event, row.events.split())),
        row.generation,
        row.rotated_at,
        row.disabled,
        row.created_at,
    )


def _message(row: MessageRow) -> Message:
    return Message(
        row.id,
        row.webhook_id,
        row.type,
        row.body,
        MessageState(row.state),
        row.attempts,
        row.due_at,
        row.status,
        row.fault,
        row.created_at,
        row.ended_at,
    )
