"""Fine-tuning lines hold a brief and its objective."""

import json

from interpreter.finetune import export_finetune


def test_a_line_a_brief() -> None:
    rows = [{"brief": "Win them back", "gold": {"campaign_goal": "win_back"}}]
    (line,) = export_finetune(rows)
    system, user, assistant = json.loads(line)["messages"]
    assert system["role"] == "system"
    assert user == {"role": "user", "content": "Win them back"}
    assert json.loads(assistant["content"]) == {"campaign_goal": "win_back"}
