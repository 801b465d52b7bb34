"""Qualification rules and their versions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.discovery import QualificationRule, RuleStatus
from domain.errors import NotFound
from storage.tables import RuleRow


def put(session: Session, rule: QualificationRule) -> None:
    """Keep a version of a rule, new or as it has become."""
    row = session.get(RuleRow, (rule.rule_id, rule.version))
    if row is None:
        row = RuleRow(id=rule.rule_id, version=rule.version, name=rule.name)
        session.add(row)
    row.status = rule.status
    row.payload = rule.model_dump(mode="json", by_alias=True)
    session.flush()


def get(session: Session, rule_id: str, version: int | None = None) -> QualificationRule:
    """One version, the newest unless another is named."""
    query = select(RuleRow).where(RuleRow.id == rule_id).order_by(RuleRow.version.desc())
    if version is not None:
        query = query.where(RuleRow.version == version)
    row = session.scalars(query).first()
    if row is None:
        raise NotFound(
            f"There is no rule {rule_id!r}."
            if version is None
            else f"There is no version {version} of a rule {rule_id!r}.",
            remedy="See the list of rules.",
            field="rule_id",
        )
    return QualificationRule.model_validate(row.payload)


def listed(session: Session) -> list[QualificationRule]:
    """Every version of every rule, by name, the newest version first."""
    query = select(RuleRow).order_by(RuleRow.name, RuleRow.id, RuleRow.version.desc())
    return [QualificationRule.model_validate(row.payload) for row in session.scalars(query)]


def newest_named(session: Session, name: str) -> QualificationRule | None:
    """The newest version of the rule of a name, whatever its letters' case."""
    wanted = name.casefold()
    return next((rule for rule in listed(session) if rule.name.casefold() == wanted), None)


def approved(session: Session) -> dict[str, QualificationRule]:
    """The newest approved version of every rule that has one, by name."""
    found: dict[str, QualificationRule] = {}
    for rule in listed(session):
        if rule.status is RuleStatus.APPROVED:
            found.setdefault(rule.name, rule)
    return found
