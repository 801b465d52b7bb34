"""A company's own meanings of vague words are used in its briefs, and stated as assumptions."""

from __future__ import annotations

import pytest

from domain.criteria import Condition, Op, conditions
from workflows.briefs import read_brief
from workflows.glossary import GLOSSARY_FILE, own_glossary
from workflows.workspace import BadWorkspace, Workspace


def write(workspace: Workspace, text: str) -> None:
    (workspace.root / GLOSSARY_FILE).write_text(text, encoding="utf-8")


def test_without_a_file_there_are_no_own_words(own: Workspace) -> None:
    assert own_glossary(own) == {}


def test_an_own_meaning_takes_the_place_of_the_standard_one(own: Workspace) -> None:
    write(own, 'loyal = { all = [{ field = "past_orders", op = "gte", value = 6 }] }\n')
    objective = read_brief("Free shipping for loyal customers: more visits", own).objective
    assert list(conditions(objective.audience)) == [
        Condition(field="past_orders", op=Op.GTE, value=6)
    ]
    assert any("loyal" in assumption for assumption in objective.assumptions)


def test_a_new_word_is_read(own: Workspace) -> None:
    write(own, '"big baskets" = { all = [{ field = "basket", op = "gte", value = 100 }] }\n')
    objective = read_brief("Free shipping for big baskets, to raise conversion", own).objective
    assert Condition(field="basket", op=Op.GTE, value=100) in list(conditions(objective.audience))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("loyal = [", "can't be read"),
        ('loyal = { field = "past_order", op = "gte", value = 6 }\n', "past_orders"),
        ('loyal = { field = "past_orders", op = "gte", value = "six" }\n', "'loyal' in"),
    ],
)
def test_a_file_that_is_wrong_is_one_clear_error(own: Workspace, text: str, words: str) -> None:
    write(own, text)
    with pytest.raises(BadWorkspace, match=words):
        own_glossary(own)
