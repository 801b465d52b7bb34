"""The registry of trained models, and which of them is current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, aliased

from domain.errors import NotFound
from storage.tables import ModelRow


@dataclass(frozen=True)
class ModelRecord:
    """A trained model: `scores_id` is the snapshot of every customer's scores, `evidence_id` that
    of the AIPW scores kept per exposure, `policy_id` that of its out-of-fold policy on the learning
    rows (None where none was kept), `looks` how often its reporting part was read. `promotion` is
    the number of its promotion among its outcome's, None for a model that is not among them;
    `ruling` says why it was promoted or not, and `tracking` what became of its log in MLflow."""

    id: str
    outcome: str
    created_at: datetime
    scores_id: str
    evidence_id: str
    policy_id: str | None
    looks: int
    card: dict[str, Any]
    current: bool = False
    promotion: int | None = None
    ruling: dict[str, Any] | None = None
    tracking: str = ""


def add(session: Session, record: ModelRecord) -> None:
    """Register a model; it is current only once it is promoted."""
    session.add(
        ModelRow(
            id=record.id,
            outcome=record.outcome,
            created_at=record.created_at,
            scores_id=record.scores_id,
            evidence_id=record.evidence_id,
            policy_id=record.policy_id,
            looks=record.looks,
            payload=record.card,
        )
    )
    session.flush()


def current(session: Session) -> dict[str, ModelRecord]:
    """The current models by outcome."""
    rows = session.scalars(select(ModelRow).where(_is_current()))
    return {row.outcome: _record(row, True) for row in rows}


def get(session: Session, identity: str) -> ModelRecord:
    found = session.execute(
        select(ModelRow, _is_current()).where(ModelRow.id == identity)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no model {identity!r}.", remedy="See `aether models list`.")
    return _record(*found.tuple())


def listed(session: Session) -> list[ModelRecord]:
    """Every model, the oldest first."""
    found = session.execute(select(ModelRow, _is_current()).order_by(ModelRow.created_at))
    return [_record(*row.tuple()) for row in found]


def promote(session: Session, identity: str) -> None:
    """Make a model its outcome's current one."""
    outcome = get(session, identity).outcome
    last = session.scalar(select(func.max(ModelRow.promotion)).where(ModelRow.outcome == outcome))
    _set(session, identity, promotion=(last or 0) + 1)


def step_back(session: Session, outcome: str) -> None:
    """Take the current model of an outcome back, so that the one promoted before it is current."""
    _set(session, current(session)[outcome].id, promotion=None)


def promoted(session: Session, outcome: str) -> list[ModelRecord]:
    """The models of an outcome that are or were current and were not rolled back, the current one
    first."""
    rows = session.scalars(
        select(ModelRow)
        .where(ModelRow.outcome == outcome, ModelRow.promotion.is_not(None))
        .order_by(ModelRow.promotion.desc())
    )
    return [_record(row, place == 0) for place, row in enumerate(rows)]


def put_ruling(session: Session, identity: str, ruling: Mapping[str, Any]) -> None:
    """Keep why a model was promoted or not."""
    _set(session, identity, ruling=dict(ruling))


def put_scores(session: Session, identity: str, scores_id: str) -> None:
    """Keep where the newest scores of a model are."""
    _set(session, identity, scores_id=scores_id)


def put_tracking(session: Session, identity: str, words: str) -> None:
    """Keep what became of a model's log in MLflow."""
    _set(session, identity, tracking=words)


def count_look(session: Session, identity: str) -> int:
    """Note that the reporting part was read once more; the card states the count."""
    session.execute(
        update(ModelRow).where(ModelRow.id == identity).values(looks=ModelRow.looks + 1)
    )
    return session.scalar(select(ModelRow.looks).where(ModelRow.id == identity)) or 0


def _set(session: Session, identity: str, **values: Any) -> None:
    session.execute(update(ModelRow).where(ModelRow.id == identity).values(**values))


def _is_current() -> ColumnElement[bool]:
    other = aliased(ModelRow)
    newest = (
        select(func.max(other.promotion))
        .where(other.outcome == ModelRow.outcome)
        .correlate(ModelRow)
        .scalar_subquery()
    )
    return func.coalesce(ModelRow.promotion == newest, False)


def _record(row: ModelRow, is_current: bool) -> ModelRecord:
    return ModelRecord(
        row.id,
        row.outcome,
        row.created_at,
        row.scores_id,
        row.evidence_id,
        row.policy_id,
        row.looks,
        row.payload,
        is_current,
        row.promotion,
        row.ruling,
        row.tracking,
    )
