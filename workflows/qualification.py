"""A card becomes a recommendation and a draft rule, which a person approves before it is used."""

from __future__ import annotations

import secrets

from domain.criteria import to_json
from domain.discovery import (
    Discovery,
    QualificationRule,
    Recommendation,
    RuleStatus,
    SegmentCard,
)
from domain.errors import BadRequest, Conflict, NotFound
from domain.parsing import check
from storage import audit, discoveries, qualification
from workflows.discoverysource import CUSTOMERS_TABLE
from workflows.workspace import PROFILES, Workspace

LONGEST_NAME = 120


def apply_card(
    workspace: Workspace,
    discovery_id: str,
    segment: str,
    *,
    name: str | None = None,
    actor: str = "cli",
) -> Recommendation:
    """What to do with a card's customers, and its rules as a draft: the first version of a rule of
    that name (the card's, unless another is given), or the next one.

    Raises NotFound for a card that is not there, and Conflict for one whose rules can't be an
    audience.
    """
    with workspace.control.read() as session:
        found = discoveries.get(session, discovery_id)
    card = _card(found, segment)
    if card.filter_rules is None:
        raise Conflict(f"{card.name} has no rules: {card.rules_reason}", field="segment")
    if not found.source.startswith(PROFILES) and found.source != CUSTOMERS_TABLE:
        raise Conflict(
            f"The rules of {card.name} speak of {found.row_name}, not of customers.",
            remedy=f"Discover segments in {PROFILES}, and apply one of those.",
            field="discovery_id",
        )
    criteria = check(card.filter_rules.criteria, workspace.schema())
    called = _checked_name(name if name is not None else card.name)
    with workspace.control.write() as session:
        known = qualification.newest_named(session, called)
        rule = QualificationRule(
            rule_id=f"rule_{secrets.token_hex(6)}" if known is None else known.rule_id,
            version=1 if known is None else known.version + 1,
            name=called if known is None else known.name,
            criteria=criteria,
            criteria_text=card.filter_rules.text,
            status=RuleStatus.DRAFT,
            created_at=workspace.now(),
            discovery_id=found.discovery_id,
            segment=card.key,
        )
        qualification.put(session, rule)
        audit.append(
            session,
            at=rule.created_at,
            actor=actor,
            action="rule draft",
            subject=rule.rule_id,
            detail={
                "name": rule.name,
                "version": rule.version,
                "criteria": to_json(criteria),
                "discovery": found.discovery_id,
                "segment": card.key,
            },
        )
    return Recommendation(
        segment=card.name,
        text=_text(card, found.row_name),
        suggested_use=card.suggested_use,
        causal=card.causal,
        filter_rules=card.filter_rules,
        rule=rule,
    )


def approve_rule(
    workspace: Workspace,
    rule_id: str,
    *,
    by: str,
    version: int | None = None,
    actor: str = "cli",
) -> QualificationRule:
    """Approve a draft, the newest version unless another is named; from now on briefs may use it.

    `by` is the person who answers for it. Raises BadRequest without one, Conflict for a version
    that is approved already.
    """
    person = " ".join(by.split())
    if not person:
        raise BadRequest(
            "A rule is approved by a person, and none is named.",
            remedy="Say who approves it.",
            field="by",
        )
    with workspace.control.write() as session:
        rule = qualification.get(session, rule_id, version)
        if rule.status is RuleStatus.APPROVED:
            raise Conflict(
                f"Version {rule.version} of {rule.name} is approved already, by "
                f"{rule.approved_by}.",
                field="rule_id",
            )
        check(rule.criteria, workspace.schema())
        approved = rule.model_copy(
            update={
                "status": RuleStatus.APPROVED,
                "approved_by": person[:LONGEST_NAME],
                "approved_at": workspace.now(),
            }
        )
        qualification.put(session, approved)
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="rule approval",
            subject=rule.rule_id,
            detail={"name": rule.name, "version": rule.version, "approved_by": person},
        )
    return approved


def list_rules(workspace: Workspace) -> list[QualificationRule]:
    """Every version of every rule, by name, the newest version first."""
    with workspace.control.read() as session:
        return qualification.listed(session)


def _card(found: Discovery, segment: str) -> SegmentCard:
    wanted = segment.casefold()
    for card in found.cards:
        if wanted in (card.key.casefold(), card.name.casefold()):
            return card
    keys = ", ".join(card.key for card in found.cards)
    raise NotFound(
        f"Discovery {found.discovery_id} has no segment {segment!r}.",
        remedy=f"It has {keys}." if keys else "It found no natural segments.",
        field="segment",
    )


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not 2 <= len(plain) <= LONGEST_NAME or not plain.isprintable() or '"' in plain:
        raise BadRequest(
            f"A rule can't be called {name!r}.",
            remedy=f"Give it 2 to {LONGEST_NAME} characters, without quotation marks.",
            field="name",
        )
    return plain


def _text(card: SegmentCard, row_name: str) -> str:
    known = "" if card.causal is None else f" {card.causal.text}"
    assert card.filter_rules is not None
    rules = card.filter_rules
    return (
        f"{card.name}: {card.size:,} {row_name}, {card.percentage:.1f} % of all. "
        f"{card.suggested_use}{known} "
        f"Its rules reach {rules.size:,}, of whom {rules.precision:.0%} are in the segment; "
        f"{rules.recall:.0%} of the segment are among them."
    )
