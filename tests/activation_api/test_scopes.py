"""Every route asks for its scope, and no key gets further than its own."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from domain.scopes import Scope
from tests.activation_api.test_app import OPEN, is_problem, routes
from workflows.keys import create_key
from workflows.workspace import Workspace


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


def test_every_route_names_its_scope(api: TestClient) -> None:
    for route, scopes in needed(api).items():
        assert scopes, f"{route} needs no scope"
        assert scopes <= {scope.value for scope in Scope}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_opens_what_its_scope_says_and_nothing_else(
    shop: Workspace, api: TestClient, anonymous: TestClient, scope: Scope
) -> None:
    _, secret = create_key(shop, scope.value, (scope,))
    for (verb, path), scopes in needed(api).items():
        response = anonymous.request(
            verb, path.replace("{", "").replace("}", ""), headers={"X-API-Key": secret}
        )
        within = {scope.value} if scope is not Scope.ADMIN else set(Scope) - {Scope.PII_READ}
        if scopes <= within:
            assert response.status_code not in (401, 403), f"{verb} {path}: {response.text}"
        else:
            missing = is_problem(response, 403)["detail"]
            assert any(one in str(missing) for one in scopes)
            assert "insufficient_scope" in response.headers["www-authenticate"]
