"""Briefs become objectives."""

from __future__ import annotations

from fastapi import APIRouter

from activation_api.dependencies import Caller, OpenWorkspace
from activation_api.problems import documented
from activation_api.schemas import BriefIn, QuestionOut, ReadingOut
from workflows.briefs import read_brief

router = APIRouter(prefix="/objectives", tags=["objectives"])


@router.post("", responses=documented(401, 404, 422))
def read(body: BriefIn, workspace: OpenWorkspace, caller: Caller) -> ReadingOut:
    """What a brief means: the objective, and the questions it leaves open."""
    reading = read_brief(body.brief, workspace)
    return ReadingOut(
        objective=reading.objective,
        questions=[
            QuestionOut(text=q.text, choices=list(q.choices), about=q.about)
            for q in reading.questions
        ],
        source=reading.source,
        reason=reading.reason,
    )
