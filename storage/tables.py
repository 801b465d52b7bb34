"""The control plane's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, DateTime, Float, Index, Integer, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A UTC time on every database: SQLite forgets time zones, PostgreSQL keeps them."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSON, datetime: UtcTime}  # noqa: RUF012


class DefinitionRow(Base):
    """What a workspace knows by name: its triggers, custom fields, outcomes, campaigns and
    current snapshots (`kind`), each as one JSON document."""

    __tablename__ = "definitions"
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    payload: Mapped[dict[str, Any]]


class ModelRow(Base):
    """A trained model; which one of an outcome is current, its promotions say."""

    __tablename__ = "models"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    scores_id: Mapped[str] = mapped_column(String(64))
    evidence_id: Mapped[str] = mapped_column(String(64))
    policy_id: Mapped[str | None] = mapped_column(String(64), default=None)
    looks: Mapped[int] = mapped_column(Integer, default=0)
    payload: Mapped[dict[str, Any]]
    ruling: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    tracking: Mapped[str] = mapped_column(Text, default="")


class PromotionRow(Base):
    """A model made current. Of an outcome's promotions that were not rolled back, the newest one's
    model is current, and its scores are what segments use."""

    __tablename__ = "promotions"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    outcome: Mapped[str] = mapped_column(String(64), index=True)
    model_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    rolled_back_at: Mapped[datetime | None] = mapped_column(default=None)


class SegmentRow(Base):
    __tablename__ = "segments"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    current_version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None] = mapped_column(default=None)


class SegmentVersionRow(Base):
    __tablename__ = "segment_versions"
    segment_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    members_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]]


class ConversationRow(Base):
    """A conversation about a brief; `payload` is the whole of it."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]


class DiscoveryRow(Base):
    """One run of discovery, with its cards."""

    __tablename__ = "discoveries"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    members_id: Mapped[str | None] = mapped_column(String(64), default=None)
    payload: Mapped[dict[str, Any]]


class RuleRow(Base):
    """One version of a qualification rule; nobody's audience before it is approved."""

    __tablename__ = "qualification_rules"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    status: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]]


class ActivationRow(Base):
    """A campaign that a segment's version was activated for. Its assignments are the snapshot
    `assignments_id`; a segment has at most one whose `ended_at` is null."""

    __tablename__ = "activations"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    segment_id: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[int] = mapped_column(Integer)
    assignments_id: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    told_at: Mapped[datetime | None] = mapped_column(default=None)
    payload: Mapped[dict[str, Any]]


class DeliveryRow(Base):
    """One message that a platform says it sent, or failed to send."""

    __tablename__ = "deliveries"
    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str | None] = mapped_column(String(16), default=None)
    at: Mapped[datetime]
    received_at: Mapped[datetime]

    __table_args__ = (
        Index("deliveries_by_campaign", "campaign_id"),
        Index("deliveries_by_customer", "customer_id", "at"),
    )


class OutcomeRow(Base):
    """One number that a customer's message brought: an order's revenue, a visit. A message that
    names several outcomes is several rows."""

    __tablename__ = "outcome_messages"
    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(200))
    value: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime]
    received_at: Mapped[datetime]

    __table_args__ = (
        Index("outcome_messages_by_name", "name", "at"),
        Index("outcome_messages_by_customer", "customer_id"),
    )


class KeyRow(Base):
    """An API key: only a hash of its secret is kept."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)


class IdempotencyRow(Base):
    """A POST that carried an `Idempotency-Key`, and its answer once there is one."""

    __tablename__ = "idempotency"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None] = mapped_column(Integer, default=None)
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    body: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)


class SuppressionRow(Base):
    """A customer who is not to be sent to, on one channel or (`all`) on any. `changed` numbers the
    changes of all suppressions, so that what is new can be asked for."""

    __tablename__ = "suppressions"
    customer_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    changed: Mapped[int] = mapped_column(Integer, index=True)


class ErasureRow(Base):
    """The tombstone of a person, by a keyed hash; the id itself only until the work is done."""

    __tablename__ = "erasures"
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(String(200), default=None)
    job_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(default=None)


class WebhookRow(Base):
    """An address that is told of events. Its secret is derived from the workspace's by `id` and
    `generation`, so that none is stored."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[str] = mapped_column(Text)
    generation: Mapped[int] = mapped_column(Integer, default=1)
    rotated_at: Mapped[datetime | None] = mapped_column(default=None)
    disabled: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class MessageRow(Base):
    """A message to a webhook: an outbox row, written together with the change it tells of."""

    __tablename__ = "messages"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(String(64), index=True)
    type: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime]
    status: Mapped[int | None] = mapped_column(Integer, default=None)
    fault: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    __table_args__ = (Index("messages_by_state", "state", "due_at"),)


class AuditRow(Base):
    """Append-only; every row holds the hash of the one before it."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class JobRow(Base):
    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    arguments: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (Index("jobs_by_state", "state", "created_at"),)


class AxisVersionRow(Base):
    """One clustering of the behavioural axes; the highest version is current."""

    __tablename__ = "axis_versions"
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime]
    assigned: Mapped[dict[str, Any]]
    payload: Mapped[dict[str, Any]]


class ScheduleRow(Base):
    """When the servers do a kind of job by themselves; one of them moves `next_at` on."""

    __tablename__ = "schedules"
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    expression: Mapped[str] = mapped_column(String(100))
    next_at: Mapped[datetime] = mapped_column(index=True)
