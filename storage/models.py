"""The registry of trained models, and which of them is current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session

from domain.errors import NotFound
from storage.tables import ModelRow, PromotionRow


@dataclass(frozen=True)
class ModelRecord:
    """A trained model: `scores_id` is the snapshot of every customer's scores, `evidence_id` that
    of the AIPW scores kept per exposure, `policy_id` that of its out-of-fold policy on the learning
    rows (None where none was kept), `looks` how often its reporting part was read. `promoted`
    says whether it is or was current, `ruling` why it was promoted or not, and `tracking` what
    became of its log in MLflow."""

    id: str
    outcome: str
    created_at: datetime
    scores_id: str
    evidence_id: str
    policy_id: str | None
    looks: int
    card: dict[str, Any]
    current: bool = False
    promoted: bool = False
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
    found = session.execute(_records().where(_is_current()))
    return {row[0].outcome: _record(*row) for row in found}


def get(session: Session, identity: str) -> ModelRecord:
    found = session.execute(_records().where(ModelRow.id == identity)).one_or_none()
    if found is None:
        raise NotFound(f"There is no model {identity!r}.", remedy="See `aether models list`.")
    return _record(*found)


def listed(session: Session) -> list[ModelRecord]:
    """Every model, the oldest first."""
    found = session.execute(_records().order_by(ModelRow.created_at, ModelRow.id))
    return [_record(*row) for row in found]


def promote(session: Session, identity: str, at: datetime) -> None:
    """Make a model its outcome's current one."""
    outcome = get(session, identity).outcome
    session.add(PromotionRow(outcome=outcome, model_id=identity, at=at))
    session.flush()


def succession(session: Session, outcome: str) -> list[str]:
    """The models that promotions made current one after the other, the current one first, without
    what was rolled back. A model that was promoted again is there again."""
    return list(session.scalars(_standing_promotions(outcome, PromotionRow.model_id)))


def roll_back(session: Session, outcome: str, at: datetime) -> None:
    """Undo the newest promotion of an outcome, so that the one before it holds again."""
    newest = session.scalars(_standing_promotions(outcome, PromotionRow)).first()
    if newest is None:
        raise NotFound(f"No model of {outcome} is current.", remedy="Run `aether train`.")
    newest.rolled_back_at = at
    session.flush()


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


def _records() -> Select[ModelRow, bool, bool]:
    """Models, with whether each is current, and whether it ever was promoted."""
    promoted = exists().where(PromotionRow.model_id == ModelRow.id)
    return select(ModelRow, _is_current(), promoted)


def _is_current() -> ColumnElement[bool]:
    newest = (
        _standing_promotions(ModelRow.outcome, PromotionRow.model_id)
        .limit(1)
        .correlate(ModelRow)
        .scalar_subquery()
    )
    return func.coalesce(ModelRow.id == newest, False)


def _standing_promotions(outcome: Any, what: Any) -> Select[Any]:
    return (
        select(what)
        .where(PromotionRow.outcome == outcome, PromotionRow.rolled_back_at.is_(None))
        .order_by(PromotionRow.id.desc())
    )


def _record(row: ModelRow, is_current: bool, promoted: bool) -> ModelRecord:
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
        promoted,
        row.ruling,
        row.tracking,
    )
