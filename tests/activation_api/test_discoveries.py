"""Discoveries and rules over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from activation_api.app import create_app
from domain.scopes import Scope
from storage import jobs
from storage.jobs import JobState
from tests.activation_api.test_app import is_problem
from tests.workflows.fakellm import FakeCompleter
from workflows.jobs import LEASE, MAX_ATTEMPTS
from workflows.keys import create_key
from workflows.running import main
from workflows.workspace import Workspace

HEURISTIC = {"tier": "heuristic", "fields": ["basket"]}


def finished(shop: Workspace, api: TestClient, queued: Response) -> dict[str, Any]:
    """The job as a worker leaves it."""
    assert queued.status_code == 202, queued.text
    job_id = queued.json()["job_id"]
    assert queued.headers["location"] == f"/api/v1/jobs/{job_id}"
    with shop.control.write() as session:
        leased = jobs.lease(session, shop.now(), LEASE, MAX_ATTEMPTS)
    assert leased is not None
    assert leased.id == job_id
    assert main([str(shop.root), job_id]) == 0
    found: dict[str, Any] = api.get(f"/api/v1/jobs/{job_id}").json()
    return found


@pytest.fixture(scope="module")
def discovery(shop: Workspace, api: TestClient) -> dict[str, Any]:
    job = finished(shop, api, api.post("/api/v1/discoveries", json=HEURISTIC))
    assert (job["state"], job["kind"]) == (JobState.DONE, "discover"), job["message"]
    found: dict[str, Any] = api.get(f"/api/v1/discoveries/{job['result']['discovery_id']}").json()
    assert job["result"]["segments"] == len(found["cards"])
    return found


def test_a_discovery_is_a_job_and_then_cards(api: TestClient, discovery: dict[str, Any]) -> None:
    card = discovery["cards"][0]
    assert set(card) >= {
        "name",
        "description",
        "size",
        "percentage",
        "filter_rules",
        "characteristics",
        "suggested_use",
        "causal",
    }
    assert card["filter_rules"]["criteria"]["field"] == "basket"
    assert 0 <= card["characteristics"][0]["importance"] <= 1
    assert card["causal"]["lift"]["low"] < card["causal"]["lift"]["estimate"]
    listed = api.get("/api/v1/discoveries").json()["discoveries"]
    assert discovery in listed


def test_from_a_card_to_an_approved_rule_to_a_segment(
    api: TestClient, discovery: dict[str, Any]
) -> None:
    path = f"/api/v1/discoveries/{discovery['discovery_id']}/segments/segment_1/apply"
    made = api.post(path, json={"name": "Small baskets"})
    assert made.status_code == 201, made.text
    rule = made.json()["rule"]
    assert (rule["status"], rule["version"]) == ("draft", 1)
    body = {"brief": "Increase conversion of customers of Small baskets with free shipping"}
    is_problem(api.post("/api/v1/segments", json=body), 409)
    approve = f"/api/v1/rules/{rule['rule_id']}/approve"
    assert is_problem(api.post(approve, json={"approved_by": "  "}), 400)["field"] == "by"
    assert is_problem(api.post(approve, json={}), 422)["field"] == "approved_by"
    large = api.post(approve, json={"approved_by": "Ada", "version": 2**70})
    assert is_problem(large, 422)["field"] == "version"
    approved = api.post(approve, json={"approved_by": "Ada"}).json()
    assert (approved["status"], approved["approved_by"]) == ("approved", "Ada")
    is_problem(api.post(approve, json={"approved_by": "Ada"}), 409)
    assert approved in api.get("/api/v1/rules").json()["rules"]
    plan = api.post("/api/v1/segments", json=body)
    assert plan.status_code == 201, plan.text
    assert plan.json()["eligible"] == made.json()["filter_rules"]["size"]
    segment = api.post("/api/v1/segments/by-rule", json={"rule": rule["rule_id"]})
    assert segment.status_code == 201, segment.text
    assert segment.json()["size"] == made.json()["filter_rules"]["size"]
    assert segment.json()["recommended_trigger"] == made.json()["causal"]["trigger"]
    assert segment.json()["expected_lift"]["low"] == made.json()["causal"]["lift"]["low"]
    assert segment.json()["name"] == "Free shipping: Small baskets"


def test_a_draft_makes_no_segment(api: TestClient, discovery: dict[str, Any]) -> None:
    path = f"/api/v1/discoveries/{discovery['discovery_id']}/segments/segment_2/apply"
    api.post(path, json={"name": "Middling"})
    for rule, status in (("middling", 409), ("no such", 404)):
        found = is_problem(api.post("/api/v1/segments/by-rule", json={"rule": rule}), status)
        assert found["field"] == "rule"


def test_a_kept_discovery_is_a_field(api: TestClient, discovery: dict[str, Any]) -> None:
    path = f"/api/v1/discoveries/{discovery['discovery_id']}/keep"
    kept = api.post(path, json={"name": "baskets", "kept_by": "Ada"})
    assert kept.status_code == 201, kept.text
    assert kept.json()["field_name"] == "cluster.baskets"
    assert kept.json()["agreement"] == 1.0
    assert api.get("/api/v1/discoveries/kept").json()["kept"] == [kept.json()]
    is_problem(api.post(path, json={"name": "baskets", "kept_by": "Ada"}), 409)
    is_problem(api.post(path, json={"name": "Big ones", "kept_by": "Ada"}), 400)
    name = discovery["cards"][0]["name"]
    criteria = {"field": "cluster.baskets", "op": "eq", "value": name}
    body = {"criteria": criteria, "trigger": "free_shipping"}
    segment = api.post("/api/v1/segments/by-criteria", json=body)
    assert segment.status_code == 201, segment.text
    assert segment.json()["size"] == discovery["cards"][0]["size"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"min_clusters": 1}, 422, "min_clusters"),
        ({"max_clusters": 51}, 422, "max_clusters"),
        ({"min_clusters": 9}, 400, "min_clusters"),
        ({"algorithm": "magic"}, 422, "algorithm"),
        ({"tier": "magic"}, 422, "tier"),
        ({"tier": "llm"}, 400, "tier"),
        ({"fields": ["shoe_size"]}, 422, "shoe_size"),
        ({"fields": ["customer_id"]}, 400, "fields"),
        ({"fields": ["x\x00"]}, 422, "x\x00"),
        ({"table": "identities"}, 400, "table"),
        ({"table": "truth:traits"}, 404, "table"),
        ({"clusters": 3}, 422, "clusters"),
    ],
)
def test_what_can_not_be_is_a_problem_with_its_field(
    api: TestClient, body: dict[str, Any], status: int, field: str
) -> None:
    before = len(api.get("/api/v1/jobs").json()["jobs"])
    assert is_problem(api.post("/api/v1/discoveries", json=body), status)["field"] == field
    assert len(api.get("/api/v1/jobs").json()["jobs"]) == before


def test_unknown_things_are_not_found(api: TestClient, discovery: dict[str, Any]) -> None:
    is_problem(api.get("/api/v1/discoveries/dis_x"), 404)
    is_problem(api.post("/api/v1/discoveries/dis_x/segments/a/apply", json={}), 404)
    path = f"/api/v1/discoveries/{discovery['discovery_id']}/segments/segment_9/apply"
    assert is_problem(api.post(path, json={}), 404)["field"] == "segment"
    is_problem(api.post("/api/v1/rules/rule_x/approve", json={"approved_by": "Ada"}), 404)


def test_defaults_are_saved_and_a_run_does_not_change_them(api: TestClient) -> None:
    before = api.get("/api/v1/discoveries/defaults").json()
    assert (before["min_clusters"], before["max_clusters"]) == (2, 8)
    put = api.put("/api/v1/discoveries/defaults", json={"max_clusters": 6})
    assert put.json() == {**before, "max_clusters": 6}
    body = {"max_clusters": 3, "min_clusters": 7}
    is_problem(api.put("/api/v1/discoveries/defaults", json=body), 400)
    is_problem(api.post("/api/v1/discoveries", json={"min_clusters": 7}), 400)
    assert api.get("/api/v1/discoveries/defaults").json()["max_clusters"] == 6
    api.put("/api/v1/discoveries/defaults", json={"max_clusters": 8})


def test_the_llm_tier_is_compared_before_anything_is_started(shop: Workspace) -> None:
    _, secret = create_key(shop, "comparing", (Scope.ADMIN,))
    app = create_app(shop, completer=FakeCompleter())
    caller = TestClient(app, headers={"X-API-Key": secret})
    before = len(caller.get("/api/v1/jobs").json()["jobs"])
    shown = caller.post("/api/v1/discoveries", json={"tier": "llm"})
    assert shown.status_code == 200
    assert shown.json()["needs_confirmation"] is True
    tiers = shown.json()["comparison"]["tiers"]
    assert {one["tier"] for one in tiers} == {"statistical", "llm", "heuristic"}
    assert {"accuracy", "tokens", "cost", "seconds"} <= set(tiers[0])
    assert len(caller.get("/api/v1/jobs").json()["jobs"]) == before
    queued = caller.post("/api/v1/discoveries", json={"tier": "llm", "confirm": True})
    job = finished(shop, caller, queued)
    assert job["state"] == JobState.FAILED, "this worker was told of no LLM"
    assert "AETHER_LLM_MODEL" in job["message"]
