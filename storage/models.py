"""The registry of trained models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.errors import NotFound
from storage.tables import ModelRow


@dataclass(frozen=True)
class ModelRecord:
    """A trained model: `scores_id` is the snapshot of every customer's scores, `evidence_id` that
    of the AIPW scores kept per exposure, `looks` how often its reporting part was read."""

    id: str
    outcome: str
    current: bool
    created_at: datetime
    scores_id: str
    evidence_id: str
    looks: int
    card: dict[str, Any]


def add(session: Session, record: ModelRecord) -> None:
    """Register a model; if it is current, it takes the place of the outcome's former one."""
    if record.current:
        session.execute(
            update(ModelRow).where(ModelRow.outcome == record.outcome).values(current=False)
        )
    session.add(
        ModelRow(
            id=record.id,
            outcome=record.outcome,
            current=record.current,
            created_at=record.created_at,
            scores_id=record.scores_id,
            evidence_id=record.evidence_id,
            looks=record.looks,
            payload=record.card,
        )
    )
    session.flush()


def current(session: Session) -> dict[str, ModelRecord]:
    """The current models by outcome."""
    rows = session.scalars(select(ModelRow).where(ModelRow.current))
    return {row.outcome: _record(row) for row in rows}


def get(session: Session, identity: str) -> ModelRecord:
    row = session.get(ModelRow, identity)
    if row is None:
        raise NotFound(f"There is no model {identity!r}.", remedy="See `aether models`.")
    return _record(row)


def listed(session: Session) -> list[ModelRecord]:
    return [_record(row) for row in session.scalars(select(ModelRow).order_by(ModelRow.created_at))]


def count_look(session: Session, identity: str) -> int:
    """Note that the reporting part was read once more; the card states the count."""
    session.execute(
        update(ModelRow).where(ModelRow.id == identity).values(looks=ModelRow.looks + 1)
    )
    return session.scalar(select(ModelRow.looks).where(ModelRow.id == identity)) or 0


def _record(row: ModelRow) -> ModelRecord:
    return ModelRecord(
        row.id,
        row.outcome,
        row.current,
        row.created_at,
        row.scores_id,
        row.evidence_id,
        row.looks,
        row.payload,
    )
