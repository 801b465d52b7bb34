"""The rights of a person, suppressions, audiences and webhooks over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from activation_api.idempotency import HEADER
from domain.scopes import Scope
from tests.activation_api.little import customer, little, with_segment
from tests.activation_api.test_app import is_problem
from workflows.jobs import show_job
from workflows.keys import create_key
from workflows.running import run_job
from workflows.workspace import Workspace

PULL = "/api/v1/segments/seg_little/customers"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workspace]:
    workspace = little(tmp_path / "shop")
    with_segment(workspace)
    yield workspace
    workspace.close()


def client(workspace: Workspace, *scopes: Scope) -> TestClient:
    _, secret = create_key(workspace, "tests", scopes)
    return TestClient(create_app(workspace), headers={"X-API-Key": secret})


def test_suppressions_are_put_seen_and_ended(shop: Workspace) -> None:
    api = client(shop, Scope.OUTCOMES_WRITE, Scope.SEGMENTS_READ)
    body = {"suppressions": [{"customer_id": customer(1), "channel": "sms"}]}
    assert api.post("/api/v1/suppressions", json=body).json() == {"changed": 1}
    assert api.post("/api/v1/suppressions", json=body).json() == {"changed": 0}
    assert api.get(PULL, params={"limit": 3, "channel": "sms"}).json()["excluded"] == {
        "unsubscribed": 1,
        "no_consent": 1,
    }
    assert api.get(PULL, params={"limit": 3, "channel": "web"}).json()["excluded"] == {}
    where = {"customer_id": customer(1), "channel": "sms"}
    assert api.delete("/api/v1/suppressions", params=where).status_code == 204
    is_problem(api.delete("/api/v1/suppressions", params=where), 404)


def test_the_channel_goes_on_with_the_pages(shop: Workspace) -> None:
    api = client(shop, Scope.SEGMENTS_READ)
    link, seen = f"{PULL}?limit=7&channel=ads", []
    excluded = 0
    while link:
        page = api.get(link).json()
        assert page["channel"] == "ads"
        excluded += sum(page["excluded"].values())
        seen += [one["customer_id"] for one in page["customer_profiles"]]
        link = page["links"]["next"]
    assert seen == [customer(n) for n in range(40) if n % 3]
    assert excluded == 14


def test_a_person_is_shown_and_forgotten(shop: Workspace) -> None:
    api = client(shop, Scope.ADMIN, Scope.PII_READ)
    body = {"suppressions": [{"customer_id": customer(7)}]}
    api.post("/api/v1/suppressions", json=body)
    held = api.get(f"/api/v1/customers/{customer(7)}/data").json()["held"]
    assert held["identities"][0]["first_name"] == "Ann7"
    assert held["suppressions"][0]["reason"] == "unsubscribed"
    is_problem(client(shop, Scope.ADMIN).get(f"/api/v1/customers/{customer(7)}/data"), 403)
    answer = api.delete(f"/api/v1/customers/{customer(7)}")
    assert answer.status_code == 202
    job = api.get(answer.headers["location"]).json()
    assert (job["kind"], job["state"]) == ("erase", "queued")
    assert customer(7) not in answer.text
    is_problem(api.get(f"/api/v1/customers/{customer(7)}/data"), 404)
    run_job(shop, show_job(shop, job["job_id"]))
    assert api.get(PULL, params={"limit": 10}).json()["excluded"] == {"erased": 1}


def test_an_audience_takes_a_key_that_may_see_persons(shop: Workspace) -> None:
    path = "/api/v1/segments/seg_little/audience"
    is_problem(client(shop, Scope.ADMIN).get(path, params={"destination": "meta"}), 403)
    api = client(shop, Scope.SEGMENTS_READ, Scope.PII_READ)
    answer = api.get(path, params={"destination": "meta"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "seg_little-v1-meta.csv" in answer.headers["content-disposition"]
    assert len(answer.text.splitlines()) == 27
    assert "@" not in answer.text
    is_problem(api.get(path, params={"destination": "fax"}), 422)
    is_problem(api.get("/api/v1/segments/x/audience", params={"destination": "csv"}), 404)


def test_webhooks_are_made_by_admins_and_lead_outside(shop: Workspace) -> None:
    body = {"url": "https://127.0.0.1/x", "events": ["segment.version.created"]}
    is_problem(client(shop, Scope.SEGMENTS_WRITE).post("/api/v1/webhooks", json=body), 403)
    api = client(shop, Scope.ADMIN)
    assert is_problem(api.post("/api/v1/webhooks", json=body), 400)["field"] == "url"
    inside = TestClient(create_app(shop, allow_private=True), headers=api.headers)
    headers = {HEADER: "one"}
    made = inside.post("/api/v1/webhooks", json=body, headers=headers)
    assert made.status_code == 201
    assert inside.post("/api/v1/webhooks", json=body, headers=headers).json() == made.json()
    (listed,) = api.get("/api/v1/webhooks").json()["webhooks"]
    assert "secret" not in listed
    path = f"/api/v1/webhooks/{listed['webhook_id']}"
    newer = api.post(f"{path}/secret").json()["secret"]
    assert newer != made.json()["secret"]
    assert api.get(f"{path}/messages", params={"state": "dead"}).json() == {"messages": []}
    assert api.post(f"{path}/replay").json() == {"replayed": 0}
    assert api.post(f"{path}/enable").json()["disabled"] == ""
    assert api.delete(path).status_code == 204
    is_problem(api.get(f"{path}/messages"), 404)
