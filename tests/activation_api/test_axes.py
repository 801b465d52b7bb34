"""The axes over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from activation_api.app import create_app
from clustering.axes import AXES
from domain.scopes import Scope
from tests.workflows.axisshop import CUSTOMERS, axis_shop
from tests.workflows.company import copied
from workflows.axes import current_memberships
from workflows.keys import create_key
from workflows.workspace import Workspace

SCOPES = (Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE, Scope.CUSTOMERS_READ)
ORDERS = [
    {
        "order_id": f"o{n}",
        "ordered_at": f"2025-0{n}-03T10:00:00Z",
        "total": 130,
        "discount_amount": 45,
    }
    for n in range(1, 5)
]
ITEMS = [{"order_id": f"o{n}", "product_id": f"prod_000{n}"} for n in range(1, 5)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = axis_shop(tmp_path_factory.getbasetemp())[0]
    opened = copied(made, tmp_path_factory.mktemp("axes"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def api(workspace: Workspace) -> TestClient:
    _, secret = create_key(workspace, "tests", SCOPES)
    app = create_app(workspace)
    return TestClient(app, headers={"X-API-Key": secret}, raise_server_exceptions=False)


@pytest.mark.slow
def test_every_axis_is_described(api: TestClient) -> None:
    body = api.get("/api/v1/axes").json()
    assert body["version"] == 1
    assert [axis["name"] for axis in body["axes"]] == list(AXES)
    price = next(axis for axis in body["axes"] if axis["name"] == "price_sensitivity")
    assert price["field"] == "axis.price_sensitivity"
    assert [segment["name"] for segment in price["segments"]] == ["full_price", "deal_hunter"]
    assert price["segments"][1]["values"]["discounted_orders"] > 0.7
    frequency = next(axis for axis in body["axes"] if axis["name"] == "purchase_frequency")
    assert (frequency["standing"], frequency["segments"]) == ("no_structure", [])
    assert "No natural segments" in frequency["reason"]


def test_stats_count_everybody(api: TestClient) -> None:
    body = api.get("/api/v1/axes/stats").json()
    assert body["customers"] == CUSTOMERS
    for axis in body["axes"]:
        assert sum(axis["counts"].values()) + axis["unassigned"] == CUSTOMERS
    price = next(axis for axis in body["axes"] if axis["axis"] == "price_sensitivity")
    assert price["silhouette"] > price["silhouette_of_one_lump"]
    assert price["stability"] >= 0.8
    assert "Euclidean" in price["metric"]


def test_a_customer_given_as_rows_is_placed_and_not_stored(
    api: TestClient, workspace: Workspace
) -> None:
    before = current_memberships(workspace).id
    answer = api.post("/api/v1/customers/assign", json={"orders": ORDERS, "items": ITEMS})
    assert answer.status_code == 200
    placed = {axis["axis"]: axis for axis in answer.json()["axes"]}
    assert placed["price_sensitivity"]["segment"] == "deal_hunter"
    assert placed["price_sensitivity"]["strength"] > 0.5
    assert set(placed["price_sensitivity"]["strengths"]) == {"full_price", "deal_hunter"}
    assert placed["return_behavior"]["segment"] == "keeper"
    assert placed["purchase_frequency"]["segment"] is None
    assert placed["purchase_frequency"]["reason"]
    assert current_memberships(workspace).id == before


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"orders": ORDERS, "items": [{"order_id": "other"}]}, 400, "items"),
        ({"orders": [ORDERS[0], ORDERS[0]]}, 400, "orders"),
        ({"orders": [{"order_id": "a", "ordered_at": "2025-01-01"}]}, 422, "orders.0.ordered_at"),
        (
            {"orders": [{"order_id": "a", "ordered_at": "0001-01-01T00:00:00+05:00"}]},
            422,
            "orders.0.ordered_at",
        ),
        ({"items": [{"order_id": "a", "quantity": 2**70}]}, 422, "items.0.quantity"),
        ({"orders": ORDERS, "name": "Ann"}, 422, "name"),
        ({"creation_date": "2030-01-01T00:00:00Z"}, 400, "creation_date"),
    ],
)
def test_what_can_not_be_read_is_named(
    api: TestClient, body: dict[str, object], status: int, field: str
) -> None:
    answer = api.post("/api/v1/customers/assign", json=body)
    assert answer.status_code == status
    assert answer.json()["field"] == field


def test_a_known_customer_has_the_segments_of_the_batch(
    api: TestClient, workspace: Workspace
) -> None:
    row = current_memberships(workspace).table().to_pylist()[7]
    body = api.get(f"/api/v1/customers/{row['customer_id']}/segments").json()
    for axis in body["axes"]:
        assert axis["segment"] == row[f"axis.{axis['axis']}"]
        assert axis["strength"] == row[f"axis.{axis['axis']}.strength"]
    missing = api.get("/api/v1/customers/nobody/segments")
    assert (missing.status_code, missing.json()["field"]) == (404, "customer_id")


def test_a_refresh_is_a_job(api: TestClient) -> None:
    answer = api.post("/api/v1/axes/refresh")
    assert answer.status_code == 202
    job = api.get(answer.headers["Location"]).json()
    assert (job["kind"], job["state"]) == ("axes_refresh", "queued")


def test_without_centroids_the_answer_says_what_to_run(tmp_path: Path) -> None:
    empty = Workspace.create(tmp_path / "empty")
    _, secret = create_key(empty, "tests", SCOPES)
    client = TestClient(create_app(empty), headers={"X-API-Key": secret})
    assert client.get("/api/v1/axes").json()["version"] is None
    for answer in (
        client.get("/api/v1/axes/stats"),
        client.post("/api/v1/axes/refresh"),
        client.post("/api/v1/customers/assign", json={"orders": ORDERS}),
        client.get("/api/v1/customers/cust_00000000/segments"),
    ):
        assert answer.status_code == 409
        assert answer.json()["detail"] == "There are no centroids yet."
        assert "aether axes cluster" in answer.json()["remedy"]
    empty.close()


def test_one_customers_place_takes_the_scope_for_it(workspace: Workspace) -> None:
    _, secret = create_key(workspace, "reader", (Scope.SEGMENTS_READ,))
    client = TestClient(create_app(workspace), headers={"X-API-Key": secret})
    assert client.get("/api/v1/axes/stats").status_code == 200
    assert client.post("/api/v1/customers/assign", json={"orders": ORDERS}).status_code == 403
    assert client.get("/api/v1/customers/cust_00000000/segments").status_code == 403
    assert client.post("/api/v1/axes/refresh").status_code == 403


def test_no_key_no_answer(workspace: Workspace) -> None:
    client = TestClient(create_app(workspace))
    assert client.post("/api/v1/customers/assign", json={}).status_code == 401
    assert client.get("/api/v1/axes").status_code == 401
