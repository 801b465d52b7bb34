"""The reader judged on files of labelled briefs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import BadData
from interpreter.labelled import labelled_briefs
from interpreter.reader import ReaderContext, Reading, TokenUse, read_embedded
from workflows.interpreting import evaluate_reader, finetune_lines, read_labelled


def written(folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / "briefs.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


class Failing:
    """An LLM that reads nothing and says what that cost."""

    def read(self, brief: str, context: ReaderContext) -> Reading:
        embedded = read_embedded(brief, replace(context, llm=None))
        return replace(embedded, reason="it sleeps", tokens=TokenUse(10, 2, 0.5))


def test_a_file_of_labelled_briefs_is_scored(tmp_path: Path) -> None:
    path = written(tmp_path, labelled_briefs("terse")[:6])
    judged = evaluate_reader(path)
    assert judged.table.briefs == 6
    assert (judged.fell_back, judged.tokens, judged.cost) == (0, 0, None)


def test_what_an_llm_could_not_read_is_counted_with_its_reason_and_cost(tmp_path: Path) -> None:
    path = written(tmp_path, labelled_briefs("terse")[:3])
    judged = evaluate_reader(path, Failing())
    assert (judged.fell_back, judged.reasons) == (3, ("it sleeps",))
    assert (judged.tokens, judged.cost) == (36, 1.5)
    assert judged.table == evaluate_reader(path).table


def test_a_brief_without_gold_is_named_by_its_line(tmp_path: Path) -> None:
    good = labelled_briefs("terse")[0]
    path = written(tmp_path, [good, {"id": "x", "brief": "hello"}])
    with pytest.raises(BadData, match="Line 2 of"):
        read_labelled(path)
    with pytest.raises(BadData, match="can't be read"):
        read_labelled(tmp_path / "absent.jsonl")


def test_our_own_briefs_become_fine_tuning_lines() -> None:
    lines = list(finetune_lines(None))
    assert len(lines) == sum(bool(row["brief"].strip()) for row in labelled_briefs()) >= 300
    assert all(json.loads(line)["messages"][1]["content"].strip() for line in lines)
    messages = json.loads(lines[0])["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant"]
    assert "campaign_goal" in json.loads(messages[2]["content"])
