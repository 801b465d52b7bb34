"""The loop over HTTP: activate, report what was sent and done, read results, learn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from activation_api.campaignschemas import CampaignList, CampaignOut
from domain.results import CampaignResults, Verdict
from domain.scopes import Scope
from tests.activation_api.test_app import is_problem
from tests.workflows.company import NOW, built, copied
from workflows.keys import create_key
from workflows.workspace import Workspace

CRITERIA = {"field": "basket", "op": "lt", "value": 50}


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Workspace]:
    workspace = copied(built(tmp_path_factory.getbasetemp() / "company"), tmp_path)
    yield workspace
    workspace.close()


def client(shop: Workspace, *scopes: Scope) -> TestClient:
    _, secret = create_key(shop, "tests", scopes)
    headers = {"X-API-Key": secret}
    return TestClient(create_app(shop), headers=headers, raise_server_exceptions=False)


def test_the_whole_loop(shop: Workspace) -> None:
    api = client(shop, Scope.ADMIN)
    wanted = {"criteria": CRITERIA, "trigger": "free_shipping"}
    made = api.post("/api/v1/segments/by-criteria", json=wanted)
    assert made.status_code == 201, made.text
    segment = made.json()["segment_id"]
    ends_at = (NOW + timedelta(days=7)).isoformat()
    body = {"name": "Spring", "holdout": 0.3, "ends_at": ends_at}
    begun = api.post(f"/api/v1/segments/{segment}/activate", json=body)
    assert begun.status_code == 201, begun.text
    campaign = CampaignOut.model_validate(begun.json())
    assert "salt" not in begun.text
    assert begun.headers["location"] == f"/api/v1/campaigns/{campaign.campaign_id}"
    assert api.get(begun.headers["location"]).json() == begun.json()
    is_problem(api.post(f"/api/v1/segments/{segment}/activate", json=body), 409)
    listed = CampaignList.model_validate(api.get("/api/v1/campaigns").json()).campaigns
    assert [one.campaign_id for one in listed] == [campaign.campaign_id]

    url = f"/api/v1/segments/{segment}/customers?limit=1000"
    treated = api.get(url).json()["customer_profiles"]
    shown = set()
    link: str | None = f"{url}&include=holdout"
    while link is not None:
        page = api.get(link).json()
        shown |= {one["customer_id"] for one in page["customer_profiles"]}
        link = page["links"]["next"]
    sent = [
        {"messageId": f"s{n}", "assignment_id": one["assignment_id"], "channel": "email"}
        for n, one in enumerate(treated)
    ]
    reported = api.post("/api/v1/deliveries", json={"deliveries": sent})
    assert reported.json() == {"accepted": len(sent), "duplicates": 0, "erased": 0}
    again = api.post("/api/v1/deliveries", json={"deliveries": sent[:5]})
    assert again.json() == {"accepted": 0, "duplicates": 5, "erased": 0}
    did = [
        {
            "messageId": f"o{n}",
            "customer_id": customer,
            "outcomes": {"converted": 1, "revenue": 20},
            "at": (NOW + timedelta(hours=1)).isoformat(),
        }
        for n, customer in enumerate(sorted(shown)[::3])
    ]
    assert api.post("/api/v1/outcomes", json={"outcomes": did}).json()["accepted"] == len(did)
    shop.now = lambda: NOW + timedelta(days=2)
    results = api.get(f"/api/v1/campaigns/{campaign.campaign_id}/results")
    found = CampaignResults.model_validate(results.json())
    assert found.verdict is Verdict.NOT_YET
    assert found.lift is not None
    assert found.lift.low < 0 < found.lift.high
    assert sum(arm.with_outcome for arm in found.arms) <= len(did)
    money = api.get(f"/api/v1/campaigns/{campaign.campaign_id}/results?outcome=revenue").json()
    assert money["lift"]["estimate"] == pytest.approx(20 * found.lift.estimate)
    is_problem(api.get(f"/api/v1/campaigns/{campaign.campaign_id}/results?outcome=x"), 404)
    is_problem(api.post(f"/api/v1/campaigns/{campaign.campaign_id}/learn"), 409)
    assert api.post(f"/api/v1/campaigns/{campaign.campaign_id}/end").json()["ended_at"]
    learned = api.post(f"/api/v1/campaigns/{campaign.campaign_id}/learn")
    assert learned.json()["outcome_window_days"] == 2

    # What happens to the segment itself.
    assert api.post(f"/api/v1/segments/{segment}/refresh").json()["version"] == 3
    versions = api.get(f"/api/v1/segments/{segment}/versions").json()["segments"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    back = api.post(f"/api/v1/segments/{segment}/rollback", json={"version": 1})
    assert back.json()["version"] == 1
    diff = api.get(f"/api/v1/segments/{segment}/diff?before=1&after=3").json()
    assert (diff["entered"], diff["left"]) == (0, 0)
    assert api.post(f"/api/v1/segments/{segment}/archive").json()["archived_at"]
    is_problem(api.get(url), 409)
    assert api.post(f"/api/v1/segments/{segment}/restore").json()["archived_at"] is None
    assert api.get(url).status_code == 200


def test_one_customer_is_told_what_to_get_and_why(shop: Workspace) -> None:
    api = client(shop, Scope.ADMIN)
    made = api.post(
        "/api/v1/segments/by-criteria", json={"criteria": CRITERIA, "trigger": "free_shipping"}
    ).json()
    segment = made["segment_id"]
    api.post(f"/api/v1/segments/{segment}/activate", json={"name": "x", "holdout": 0.5})
    path = f"/api/v1/segments/{segment}/customers?fields=customer_id&limit=1000"
    inside = {one["customer_id"] for one in api.get(path).json()["customer_profiles"]}
    files = [api.get(f"{path}&format=ndjson{more}") for more in ("&include=holdout", "")]
    both, addressed = ({orjson.loads(x)["customer_id"] for x in f.text.splitlines()} for f in files)
    held = min(both - addressed)
    who = sorted(inside)[0]

    def told(customer: str) -> dict[str, object]:
        response = api.get(f"/api/v1/customers/{customer}/recommendation?segment={segment}")
        assert response.status_code == 200, response.text
        body: dict[str, object] = response.json()
        return body

    member = told(who)
    assert (member["send"], member["held_out"]) == ("free_shipping", False)
    assert str(member["assignment_id"]).startswith("asg_")
    control = told(held)
    assert (control["send"], control["held_out"]) == (None, True)
    baskets = shop.current("profiles").table(["customer_id", "basket"]).to_pylist()
    outside = next(row["customer_id"] for row in baskets if (row["basket"] or 0) > 60)
    other = told(outside)
    assert (other["send"], other["standing"]) == (None, "unmet")
    assert other["sentences"]
    suppressed = {"suppressions": [{"customer_id": who, "channel": "all"}]}
    assert api.post("/api/v1/suppressions", json=suppressed).status_code == 200
    assert (told(who)["send"], told(who)["excluded"]) == (None, "unsubscribed")
    is_problem(api.get(f"/api/v1/customers/nobody/recommendation?segment={segment}"), 404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("outcomes", {"outcomes": []}),
        ("outcomes", {"outcomes": [{"messageId": "a", "outcomes": {"converted": 1}}]}),
        ("outcomes", {"outcomes": [{"messageId": "a", "customer_id": "p", "outcomes": {}}]}),
        ("outcomes", {"outcomes": [{"customer_id": "p", "outcomes": {"converted": 1}}]}),
        ("deliveries", {"deliveries": [{"messageId": "a", "customer_id": "p"}]}),
        ("deliveries", {"deliveries": [{"messageId": "a", "status": "eaten"}]}),
        (
            "outcomes",
            {"outcomes": [{"messageId": "a\u0000", "customer_id": "p", "outcomes": {"x": 1}}]},
        ),
    ],
)
def test_reports_of_another_form_are_refused(
    shop: Workspace, path: str, body: dict[str, object]
) -> None:
    api = client(shop, Scope.OUTCOMES_WRITE)
    is_problem(api.post(f"/api/v1/{path}", json=body), 422)


def test_a_batch_may_be_so_large_and_no_larger(shop: Workspace) -> None:
    api = client(shop, Scope.OUTCOMES_WRITE)
    batch = [
        {"messageId": f"m{n}", "customer_id": "p00001", "outcomes": {"converted": 0}}
        for n in range(2_501)
    ]
    is_problem(api.post("/api/v1/outcomes", json={"outcomes": batch}), 422)
    done = api.post("/api/v1/outcomes", json={"outcomes": batch[:2_500]})
    assert done.json() == {"accepted": 2_500, "duplicates": 0, "erased": 0}


def test_a_fault_in_a_batch_is_named_by_its_place(shop: Workspace) -> None:
    api = client(shop, Scope.OUTCOMES_WRITE)
    batch = [
        {"messageId": "a", "customer_id": "p1", "outcomes": {"converted": 1}},
        {"messageId": "b", "customer_id": "p1", "outcomes": {"clicks": 1}},
    ]
    body = is_problem(api.post("/api/v1/outcomes", json={"outcomes": batch}), 400)
    assert body["field"] == "outcomes.1.outcomes.clicks"


def test_scopes_are_asked_for(shop: Workspace) -> None:
    reader = client(shop, Scope.SEGMENTS_READ)
    for verb, path in (
        ("post", "segments/seg_x/activate"),
        ("post", "segments/seg_x/refresh"),
        ("post", "segments/seg_x/archive"),
        ("post", "outcomes"),
        ("post", "deliveries"),
        ("post", "campaigns/cmp_x/learn"),
        ("get", "customers/p1/recommendation?segment=seg_x"),
    ):
        is_problem(reader.request(verb, f"/api/v1/{path}", json={}), 403)
    is_problem(reader.get("/api/v1/campaigns/cmp_x/results"), 404)
