"""Webhooks and their messages over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from domain.events import Event
from workflows.webhooks import Message, MessageState, Webhook


class WebhookIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"url": "https://crm.example/hooks", "events": ["segment.version.created"]}
            ]
        },
    )

    url: str = Field(min_length=1, max_length=2_000)
    events: list[Event] = Field(min_length=1)


class WebhookOut(BaseModel):
    webhook_id: str = Field(examples=["wh_5d1f0c2a9b7d3e11"])
    url: str = Field(examples=["https://crm.example/hooks"])
    events: list[Event]
    disabled: str = Field(description="Why nothing is sent, where that is so.", examples=[""])
    created_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        return cls(
            webhook_id=webhook.id,
            url=webhook.url,
            events=list(webhook.events),
            disabled=webhook.disabled,
            created_at=webhook.created_at,
        )


class NewWebhook(WebhookOut):
    secret: str = Field(
        description="With which receivers check signatures; shown now and after a rotation.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class SecretOut(BaseModel):
    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookList(BaseModel):
    webhooks: list[WebhookOut]


class MessageOut(BaseModel):
    message_id: str = Field(examples=["msg_5d1f0c2a9b7d3e11"])
    type: str = Field(examples=["segment.version.created"])
    state: MessageState
    attempts: int = Field(examples=[1])
    due_at: datetime
    status: int | None = Field(description="Of the last answer.", examples=[200])
    fault: str = Field(examples=[""])
    created_at: datetime

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(
            message_id=message.id,
            type=message.type,
            state=message.state,
            attempts=message.attempts,
            due_at=message.due_at,
            status=message.status,
            fault=message.fault,
            created_at=message.created_at,
        )


class MessageList(BaseModel):
    messages: list[MessageOut]


class Replayed(BaseModel):
    replayed: int = Field(examples=[1])
