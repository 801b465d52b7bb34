"""A segment straight from a rule that a person approved: its customers, and what works there."""

from __future__ import annotations

from domain.discovery import QualificationRule
from domain.errors import Conflict, NotFound
from domain.objective import CampaignObjective
from domain.segment import SegmentVersion
from domain.triggers import NO_TRIGGER
from storage import qualification
from workflows.bycriteria import require_model, segment_by_criteria
from workflows.cardevidence import expected_best
from workflows.deciding import open_decision
from workflows.workspace import Workspace


def segment_of_approved_rule(
    workspace: Workspace,
    rule: str,
    *,
    trigger: str | None = None,
    outcome: str | None = None,
    actor: str = "cli",
) -> SegmentVersion:
    """A segment of exactly those who meet an approved rule, named by its id or name; without a
    `trigger`, with the one that the model expects most of for them.

    Raises NotFound for a rule that is not there, and Conflict for a draft and where no trigger is
    worth more than doing nothing; besides what `segment_by_criteria` raises.
    """
    approved = approved_rule(workspace, rule)
    chosen = trigger or _best(workspace, approved, outcome)
    return segment_by_criteria(
        workspace, approved.criteria, chosen, outcome=outcome, name=approved.name, actor=actor
    )


def approved_rule(workspace: Workspace, rule: str) -> QualificationRule:
    """The newest approved version of the rule of an id or a name."""
    wanted = " ".join(rule.split()).casefold()
    with workspace.control.read() as session:
        every = qualification.listed(session)
        approved = qualification.approved(session)
    named = [one for one in every if wanted in (one.rule_id, one.name.casefold())]
    if not named:
        names = ", ".join(dict.fromkeys(one.name for one in every))
        there = f"There are {names}." if names else "Apply a card: `aether discover apply`."
        raise NotFound(
            f"There is no rule {rule!r}.",
            remedy=there,
            field="rule",
        )
    found = approved.get(named[0].name)
    if found is None:
        raise Conflict(
            f"{named[0].name} is a draft, which is nobody's audience.",
            remedy=f"Approve it: `aether discover approve {named[0].rule_id} --by NAME`.",
            field="rule",
        )
    return found


def _best(workspace: Workspace, rule: QualificationRule, outcome: str | None) -> str:
    objective = CampaignObjective(audience=rule.criteria)
    record = require_model(workspace, objective, outcome)
    with open_decision(workspace, objective, record, exact=True) as decision:
        best = expected_best(decision, decision.audience)
    if best == NO_TRIGGER:
        raise Conflict(
            f"By the model no trigger is worth more to {rule.name} than doing nothing.",
            remedy="Name a trigger to have it all the same.",
            field="trigger",
        )
    return best
