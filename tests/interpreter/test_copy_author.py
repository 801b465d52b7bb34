"""The LLM author asks one question for all drafts, and refuses an answer that is no object."""

from __future__ import annotations

import json

import pytest

from interpreter.completion import LlmFailed
from interpreter.copy_author import LlmAuthor
from interpreter.copywriting import Draft

DRAFTS = {"sms body": Draft("Free shipping: [LINK]", 160), "push title": Draft("For you", 50)}


def test_all_drafts_are_one_question_and_what_is_no_text_is_left_out() -> None:
    asked: list[tuple[str, str]] = []

    def complete(system: str, user: str) -> str:
        asked.append((system, user))
        return json.dumps({"sms body": "Ganz frei: [LINK]", "push title": 3})

    assert LlmAuthor(complete)("de", DRAFTS) == {"sms body": "Ganz frei: [LINK]"}
    ((system, user),) = asked
    assert "German" in system
    assert json.loads(user)["sms body"] == {"text": "Free shipping: [LINK]", "limit": 160}


@pytest.mark.parametrize("answer", ["", "Sure! Here it is", "[1, 2]"])
def test_an_answer_that_is_no_object_is_refused(answer: str) -> None:
    with pytest.raises(LlmFailed, match="not what was asked for"):
        LlmAuthor(lambda system, user: answer)("en", DRAFTS)
