"""Conversations about briefs: begun, answered, edited by hand, branched, and found again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from domain.conversation import Asked, Conversation, Quoted, Turn, TurnKind
from domain.errors import BadObjective, BadRequest
from domain.objective import CampaignObjective
from domain.parsing import check
from storage import conversations
from workflows.briefs import (
    ObjectiveReader,
    Question,
    Reading,
    read_brief,
    refine_brief,
    workspace_questions,
)
from workflows.workspace import Workspace

MOST_LISTED = 40
MOST_TURNS = 200


def begin_conversation(
    workspace: Workspace, brief: str, llm: ObjectiveReader | None = None
) -> Conversation:
    """Read a brief, and keep what was said and understood. Raises BadRequest for an empty one."""
    text = brief.strip()
    if not text:
        raise BadRequest(
            "The brief is empty.", remedy="Say what the campaign should do.", field="brief"
        )
    reading = read_brief(text, workspace, llm)
    made = Conversation(
        conversation_id=f"con_{secrets.token_hex(6)}",
        turns=(_turn(workspace, TurnKind.BRIEF, text, reading),),
        quotes=tuple(
            Quoted(start=span.start, end=span.end, text=span.text, what=span.what)
            for span in reading.spans
        ),
    )
    return _kept(workspace, made)


def answer_question(workspace: Workspace, conversation_id: str, answer: str) -> Conversation:
    """Merge an answer to the open questions into what was understood."""
    text = answer.strip()
    if not text:
        raise BadRequest("The answer is empty.", remedy="Write a few words.", field="answer")

    def answered(known: Conversation) -> Turn:
        reading = refine_brief(known.objective, text, workspace)
        return _turn(workspace, TurnKind.ANSWER, text, reading)

    return _continued(workspace, conversation_id, answered)


def edit_objective(
    workspace: Workspace, conversation_id: str, values: Mapping[str, Any], said: str
) -> Conversation:
    """Change fields of what was understood by hand; questions about them count as answered.

    `said` tells the change in words, for the conversation. Raises BadObjective for values that
    contradict each other, and UnknownField or WrongType for an audience that can't be.
    """
    return _continued(
        workspace, conversation_id, lambda known: _edit(workspace, known, values, said)
    )


def branch_conversation(workspace: Workspace, conversation_id: str, turns: int) -> Conversation:
    """A conversation of its own that begins with the first turns of another."""
    known = show_conversation(workspace, conversation_id)
    if not 1 <= turns <= len(known.turns):
        raise BadRequest(
            f"The conversation has {len(known.turns)} turns, and {turns} was asked for.",
            remedy="Branch at one of them.",
            field="turns",
        )
    made = known.model_copy(
        update={
            "conversation_id": f"con_{secrets.token_hex(6)}",
            "turns": known.turns[:turns],
            "branched_from": known.conversation_id,
        }
    )
    return _kept(workspace, made)


def show_conversation(workspace: Workspace, conversation_id: str) -> Conversation:
    with workspace.control.read() as session:
        return conversations.get(session, conversation_id)


def list_conversations(workspace: Workspace) -> list[Conversation]:
    """Those that changed last, the newest first."""
    with workspace.control.read() as session:
        return conversations.listed(session, MOST_LISTED)


def _continued(
    workspace: Workspace, conversation_id: str, next_turn: Callable[[Conversation], Turn]
) -> Conversation:
    """The conversation with one turn more. Where somebody else added one meanwhile, the turn is
    made again, of theirs."""
    while True:
        known = show_conversation(workspace, conversation_id)
        if len(known.turns) >= MOST_TURNS:
            raise BadRequest(
                f"This conversation has {MOST_TURNS} turns, the most that are kept.",
                remedy="Branch it at one of them, or begin anew.",
            )
        made = known.model_copy(update={"turns": (*known.turns, next_turn(known))})
        with workspace.control.write() as session:
            if conversations.get(session, conversation_id, lock=True) == known:
                conversations.put(session, made)
                return made


def _edit(workspace: Workspace, known: Conversation, values: Mapping[str, Any], said: str) -> Turn:
    try:
        changed = CampaignObjective.model_validate({**dict(known.objective), **values})
    except ValidationError as error:
        raise BadObjective(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    check(changed.audience, workspace.schema())
    before = {question.text for question in workspace_questions(workspace, known.objective)}
    left = [
        asked
        for asked in known.latest.questions
        if asked.text not in before and asked.about not in values
    ]
    questions = (*left, *map(_asked, workspace_questions(workspace, changed)))
    objective = changed.model_copy(
        update={"clarifications": tuple(question.text for question in questions)}
    )
    return Turn(
        kind=TurnKind.EDIT,
        text=said,
        at=workspace.now(),
        objective=objective,
        questions=questions,
        source=known.latest.source,
    )


def _kept(workspace: Workspace, made: Conversation) -> Conversation:
    with workspace.control.write() as session:
        conversations.put(session, made)
    return made


def _turn(workspace: Workspace, kind: TurnKind, text: str, reading: Reading) -> Turn:
    return Turn(
        kind=kind,
        text=text,
        at=workspace.now(),
        objective=reading.objective,
        questions=tuple(map(_asked, reading.questions)),
        source=reading.source,
        reason=reading.reason,
    )


def _asked(question: Question) -> Asked:
    return Asked(text=question.text, choices=question.choices, about=question.about)
