"""Conversations are kept, answered, edited and branched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.conversation import TurnKind
from domain.criteria import AllOf, Condition, Op
from domain.errors import BadObjective, BadRequest, NotFound, UnknownField
from domain.objective import CampaignGoal
from domain.triggers import Channel
from workflows.conversations import (
    answer_question,
    begin_conversation,
    branch_conversation,
    edit_objective,
    list_conversations,
    show_conversation,
)
from workflows.workspace import Workspace

ASKING = "Win back customers who have not purchased in 60 days, with usual basket over 50"


def test_a_brief_is_kept_with_what_was_understood(own: Workspace) -> None:
    begun = begin_conversation(own, f"  {ASKING} by e-mail ")
    kept = show_conversation(own, begun.conversation_id)
    assert kept == begun
    assert kept.brief == f"{ASKING} by e-mail"
    assert kept.objective.channel is Channel.EMAIL
    assert all(kept.brief[q.start : q.end] == q.text for q in kept.quotes)
    assert {"audience", "email"} <= {quote.what for quote in kept.quotes}


def test_an_answer_closes_its_question(own: Workspace) -> None:
    begun = begin_conversation(own, ASKING)
    assert begun.latest.questions
    answered = answer_question(own, begun.conversation_id, "leave it out")
    assert answered.latest.questions == ()
    assert [turn.kind for turn in answered.turns] == [TurnKind.BRIEF, TurnKind.ANSWER]
    assert answered.turns[0].questions == begun.latest.questions


def test_an_edit_stands_and_closes_questions_about_it(own: Workspace) -> None:
    begun = begin_conversation(own, ASKING)
    audience = AllOf(all=(Condition(field="basket", op=Op.LT, value=40),))
    edited = edit_objective(own, begun.conversation_id, {"audience": audience}, "the audience")
    assert edited.objective.audience == audience
    assert edited.latest.questions == ()
    assert edited.objective.clarifications == ()
    again = edit_objective(
        own, begun.conversation_id, {"campaign_goal": CampaignGoal.REDUCE_CHURN}, "Goal: churn"
    )
    assert again.objective.audience == audience
    assert again.latest.text == "Goal: churn"


def test_an_edit_that_can_not_be_changes_nothing(own: Workspace) -> None:
    begun = begin_conversation(own, "Win back customers with usual basket over 50")
    contradiction = {
        "allowed_interventions": ("free_shipping",),
        "excluded_interventions": ("free_shipping",),
    }
    with pytest.raises(BadObjective, match="both allowed and excluded"):
        edit_objective(own, begun.conversation_id, contradiction, "both")
    unknown = AllOf(all=(Condition(field="no_such_field", op=Op.LT, value=1),))
    with pytest.raises(UnknownField):
        edit_objective(own, begun.conversation_id, {"audience": unknown}, "a field")
    assert show_conversation(own, begun.conversation_id) == begun


def test_edits_at_the_same_time_all_stand(own: Workspace) -> None:
    begun = begin_conversation(own, "Win back customers with usual basket over 50")
    changes: list[dict[str, object]] = [
        {"channel": Channel.SMS},
        {"max_customers": 70},
        {"campaign_goal": CampaignGoal.REDUCE_CHURN},
    ]
    with ThreadPoolExecutor(len(changes)) as people:
        list(people.map(lambda one: edit_objective(own, begun.conversation_id, one, "x"), changes))
    found = show_conversation(own, begun.conversation_id)
    assert len(found.turns) == 4
    for change in changes:
        for name, value in change.items():
            assert getattr(found.objective, name) == value


def test_a_branch_goes_its_own_way(own: Workspace) -> None:
    begun = begin_conversation(own, ASKING)
    answered = answer_question(own, begun.conversation_id, "leave it out")
    branch = branch_conversation(own, begun.conversation_id, 1)
    assert branch.turns == begun.turns
    assert branch.branched_from == begun.conversation_id
    edit_objective(own, branch.conversation_id, {"max_customers": 5}, "Customers: at most 5")
    assert show_conversation(own, begun.conversation_id) == answered
    with pytest.raises(BadRequest, match="2 turns"):
        branch_conversation(own, begun.conversation_id, 3)


def test_the_list_has_every_conversation_and_titles_that_fit(own: Workspace) -> None:
    texts = ["Win back customers", "word " * 60]
    begun = {begin_conversation(own, text).conversation_id for text in texts}
    listed = list_conversations(own)
    assert {talk.conversation_id for talk in listed} == begun
    assert all(len(talk.title) <= 80 for talk in listed)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_nothing_said_is_refused(own: Workspace, text: str) -> None:
    with pytest.raises(BadRequest, match="empty"):
        begin_conversation(own, text)


def test_a_conversation_that_is_not_there(own: Workspace) -> None:
    with pytest.raises(NotFound, match="con_x"):
        show_conversation(own, "con_x")
