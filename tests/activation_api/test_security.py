"""Harm in every parameter of every operation: refused as a problem, never run, never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from domain.scopes import Scope
from storage.dump import dump
from tests.activation_api.little import little, with_segment
from workflows.keys import create_key
from workflows.workspace import Workspace

HARM = [
    "' OR '1'='1",
    "1; DROP TABLE api_keys; --",
    "\"; ATTACH '/tmp/x.db' --",
    "read_text('/etc/passwd')",
    "../../../../etc/passwd",
    "..\\..\\workspace.toml",
    "%2e%2e%2fworkspace.toml",
    "{{7*7}}${7*7}",
    "<script>alert(1)</script>",
    "\r\nX-Evil: 1",
    "\x00",
    "\u202e\U0001f600",
    "-1",
    "9" * 40,
    "NaN",
    "x" * 3_000,
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = little(tmp_path_factory.mktemp("security") / "shop")
    with_segment(workspace)
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def api(shop: Workspace) -> TestClient:
    _, secret = create_key(shop, "tests", tuple(Scope))
    app = create_app(shop, rate_limit=1_000_000)
    return TestClient(app, headers={"X-API-Key": secret}, raise_server_exceptions=False)


def operations(api: TestClient) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in api.get("/openapi.json").json()["paths"].items():
        for verb, operation in verbs.items():
            if verb != "delete" or "customer_id" not in path:  # which takes any id
                yield verb, path, operation


def filled(path: str, names: dict[str, str]) -> str:
    for name in ("segment_id", "customer_id", "job_id", "webhook_id", "campaign_id"):
        path = path.replace("{" + name + "}", quote(names.get(name, "seg_little"), safe=""))
    return path


@pytest.mark.parametrize("harm", HARM)
def test_harm_in_any_parameter_is_refused(api: TestClient, harm: str) -> None:
    tried = 0
    for verb, path, operation in operations(api):
        for parameter in operation.get("parameters", []):
            name, place = parameter["name"], parameter["in"]
            if place == "header":
                continue
            at = filled(path, {name: harm} if place == "path" else {})
            given = {name: harm} if place == "query" else {}
            response = api.request(verb, at, params=given)
            tried += 1
            assert response.status_code < 500, f"{verb} {path} {name}: {response.text}"
            assert "x-evil" not in response.headers
            if response.status_code >= 400:
                assert response.headers["content-type"] == "application/problem+json"
                assert "root:" not in response.text
    assert tried > 10


@pytest.mark.parametrize("harm", HARM)
def test_harm_in_a_body_is_data(api: TestClient, shop: Workspace, harm: str) -> None:
    for path, body in (
        ("suppressions", {"suppressions": [{"customer_id": harm}]}),
        ("suppressions", {"suppressions": [{"customer_id": "c001", "channel": harm}]}),
        ("webhooks", {"url": harm, "events": ["segment.version.created"]}),
        ("webhooks", {"url": f"https://{harm}/", "events": ["segment.version.created"]}),
        ("objectives", {"brief": harm}),
        ("trainings", {"outcome": harm}),
    ):
        response = api.post(f"/api/v1/{path}", json=body)
        assert response.status_code < 500, f"{path}: {response.text}"
    with shop.control.read() as session:
        assert any('"api_keys"' in line for line in dump(session)), "the tables are still there"


def test_what_is_not_the_apis_is_not_served(api: TestClient) -> None:
    for path in (
        "/workspace.toml",
        "/control.db",
        "/snapshots",
        "/static/../workspace.toml",
        "//etc/passwd",
        "/api/v1/../../workspace.toml",
        "/api/v1/segments/..%2f..%2fworkspace.toml/customers",
    ):
        assert api.get(path).status_code == 404


def test_a_cursor_that_was_touched_is_refused(api: TestClient) -> None:
    path = "/api/v1/segments/seg_little/customers"
    link = api.get(path, params={"limit": 5}).json()["links"]["next"]
    cursor = link.split("cursor=")[1].split("&")[0]
    for place in range(0, len(cursor), 7):
        other = "A" if cursor[place] != "A" else "B"
        touched = cursor[:place] + other + cursor[place + 1 :]
        response = api.get(path, params={"limit": 5, "cursor": touched})
        assert response.status_code == 400
        assert response.json()["field"] == "cursor"
