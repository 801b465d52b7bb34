"""Webhooks: who is told of changes, with which secret, and what became of each message."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy.orm import Session

from domain.errors import Conflict, NotFound
from domain.events import Event
from domain.signing import secret_text
from storage import audit, webhooks
from storage.webhooks import Message, MessageState, Webhook
from workflows.addresses import Resolve, resolve, target_of
from workflows.workspace import Workspace

__all__ = ["Event", "Message", "MessageState", "Webhook"]

OVERLAP = timedelta(hours=24)
"""How long after a rotation messages are signed with the old secret too."""
MOST = 50


def create_webhook(
    workspace: Workspace,
    url: str,
    events: Collection[Event],
    *,
    allow_private: bool,
    actor: str,
    resolve: Resolve = resolve,
) -> tuple[Webhook, str]:
    """A new webhook and its secret. The address is checked now, and again before every message."""
    target_of(url, allow_private=allow_private, resolve=resolve)
    now = workspace.now()
    with workspace.control.write() as session:
        if len(webhooks.listed(session)) >= MOST:
            raise Conflict(f"There are {MOST} webhooks already.", remedy="Remove one first.")
        made = webhooks.add(session, url, events, now)
        detail = {"url": url, "events": list(made.events)}
        audit.append(
            session,
            at=now,
            actor=actor,
            action="webhook.create",
            subject=made.id,
            detail=detail,
        )
    return made, secret_text(_secret(workspace, made.id, made.generation))


def list_webhooks(workspace: Workspace) -> list[Webhook]:
    with workspace.control.read() as session:
        return webhooks.listed(session)


def remove_webhook(workspace: Workspace, webhook_id: str, *, actor: str) -> None:
    with workspace.control.write() as session:
        webhooks.remove(session, webhook_id)
        _logged(workspace, session, "webhook.remove", webhook_id, actor)


def rotate_secret(workspace: Workspace, webhook_id: str, *, actor: str) -> str:
    """A new secret; for a day messages are signed with the old one too."""
    with workspace.control.write() as session:
        made = webhooks.rotate(session, webhook_id, workspace.now())
        _logged(workspace, session, "webhook.rotate", webhook_id, actor)
    return secret_text(_secret(workspace, made.id, made.generation))


def enable_webhook(workspace: Workspace, webhook_id: str, *, actor: str) -> Webhook:
    with workspace.control.write() as session:
        made = webhooks.enable(session, webhook_id)
        _logged(workspace, session, "webhook.enable", webhook_id, actor)
    return made


def list_messages(
    workspace: Workspace, webhook_id: str, state: MessageState | None = None
) -> list[Message]:
    with workspace.control.read() as session:
        return webhooks.messages(session, webhook_id, state)


def replay_messages(
    workspace: Workspace, webhook_id: str, message_id: str | None = None, *, actor: str
) -> int:
    """Send dead messages again, one or all of a webhook; how many."""
    with workspace.control.write() as session:
        if webhooks.get(session, webhook_id).disabled:
            raise Conflict(
                f"Webhook {webhook_id} is disabled.", remedy="Enable it first.", field="webhook_id"
            )
        count = webhooks.replay(session, webhook_id, workspace.now(), message_id)
        if message_id is not None and not count:
            raise NotFound(f"There is no dead message {message_id!r}.", field="message_id")
        _logged(workspace, session, "webhook.replay", webhook_id, actor)
    return count


def valid_secrets(workspace: Workspace, webhook: Webhook) -> list[bytes]:
    """The secrets that a message is signed with now, the newest first."""
    found = [_secret(workspace, webhook.id, webhook.generation)]
    rotated = webhook.rotated_at
    if rotated is not None and workspace.now() - rotated < OVERLAP:
        found.append(_secret(workspace, webhook.id, webhook.generation - 1))
    return found


def _secret(workspace: Workspace, webhook_id: str, generation: int) -> bytes:
    """Derived, so that the control plane and its backups hold no secret of a receiver's."""
    name = f"webhook:{webhook_id}:{generation}".encode()
    return hmac.digest(workspace.settings.secret.encode(), name, hashlib.sha256)


def _logged(
    workspace: Workspace, session: Session, action: str, webhook_id: str, actor: str
) -> None:
    audit.append(
        session, at=workspace.now(), actor=actor, action=action, subject=webhook_id, detail={}
    )
