"""Pulls over HTTP: some fields, unchanged pages, whole files, changes, and who is held out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import orjson
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from activation_api.schemas import CustomerPage
from activation_api.segmentschemas import ChangePage
from domain.objective import CampaignGoal, CampaignObjective
from domain.scopes import Scope
from domain.suppression import Exclusion
from storage.members import GIVEN_OUT
from tests.activation_api.test_app import is_problem
from tests.workflows.company import built, copied
from workflows.activation import Declared, activate_segment
from workflows.campaign import build_segments
from workflows.keys import create_key
from workflows.suppression import Suppression, suppress
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    company = built(tmp_path_factory.getbasetemp() / "company")
    workspace = copied(company, tmp_path_factory.mktemp("pulls"))
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def segment(shop: Workspace) -> str:
    """A segment that a campaign runs on: version 1 without, version 2 with a control group."""
    goal = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)
    version = build_segments(shop, goal).segments[0]
    activate_segment(shop, version.segment_id, Declared("Spring", holdout=0.2))
    return version.segment_id


@pytest.fixture(scope="module")
def api(shop: Workspace) -> TestClient:
    return client(shop, Scope.SEGMENTS_READ)


@pytest.fixture(scope="module")
def admin(shop: Workspace) -> TestClient:
    return client(shop, Scope.ADMIN)


def client(shop: Workspace, *scopes: Scope) -> TestClient:
    _, secret = create_key(shop, "tests", scopes)
    headers = {"X-API-Key": secret}
    return TestClient(create_app(shop), headers=headers, raise_server_exceptions=False)


def given(shop: Workspace, segment_id: str) -> list[str]:
    from workflows.segmentlife import show_segment

    version = show_segment(shop, segment_id)
    table = shop.snapshots.open(version.members_id).read(GIVEN_OUT, ["customer_id"])
    assert table is not None
    return [str(one) for one in table.column("customer_id").to_pylist()]


def test_some_fields_follow_from_page_to_page(api: TestClient, segment: str) -> None:
    path = f"/api/v1/segments/{segment}/customers"
    page = api.get(path, params={"fields": "customer_id,assignment_id", "limit": 7}).json()
    following = api.get(page["links"]["next"]).json()
    for one in page["customer_profiles"] + following["customer_profiles"]:
        assert set(one) == {"customer_id", "assignment_id"}
        assert one["assignment_id"].startswith("asg_")
    body = is_problem(api.get(path, params={"fields": "email"}), 400)
    assert body["field"] == "fields"
    assert "assignment_id" in str(body["remedy"])


def test_a_page_that_did_not_change_is_not_sent_again(
    api: TestClient, shop: Workspace, segment: str
) -> None:
    path = f"/api/v1/segments/{segment}/customers?limit=5"
    first = api.get(path)
    tag = first.headers["etag"]
    for named in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = api.get(path, headers={"If-None-Match": named})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert api.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    file = api.get(f"{path}&format=csv")
    same = api.get(f"{path}&format=csv", headers={"If-None-Match": file.headers["etag"]})
    assert same.status_code == 304
    who = first.json()["customer_profiles"][0]["customer_id"]
    suppress(shop, [Suppression(who, "all", Exclusion.UNSUBSCRIBED)], actor="tests")
    changed = api.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["excluded"] == {"unsubscribed": 1}
    newer = api.get(f"{path}&format=csv", headers={"If-None-Match": file.headers["etag"]})
    assert newer.status_code == 200
    assert newer.headers["x-excluded"] == "unsubscribed=1"
    assert len(newer.text.splitlines()) == len(file.text.splitlines()) - 1


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet"])
def test_a_file_holds_everybody_who_is_given_out(
    api: TestClient, shop: Workspace, segment: str, form: str
) -> None:
    response = api.get(f"/api/v1/segments/{segment}/customers?format={form}")
    assert response.status_code == 200
    assert f"{segment}-2.{form}" in response.headers["content-disposition"]
    match form:
        case "ndjson":
            ids = [orjson.loads(line)["customer_id"] for line in response.content.splitlines()]
        case "csv":
            rows = csv.DictReader(io.StringIO(response.text))
            ids = [row["customer_id"] for row in rows]
        case _:
            table = pq.read_table(io.BytesIO(response.content))
            ids = table.column("customer_id").to_pylist()
    paged = []
    link: str | None = f"/api/v1/segments/{segment}/customers?limit=1000"
    while link is not None:
        page = CustomerPage.model_validate_json(api.get(link).content)
        paged += [one.customer_id for one in page.customer_profiles]
        link = page.links.next
    assert ids == paged
    assert set(ids) <= set(given(shop, segment))


def test_changes_are_told_in_pages(api: TestClient, segment: str) -> None:
    link: str | None = f"/api/v1/segments/{segment}/changes?since=1&limit=400"
    kinds: list[str] = []
    while link is not None:
        page = ChangePage.model_validate_json(api.get(link).content)
        assert (page.since, page.version) == (1, 2)
        kinds += [one.change for one in page.changes]
        link = page.links.next
    assert set(kinds) == {"removed", "changed"}, "some are held out, the others are assigned now"
    last = len(kinds) - kinds[::-1].index("changed")
    assert kinds[:last] == sorted(kinds[:last], reverse=True), "those who left come first"
    assert set(kinds[last:]) <= {"removed"}, "those not to be sent to come last"
    is_problem(api.get(f"/api/v1/segments/{segment}/changes?since=9"), 404)
    is_problem(api.get(f"/api/v1/segments/{segment}/changes"), 422)


def test_who_is_held_out_is_shown_to_an_administrator_alone(
    api: TestClient, admin: TestClient, shop: Workspace, segment: str
) -> None:
    for path in ("customers?limit=1000", "customers?format=csv", "changes?since=1"):
        url = f"/api/v1/segments/{segment}/{path}&include=holdout"
        body = is_problem(api.get(url), 403)
        assert "admin" in str(body["detail"])
        assert admin.get(url).status_code == 200
    url = f"/api/v1/segments/{segment}/customers?format=ndjson&fields=customer_id"
    few = admin.get(url).content.splitlines()
    all_of_them = admin.get(f"{url}&include=holdout").content.splitlines()
    assert len(all_of_them) > len(few)
    assert all_of_them[: len(few)] == few
    is_problem(admin.get(f"{url}&include=everybody"), 422)
