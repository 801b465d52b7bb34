"""Request ids, bounds, quotas, repeats, metrics and logs."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from activation_api.app import create_app
from activation_api.bodies import MAX_BYTES, Bodies
from activation_api.idempotency import HEADER
from activation_api.rates import Quota
from domain.scopes import Scope as Right
from storage.control import Control
from tests.activation_api.little import little
from tests.activation_api.test_app import is_problem
from workflows.keys import create_key
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = little(tmp_path_factory.mktemp("manners") / "shop")
    yield workspace
    workspace.close()


def client(workspace: Workspace, *scopes: Right, **options: Any) -> TestClient:
    app = create_app(workspace, **options)
    add_deeds(app)
    headers = {"X-API-Key": create_key(workspace, "tests", scopes)[1]} if scopes else {}
    return TestClient(app, headers=headers, raise_server_exceptions=False)


class Deeds:
    """What the test's own route did, and a gate that holds it up."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.begun, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self.failures = 0


def add_deeds(app: FastAPI) -> None:
    app.state.deeds = deeds = Deeds()

    @app.post("/deeds", status_code=201)
    def deed(body: dict[str, str]) -> dict[str, int]:
        deeds.begun.set()
        deeds.gate.wait(5)
        if deeds.failures:
            deeds.failures -= 1
            raise ZeroDivisionError(body["name"])
        deeds.done.append(body["name"])
        return {"number": len(deeds.done)}


def test_a_request_has_an_id_and_a_plain_one_is_kept(shop: Workspace) -> None:
    api = client(shop, Right.ADMIN)
    first, second = (api.get("/health").headers["x-request-id"] for _ in range(2))
    assert first != second
    given = api.get("/api/v1/nothing", headers={"X-Request-ID": "night-7.a_b"})
    assert given.headers["x-request-id"] == "night-7.a_b"
    for odd in ("a b", "x" * 65, 'x"y', "<x>"):
        assert api.get("/health", headers={"X-Request-ID": odd}).headers["x-request-id"] != odd


def test_a_quota_is_told_and_kept(shop: Workspace) -> None:
    api = client(shop, Right.SEGMENTS_READ, rate_limit=3)
    left = []
    for _ in range(3):
        answer = api.get("/api/v1/triggers")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"requests";q=3;w=60'
        name, rest, resets = answer.headers["ratelimit"].split(";")
        assert (name, resets[:2]) == ('"requests"', "t=")
        left.append(rest)
    assert left == ["r=2", "r=1", "r=0"]
    refused = api.get("/api/v1/triggers")
    is_problem(refused, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    _, other = create_key(shop, "other")
    assert api.get("/api/v1/triggers", headers={"X-API-Key": other}).status_code == 200


def test_guesses_of_a_key_are_put_off_but_a_valid_key_is_not(shop: Workspace) -> None:
    api = client(shop, Right.SEGMENTS_READ)
    answers = [
        api.get("/api/v1/triggers", headers={"X-API-Key": f"aek_0_{n}"}).status_code
        for n in range(70)
    ]
    assert answers == [401] * 60 + [429] * 10
    assert api.get("/api/v1/triggers").status_code == 200


def test_a_quota_is_whole_again_after_its_window() -> None:
    now = 0.0
    quota = Quota(2, lambda: now)
    assert [quota.spend("a").allowed for _ in range(3)] == [True, True, False]
    assert quota.spend("b").remaining == 1
    now = 59.0
    standing = quota.spend("a")
    assert (standing.allowed, standing.resets_in) == (False, 1)
    now = 60.0
    assert quota.spend("a").allowed


def test_an_oversize_body_is_refused_declared_or_not(shop: Workspace) -> None:
    api = client(shop, Right.ADMIN)
    body = b'{"name": "' + b"x" * MAX_BYTES + b'"}'
    assert is_problem(api.post("/deeds", content=body), 413)["field"] == "body"
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    is_problem(api.post("/deeds", content=pieces), 413)
    assert not api.app.state.deeds.done  # type: ignore[attr-defined]
    fits = b'{"name": "' + b"x" * (MAX_BYTES - 100) + b'"}'
    kind = {"content-type": "application/json"}
    assert api.post("/deeds", content=fits, headers=kind).status_code == 201


def test_a_body_that_comes_too_slowly_is_refused() -> None:
    sent: list[Message] = []

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("the application must not be reached")

    async def slow() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "headers": [], "path": "/"}
    asyncio.run(Bodies(never, max_seconds=0.1)(scope, slow, send))
    assert sent[0]["status"] == 408


def test_a_post_sent_twice_is_done_once(shop: Workspace) -> None:
    api = client(shop, Right.ADMIN)
    headers = {HEADER: "once"}
    first = api.post("/deeds", json={"name": "a"}, headers=headers)
    again = api.post("/deeds", json={"name": "a"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert api.app.state.deeds.done == ["a"]  # type: ignore[attr-defined]
    other = api.post("/deeds", json={"name": "b"}, headers=headers)
    assert is_problem(other, 422)["field"] == HEADER
    assert is_problem(api.post("/deeds?x=1", json={"name": "a"}, headers=headers), 422)
    _, key = create_key(shop, "other", (Right.ADMIN,))
    theirs = api.post("/deeds", json={"name": "c"}, headers=headers | {"X-API-Key": key})
    assert theirs.status_code == 201, "another caller's word is another word"
    for wrong in ("", "x" * 256):
        answer = api.post("/deeds", json={"name": "d"}, headers={HEADER: wrong})
        assert is_problem(answer, 400)["field"] == HEADER


def test_a_repeat_in_flight_is_a_conflict(shop: Workspace) -> None:
    api = client(shop, Right.ADMIN)
    deeds: Deeds = api.app.state.deeds  # type: ignore[attr-defined]
    deeds.gate.clear()
    answers: list[int] = []

    def post() -> None:
        headers = {HEADER: "slow"}
        answers.append(api.post("/deeds", json={"name": "a"}, headers=headers).status_code)

    thread = threading.Thread(target=post)
    thread.start()
    assert deeds.begun.wait(5)
    repeat = api.post("/deeds", json={"name": "a"}, headers={HEADER: "slow"})
    deeds.gate.set()
    thread.join()
    is_problem(repeat, 409)
    assert repeat.headers["retry-after"]
    assert (answers, deeds.done) == ([201], ["a"])


def test_what_failed_may_be_tried_again(shop: Workspace) -> None:
    api = client(shop, Right.ADMIN)
    api.app.state.deeds.failures = 1  # type: ignore[attr-defined]
    headers = {HEADER: "again"}
    is_problem(api.post("/deeds", json={"name": "a"}, headers=headers), 500)
    assert api.post("/deeds", json={"name": "a"}, headers=headers).status_code == 201


def test_the_metrics_count_by_route_and_need_a_key(shop: Workspace) -> None:
    api = client(shop, Right.SEGMENTS_READ)
    for _ in range(3):
        api.get("/api/v1/segments/seg_secret")
    text = api.get("/metrics").text
    labels = 'method="GET",route="/segments/{segment_id}",status="404"'
    assert f"aether_requests_total{{{labels}}} 3.0" in text
    assert "aether_jobs_queued 0" in text
    assert "seg_secret" not in text
    is_problem(client(shop).get("/metrics"), 401)


def test_the_log_says_what_happened_and_nothing_of_whom(
    shop: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    api = client(shop, Right.ADMIN)
    api.app.state.deeds.failures = 1  # type: ignore[attr-defined]
    with caplog.at_level(logging.INFO, "aether.requests"):
        api.get("/api/v1/segments/seg_ann@example.com", params={"cursor": "ann@example.com"})
        api.post("/deeds", json={"name": "ann@example.com"}, headers={"X-Request-ID": "r1"})
    found, failed = (json.loads(record.message) for record in caplog.records)
    assert "ann@example.com" not in caplog.text
    assert found["status"] == 404
    assert found["route"] == "/segments/{segment_id}"
    assert found["key"]
    assert (failed["status"], failed["failure"]) == (500, "ZeroDivisionError")
    assert failed["request_id"] == "r1"
    assert any("deed" in place for place in failed["where"])


def test_a_control_plane_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    workspace = little(tmp_path / "shop")
    api = client(workspace, Right.ADMIN)
    workspace.control = Control(f"postgresql://u:secret@/x?host={tmp_path}")
    answer = api.get("/api/v1/segments")
    assert "secret" not in str(is_problem(answer, 503))
    assert answer.headers["retry-after"]
    assert api.get("/ready").status_code == 503
    assert api.get("/health").status_code == 200
    workspace.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda api: api.get("/nothing"),
        lambda api: api.put("/api/v1/segments"),
        lambda api: api.get("/api/v1/segments/x%00y"),
        lambda api: api.get("/api/v1/segments/x/customers?cursor=%00"),
        lambda api: api.post("/api/v1/objectives", content=b"\xff\xfe"),
    ],
)
def test_every_refusal_is_a_problem(shop: Workspace, ask: Callable[[TestClient], Any]) -> None:
    answer = ask(client(shop, Right.ADMIN))
    assert 400 <= answer.status_code < 500
    is_problem(answer, answer.status_code)
    assert answer.headers["x-request-id"]
