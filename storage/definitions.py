"""What a workspace knows by name, each kept as one JSON document in the control plane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.clusters import Clustering
from domain.customer import Field
from domain.experiment import Campaign, Outcome
from domain.triggers import Trigger
from storage.tables import DefinitionRow

_TRIGGER, _FIELD, _OUTCOME, _CAMPAIGN, _CURRENT, _TEXT, _CLUSTERING = (
    "trigger",
    "field",
    "outcome",
    "campaign",
    "current",
    "text",
    "clustering",
)


def put_triggers(session: Session, triggers: Iterable[Trigger]) -> None:
    for trigger in triggers:
        _put(session, _TRIGGER, trigger.key, trigger.model_dump(mode="json"))


def triggers(session: Session) -> tuple[Trigger, ...]:
    return tuple(Trigger.model_validate(row) for row in _all(session, _TRIGGER))


def put_fields(session: Session, fields: Iterable[Field]) -> None:
    for field in fields:
        _put(session, _FIELD, field.name, field.model_dump(mode="json"))


def fields(session: Session) -> tuple[Field, ...]:
    """The workspace's custom fields."""
    return tuple(Field.model_validate(row) for row in _all(session, _FIELD))


def put_outcomes(session: Session, outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        _put(session, _OUTCOME, outcome.name, outcome.model_dump(mode="json"))


def outcomes(session: Session) -> tuple[Outcome, ...]:
    return tuple(Outcome.model_validate(row) for row in _all(session, _OUTCOME))


def put_campaign(session: Session, campaign: Campaign) -> None:
    _put(session, _CAMPAIGN, campaign.campaign_id, campaign.model_dump(mode="json"))


def campaigns(session: Session) -> tuple[Campaign, ...]:
    """Past campaigns, the oldest first."""
    known = (Campaign.model_validate(row) for row in _all(session, _CAMPAIGN))
    return tuple(sorted(known, key=lambda campaign: (campaign.started_at, campaign.campaign_id)))


def put_current(session: Session, name: str, snapshot_id: str) -> None:
    """Make a snapshot the current one of its name (a raw table, or the newest profiles)."""
    _put(session, _CURRENT, name, {"id": snapshot_id})


def current(session: Session) -> dict[str, str]:
    """The current snapshots by name."""
    rows = session.scalars(select(DefinitionRow).where(DefinitionRow.kind == _CURRENT))
    return {row.key: row.payload["id"] for row in rows}


def current_one(session: Session, name: str) -> str | None:
    """The current snapshot of one name, if there is one."""
    row = session.get(DefinitionRow, (_CURRENT, name))
    return None if row is None else str(row.payload["id"])


def drop_current(session: Session, prefix: str) -> None:
    """Forget the current snapshots whose names begin so; they are made again when needed."""
    session.execute(
        delete(DefinitionRow).where(
            DefinitionRow.kind == _CURRENT, DefinitionRow.key.startswith(prefix, autoescape=True)
        )
    )


def put_clustering(session: Session, clustering: Clustering) -> None:
    _put(session, _CLUSTERING, clustering.name, clustering.model_dump(mode="json", by_alias=True))


def clusterings(session: Session) -> tuple[Clustering, ...]:
    """The kept discoveries, the newest first."""
    kept = [Clustering.model_validate(row) for row in _all(session, _CLUSTERING)]
    return tuple(reversed(kept))


def put_document(session: Session, key: str, payload: dict[str, Any]) -> None:
    """Keep a named document: the workspace's settings, a design report."""
    _put(session, _TEXT, key, payload)


def document(session: Session, key: str) -> dict[str, Any] | None:
    row = session.get(DefinitionRow, (_TEXT, key))
    return None if row is None else row.payload


def _put(session: Session, kind: str, key: str, payload: dict[str, Any]) -> None:
    row = session.get(DefinitionRow, (kind, key))
    if row is not None:
        row.payload = payload
        return
    last = select(func.max(DefinitionRow.position)).where(DefinitionRow.kind == kind)
    position = (session.scalar(last) or 0) + 1
    session.add(DefinitionRow(kind=kind, key=key, position=position, payload=payload))
    session.flush()


def _all(session: Session, kind: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(DefinitionRow).where(DefinitionRow.kind == kind).order_by(DefinitionRow.position)
    )
    return [row.payload for row in rows]
