"""The whole surface: keys, problems, documents, and input that means harm."""

from __future__ import annotations

from itertools import product

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from workflows.keys import create_key, revoke_key
from workflows.workspace import Workspace

OPEN = {"/health", "/ready"}


def is_problem(response: Response, status: int) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert body["status"] == status
    assert body["detail"]
    return body


def routes(api: TestClient) -> list[tuple[str, str]]:
    paths = api.get("/openapi.json").json()["paths"]
    return [(verb, path) for path, verbs in paths.items() for verb in verbs]


def test_no_route_answers_without_a_key(anonymous: TestClient, api: TestClient) -> None:
    known = routes(api)
    assert len(known) > 20
    for verb, path in known:
        for headers in ({}, {"X-API-Key": "aek_x_y"}, {"Authorization": "Bearer x"}):
            response = anonymous.request(
                verb, path.replace("{", "").replace("}", ""), headers=headers
            )
            if path in OPEN:
                assert response.status_code == 200
            else:
                is_problem(response, 401)
                assert response.headers["www-authenticate"] == "Bearer"


def test_a_key_opens_in_either_header_until_it_is_revoked(
    shop: Workspace, anonymous: TestClient
) -> None:
    key, secret = create_key(shop, "short")
    for headers in ({"X-API-Key": secret}, {"Authorization": f"Bearer {secret}"}):
        assert anonymous.get("/api/v1/segments", headers=headers).status_code == 200
    revoke_key(shop, key.id)
    is_problem(anonymous.get("/api/v1/segments", headers={"X-API-Key": secret}), 401)


def test_unknown_paths_and_verbs_are_problems(api: TestClient) -> None:
    is_problem(api.get("/api/v1/nothing"), 404)
    is_problem(api.delete("/api/v1/segments"), 405)
    is_problem(api.get("/api/v1/segments/seg_x"), 404)
    is_problem(api.get("/api/v1/segments/seg_x/customers"), 404)
    is_problem(api.get("/api/v1/jobs/job_x"), 404)


def test_the_documents_describe_everything_with_examples(api: TestClient) -> None:
    document = api.get("/openapi.json").json()
    assert document["info"] == document["info"] | {"title": "AetherSegment", "version": "1.2.3"}
    assert api.get("/docs").status_code == 200
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            assert operation.get("description"), f"{verb} {path} says nothing"
            if path not in OPEN:
                assert operation["security"]
                assert "application/problem+json" in operation["responses"]["401"]["content"]
    schemas = document["components"]["schemas"]
    for name in ("SegmentSummary", "CustomerPage", "JobOut", "TriggerOut", "Problem", "Links"):
        parts = schemas[name]["properties"].values()
        assert any("examples" in part for part in parts), f"{name} has no example"
    for name in ("BriefIn", "SegmentsIn", "TrainingIn"):
        assert schemas[name]["examples"]


def test_health_and_readiness(anonymous: TestClient) -> None:
    assert anonymous.get("/health").json() == {"status": "ok"}
    assert anonymous.get("/ready").json() == {"status": "ready"}


EVIL = [
    "../../../etc/passwd",
    "..%2f..%2fcontrol.db",
    "seg_1' OR '1'='1",
    "seg_1;DROP TABLE segments",
    "%00",
    "é😀",
    "a" * 5_000,
]


@pytest.mark.parametrize("evil", EVIL)
def test_an_evil_id_is_not_found(api: TestClient, evil: str) -> None:
    for path in (f"/api/v1/segments/{evil}", f"/api/v1/segments/{evil}/customers"):
        is_problem(api.get(path), 404)
    is_problem(api.get(f"/api/v1/jobs/{evil}"), 404)


@pytest.mark.parametrize(
    ("path", "body"),
    product(
        ["/api/v1/objectives", "/api/v1/segments"],
        ['{"brief": ""}', "{", "[]", '{"brief": 5}', '{"brief": "x", "more": 1}', "{}"],
    ),
)
def test_a_body_of_another_form_is_refused(api: TestClient, path: str, body: str) -> None:
    headers = {"content-type": "application/json"}
    is_problem(api.post(path, content=body, headers=headers), 422)


def test_an_oversize_brief_is_refused(api: TestClient) -> None:
    for path in ("/api/v1/objectives", "/api/v1/segments"):
        assert is_problem(api.post(path, json={"brief": "x" * 10_001}), 422)["field"] == "brief"
    assert api.post("/api/v1/objectives", json={"brief": "win back " * 1_000}).status_code == 200


@pytest.mark.parametrize(
    "brief",
    ["\x00", "a\x00b\x1b[2J", "\u202eabc", "\U0001f600", "'; DROP TABLE segments; --", "\\ud800"],
)
def test_any_text_is_read_as_data(api: TestClient, brief: str) -> None:
    body = '{"brief": "' + brief.replace('"', "") + '"}' if brief == "\\ud800" else None
    if body is not None:
        headers = {"content-type": "application/json"}
        is_problem(api.post("/api/v1/objectives", content=body, headers=headers), 422)
        return
    response = api.post("/api/v1/objectives", json={"brief": brief})
    assert response.status_code == 200
    assert response.json()["objective"]["brief"] == brief
    assert response.json()["questions"], "what can't be read becomes a question"


ODD_CRITERIA = [
    '{"field": "region", "op": "eq", "value": "\\ud800"}',
    '{"field": "basket", "op": "gt", "value": NaN}',
    '{"field": "basket", "op": "gt", "value": 1e400}',
    '{"field": "region\\" OR 1=1 --", "op": "eq", "value": "x"}',
    '{"field": "region", "op": "eq", "value": "a\\u0000b"}',
    '{"field": "region", "op": "top_percent", "value": 5}',
    '{"any": 5}',
    "[" * 500 + "]" * 500,
    '{"not": ' * 30 + '{"all": []}' + "}" * 30,
]


@pytest.mark.parametrize("criteria", ODD_CRITERIA)
def test_odd_criteria_are_refused(api: TestClient, criteria: str) -> None:
    body = '{"objective": {"audience": ' + criteria + "}}"
    headers = {"content-type": "application/json"}
    response = api.post("/api/v1/segments", content=body, headers=headers)
    is_problem(response, 422)


@pytest.mark.parametrize(
    "part",
    [
        '"metric_target": {"value": NaN}',
        '"metric_target": {"value": Infinity}',
        '"max_customers": 0',
        '"budget": {"amount": -1}',
        '"budget": {"amount": NaN}',
        '"channel": "pigeon"',
        '"brief": "\\ud800"',
        '"more": 1',
    ],
)
def test_an_objective_of_another_form_is_refused(api: TestClient, part: str) -> None:
    body = '{"objective": {"campaign_goal": "increase_conversion", ' + part + "}}"
    headers = {"content-type": "application/json"}
    response = api.post("/api/v1/segments", content=body, headers=headers)
    assert "objective" in str(is_problem(response, 422)["detail"])


def test_a_fault_of_the_server_says_nothing_of_its_inside(
    api: TestClient, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret path")

    monkeypatch.setattr(shop, "catalogue", broken)
    body = is_problem(api.get("/api/v1/triggers"), 500)
    assert "secret" not in str(body)


def test_what_is_no_json_names_no_field(api: TestClient) -> None:
    answer = api.post(
        "/api/v1/objectives", content="{", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert "field" not in answer.json()
    assert answer.json()["detail"].startswith("The body: ")
