"""Qualification rules: named criteria that a person approves before briefs may use them."""

from __future__ import annotations

from fastapi import APIRouter

from activation_api.dependencies import Caller, OpenWorkspace, SegmentReader
from activation_api.discoveryschemas import ApprovalIn, RuleList
from activation_api.problems import documented
from domain.discovery import QualificationRule
from workflows.qualification import approve_rule, list_rules

router = APIRouter(prefix="/rules", tags=["rules"])


@router.get("", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> RuleList:
    """Every version of every rule, by name, the newest version first."""
    return RuleList(rules=list_rules(workspace))


@router.post("/{rule_id}/approve", responses=documented(400, 401, 403, 404, 409, 422))
def approve(
    rule_id: str, body: ApprovalIn, workspace: OpenWorkspace, caller: Caller
) -> QualificationRule:
    """Approve a draft: from now on "customers of <rule name>" is an audience in briefs. The audit
    keeps the person, and the key that told it."""
    return approve_rule(workspace, rule_id, by=body.approved_by, version=body.version, actor=caller)
