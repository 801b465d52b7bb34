"""Results of all campaigns together over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from domain.results import ProgrammeResults, Verdict
from domain.scopes import Scope
from tests.activation_api.little import little
from tests.activation_api.test_app import is_problem
from tests.workflows.test_programme import BEGAN, bought, programme, sides
from workflows.keys import create_key
from workflows.workspace import Workspace

PATH = "/api/v1/programme/results"


def caller(shop: Workspace, scope: Scope = Scope.SEGMENTS_READ) -> TestClient:
    _, secret = create_key(shop, "tests", (scope,))
    headers = {"X-API-Key": secret}
    return TestClient(create_app(shop), headers=headers, raise_server_exceptions=False)


def test_results_are_told_with_their_interval(tmp_path: Path) -> None:
    shop = programme(tmp_path / "shop")
    held_out, others = sides(shop)
    bought(shop, held_out[:10])
    bought(shop, others[:120])
    api = caller(shop)
    answer = api.get(PATH)
    assert answer.status_code == 200, answer.text
    found = ProgrammeResults.model_validate(answer.json())
    assert (found.verdict, found.since, found.outcome) == (Verdict.BETTER, BEGAN, "converted")
    money = api.get(PATH, params={"outcome": "revenue", "since": "2026-02-20"}).json()
    assert money["since"].startswith("2026-02-20T00:00:00")
    assert money["lift"]["estimate"] == pytest.approx(
        30 * (found.lift.estimate if found.lift else 0)
    )
    shop.close()


def test_what_can_not_be_told_is_a_problem(tmp_path: Path) -> None:
    shop = programme(tmp_path / "shop", people=20)
    api = caller(shop)
    assert api.get(PATH).json()["verdict"] == "not_enough_data_yet"
    is_problem(api.get(PATH, params={"outcome": "joy"}), 404)
    assert is_problem(api.get(PATH, params={"since": "2999-01-01"}), 400)["field"] == "since"
    is_problem(api.get(PATH, params={"since": "soon"}), 422)
    assert api.get(PATH, params={"since": "0001-01-01"}).status_code == 200
    is_problem(caller(shop, Scope.OUTCOMES_WRITE).get(PATH), 403)
    shop.close()
    none = programme(tmp_path / "none", 0.0, people=20)
    is_problem(caller(none).get(PATH), 409)
    none.close()
    bare = little(tmp_path / "bare")
    is_problem(caller(bare).get(PATH), 404)
    bare.close()
