"""A conversation over HTTP: a brief, an answer, and copy for what was agreed."""

from __future__ import annotations

from dataclasses import replace

from fastapi.testclient import TestClient

from activation_api.app import create_app
from domain.scopes import Scope
from interpreter.reader import ReaderContext, Reading, TokenUse, read_embedded
from workflows.keys import create_key
from workflows.workspace import Workspace

VAGUE = "Free shipping by e-mail for people who ordered a lot lately"


def test_an_answer_closes_a_question_and_keeps_the_rest(api: TestClient) -> None:
    first = api.post("/api/v1/objectives", json={"brief": VAGUE}).json()
    assert first["questions"]
    objective = first["objective"]
    answer = "Raise conversion, orders before at least 3"
    for _ in range(3):
        body = {"objective": objective, "answer": answer}
        then = api.post("/api/v1/objectives/answers", json=body)
        assert then.status_code == 200, then.text
        objective = then.json()["objective"]
        if not then.json()["questions"]:
            break
        answer = then.json()["questions"][0]["choices"][0:1]
        answer = answer[0] if answer else "leave it out"
    assert objective["clarifications"] == []
    assert objective["proposed_intervention"] == "free_shipping"
    assert objective["channel"] == "email"
    made = api.post("/api/v1/segments", json={"objective": objective})
    assert made.status_code == 201, made.text


def test_copy_marks_what_nobody_stated(api: TestClient) -> None:
    brief = "Last chance by sms for all customers: sell more"
    objective = api.post("/api/v1/objectives", json={"brief": brief}).json()["objective"]
    body = {"objective": objective, "trigger": "scarcity_message"}
    (copy,) = api.post("/api/v1/objectives/copy", json=body).json()["copies"]
    assert copy["channel"] == "sms"
    assert len(copy["parts"]["body"]) <= 160
    assert all(name in copy["parts"]["body"] for name in copy["placeholders"])
    assert copy["notes"], "a scarcity claim must be true, and the copy says so"


def test_copy_for_an_unknown_trigger_is_refused(api: TestClient) -> None:
    body = {"objective": {"campaign_goal": "win_back"}, "trigger": "bribe"}
    response = api.post("/api/v1/objectives/copy", json=body)
    assert response.status_code in (400, 404, 422)
    assert "bribe" in response.json()["detail"]


class Failing:
    """An LLM that is never there."""

    def read(self, brief: str, context: ReaderContext) -> Reading:
        embedded = read_embedded(brief, replace(context, llm=None))
        return replace(embedded, reason="the LLM can't be reached", tokens=TokenUse(7, 0, None))


def test_a_fallback_from_the_llm_is_visible(shop: Workspace) -> None:
    _, secret = create_key(shop, "llm", (Scope.ADMIN,))
    app = create_app(shop, llm=Failing())
    reading = TestClient(app, headers={"X-API-Key": secret}).post(
        "/api/v1/objectives", json={"brief": "Win back lapsed customers"}
    )
    assert reading.json()["source"] == "offline"
    assert reading.json()["reason"] == "the LLM can't be reached"
    assert reading.json()["tokens"] == {"prompt": 7, "completion": 0, "cost": None}
