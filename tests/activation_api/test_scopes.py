"""Every route asks for its scope, and no key gets further than its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from domain.scopes import Scope
from tests.activation_api.little import little, with_segment
from tests.activation_api.test_app import OPEN, is_problem, routes
from workflows.keys import create_key, revoke_key
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = little(tmp_path_factory.mktemp("scopes") / "shop")
    with_segment(workspace)
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def caller(small: Workspace) -> TestClient:
    return TestClient(create_app(small, refusal_limit=10_000), raise_server_exceptions=False)


def needed(api: TestClient) -> dict[tuple[str, str], set[str]]:
    """The scopes of every route, as its documents say."""
    paths = api.get("/openapi.json").json()["paths"]
    return {
        (verb, path): {
            scope
            for one in paths[path][verb]["security"]
            for scopes in one.values()
            for scope in scopes
        }
        for verb, path in routes(api)
        if path not in OPEN
    }


def test_every_route_names_its_scope(caller: TestClient) -> None:
    for route, scopes in needed(caller).items():
        assert scopes, f"{route} needs no scope"
        assert scopes <= {scope.value for scope in Scope}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_opens_what_its_scope_says_and_nothing_else(
    small: Workspace, caller: TestClient, scope: Scope
) -> None:
    _, secret = create_key(small, scope.value, (scope,))
    for (verb, path), scopes in needed(caller).items():
        response = caller.request(
            verb, path.replace("{", "").replace("}", ""), headers={"X-API-Key": secret}
        )
        within = {scope.value} if scope is not Scope.ADMIN else set(Scope) - {Scope.PII_READ}
        if scopes <= within:
            assert response.status_code not in (401, 403), f"{verb} {path}: {response.text}"
        else:
            missing = is_problem(response, 403)["detail"]
            assert any(one in str(missing) for one in scopes)
            assert "insufficient_scope" in response.headers["www-authenticate"]


def test_a_key_ends_for_a_request_that_is_on_its_way(small: Workspace, caller: TestClient) -> None:
    key, secret = create_key(small, "short", (Scope.SEGMENTS_READ,))
    headers = {"Authorization": f"Bearer {secret}"}
    assert caller.get("/api/v1/segments", headers=headers).status_code == 200
    revoke_key(small, key.id)
    for path in ("/api/v1/segments", "/api/v1/triggers", "/metrics"):
        is_problem(caller.get(path, headers=headers), 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "aek_"},
        {"X-API-Key": "aek__"},
        {"X-API-Key": "aek_%_x"},
        {"X-API-Key": "' OR 1=1 --"},
        {"X-API-Key": "x" * 8_000},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  "},
        {"Authorization": "Bearer aek_0_0 extra"},
    ],
)
def test_no_odd_key_opens(caller: TestClient, headers: dict[str, str]) -> None:
    response = caller.get("/api/v1/segments", headers=headers)
    is_problem(response, 401)
