"""Briefs become objectives."""

from __future__ import annotations

from fastapi import APIRouter

from activation_api.briefschemas import AnswerIn, BriefIn, CopyIn, CopyList, CopyOut, ReadingOut
from activation_api.dependencies import Llm, OpenWorkspace, SegmentWriter
from activation_api.objectives import checked_objective
from activation_api.problems import documented
from workflows.briefs import read_brief, refine_brief, suggest_copy

router = APIRouter(prefix="/objectives", tags=["objectives"])


@router.post("", responses=documented(401, 403, 404, 422))
def read(body: BriefIn, workspace: OpenWorkspace, caller: SegmentWriter, llm: Llm) -> ReadingOut:
    """What a brief means: the objective, and the questions it leaves open."""
    return ReadingOut.of(read_brief(body.brief, workspace, llm))


@router.post("/answers", responses=documented(400, 401, 403, 404, 422))
def answer(body: AnswerIn, workspace: OpenWorkspace, caller: SegmentWriter) -> ReadingOut:
    """The objective with what an answer to its open questions says, and everything else kept."""
    objective = checked_objective(body.objective, workspace)
    return ReadingOut.of(refine_brief(objective, body.answer, workspace))


@router.post("/copy", responses=documented(400, 401, 403, 404, 422))
def copy(body: CopyIn, workspace: OpenWorkspace, caller: SegmentWriter) -> CopyList:
    """Suggested copy for an objective; what nobody stated stands as a placeholder in brackets."""
    objective = checked_objective(body.objective, workspace)
    return CopyList(
        copies=[CopyOut.of(one) for one in suggest_copy(objective, workspace, body.trigger)]
    )
