"""Webhooks: to be told of changes instead of asking for them (Standard Webhooks)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, status

from activation_api.dependencies import Caller, OpenWorkspace
from activation_api.problems import documented
from activation_api.webhookschemas import (
    MessageList,
    MessageOut,
    NewWebhook,
    Replayed,
    SecretOut,
    WebhookIn,
    WebhookList,
    WebhookOut,
)
from workflows.webhooks import (
    MessageState,
    create_webhook,
    enable_webhook,
    list_messages,
    list_webhooks,
    remove_webhook,
    replay_messages,
    rotate_secret,
)

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=documented(400, 401, 403, 409))
def create(
    body: WebhookIn, request: Request, workspace: OpenWorkspace, caller: Caller
) -> NewWebhook:
    """Be told of events at an https:// address on the open internet. Each message carries
    `webhook-id`, `webhook-timestamp` and `webhook-signature`; one that is not answered with 2xx
    comes again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, with the same id."""
    allowed: bool = request.app.state.allow_private
    made, secret = create_webhook(
        workspace, body.url, body.events, allow_private=allowed, actor=caller
    )
    return NewWebhook(**WebhookOut.of(made).model_dump(), secret=secret)


@router.get("", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: Caller) -> WebhookList:
    """Every webhook, without its secret."""
    return WebhookList(webhooks=[WebhookOut.of(one) for one in list_webhooks(workspace)])


@router.delete(
    "/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(401, 403, 404)
)
def remove(webhook_id: str, workspace: OpenWorkspace, caller: Caller) -> Response:
    """End a webhook, and forget its messages."""
    remove_webhook(workspace, webhook_id, actor=caller)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{webhook_id}/secret", responses=documented(401, 403, 404))
def rotate(webhook_id: str, workspace: OpenWorkspace, caller: Caller) -> SecretOut:
    """A new secret. For 24 hours messages are signed with the old one too."""
    return SecretOut(secret=rotate_secret(workspace, webhook_id, actor=caller))


@router.post("/{webhook_id}/enable", responses=documented(401, 403, 404))
def enable(webhook_id: str, workspace: OpenWorkspace, caller: Caller) -> WebhookOut:
    """Use a webhook again that was disabled because it answered 410."""
    return WebhookOut.of(enable_webhook(workspace, webhook_id, actor=caller))


@router.get("/{webhook_id}/messages", responses=documented(401, 403, 404))
def messages(
    webhook_id: str, workspace: OpenWorkspace, caller: Caller, state: MessageState | None = None
) -> MessageList:
    """The newest 100 messages, and what became of each."""
    found = list_messages(workspace, webhook_id, state)
    return MessageList(messages=[MessageOut.of(one) for one in found])


@router.post("/{webhook_id}/replay", responses=documented(401, 403, 404, 409))
def replay(
    webhook_id: str, workspace: OpenWorkspace, caller: Caller, message_id: str | None = None
) -> Replayed:
    """Send dead messages again, one or all."""
    return Replayed(replayed=replay_messages(workspace, webhook_id, message_id, actor=caller))
