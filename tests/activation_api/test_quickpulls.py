"""The short way to a page answers as the long way does, and leaves all else to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from activation_api import quickpulls
from activation_api.app import create_app
from domain.scopes import Scope
from domain.suppression import Exclusion
from storage import deliveries
from storage.deliveries import Delivery
from tests.activation_api.little import NOW, customer, little, with_segment
from workflows.erasure import request_erasure
from workflows.keys import create_key, revoke_key
from workflows.segmentlife import archive_segment
from workflows.suppression import Suppression, lift, suppress
from workflows.workspace import FrequencyCap, Workspace

PATH = "/api/v1/segments/seg_little/customers"


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = little(tmp_path_factory.mktemp("quick") / "shop")
    with_segment(workspace)
    suppress(workspace, [Suppression(customer(2), "all", Exclusion.SUPPRESSED)], actor="test")
    yield workspace
    workspace.close()


@pytest.fixture
def secret(shop: Workspace) -> str:
    return create_key(shop, "tests", (Scope.SEGMENTS_READ,))[1]


@pytest.fixture
def quick(shop: Workspace) -> TestClient:
    return TestClient(create_app(shop, refusal_limit=10_000), raise_server_exceptions=False)


QUERIES = [
    "",
    "?",
    "?limit=3",
    "?limit=0",
    "?limit=1000",
    "?limit=1001",
    "?limit=%2B3",
    "?limit=03",
    "?limit=3&limit=4",
    "?limit=",
    "?limit=x",
    "?limit=3&page=2",
    "?limit=3&fields=customer_id,uplift",
    "?fields=+uplift",
    "?fields=email",
    "?fields=",
    "?channel=email&limit=9",
    "?channel=Email",
    "?channel=pigeon",
    "?cursor=x",
    "?cursor=",
    "?cursor=" + "x" * 501,
    "?include=holdout",
    "?include=x",
    "?format=csv",
    "?format=xml",
    "?limit=3%00",
    "?limit=3;fields=uplift",
    "?%6Cimit=3",
    "?limit=٣",
]
HEADERS: list[dict[str, str]] = [
    {},
    {"X-API-Key": "aek_0_0"},
    {"X-API-Key": "SECRET"},
    {"Authorization": "Bearer SECRET"},
    {"Authorization": "bearer  SECRET "},
    {"Authorization": "Basic SECRET"},
    {"X-API-Key": "SECRET", "Authorization": "Bearer x"},
    {"X-API-Key": "", "Authorization": "Bearer SECRET"},
    {"X-API-Key": "SECRET", "If-None-Match": "*"},
]
_VARIES = {"x-request-id", "ratelimit"}


def told(api: TestClient, path: str, headers: dict[str, str]) -> tuple[object, ...]:
    response = api.get(path, headers=headers)
    kept = {name: value for name, value in response.headers.items() if name not in _VARIES}
    return response.status_code, kept, response.content


def test_both_ways_tell_the_same(
    quick: TestClient, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        (path + query, {name: value.replace("SECRET", secret) for name, value in headers.items()})
        for headers in HEADERS
        for path in (PATH, PATH.replace("little", "none"), PATH + "/", PATH.replace("g_", "g%00"))
        for query in (QUERIES if path == PATH else QUERIES[:3])
    ]
    by_short = [told(quick, *one) for one in asked]
    monkeypatch.setattr(quickpulls, "_read", lambda scope: None)
    by_long = [told(quick, *one) for one in asked]
    for one, short, long in zip(asked, by_short, by_long, strict=True):
        assert short == long, one
    assert sum(status == 200 for status, *_ in by_short) > 20


def test_only_the_first_page_is_made_in_a_thread(
    quick: TestClient, shop: Workspace, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those that an import of customers, a frequency cap or an unnoted key may hold up."""
    here: list[bool] = []
    made = quickpulls.QuickPulls._given

    def told_where(*arguments: Any) -> Any:
        here.append(not threading.current_thread().name.startswith("pull"))
        return made(*arguments)

    monkeypatch.setattr(quickpulls.QuickPulls, "_given", told_where)
    headers = {"X-API-Key": secret}
    for query in ("?limit=3", "?limit=3", "?limit=4", "?channel=email", "?channel=email"):
        assert quick.get(PATH + query, headers=headers).status_code == 200
    assert here == [False, True, True, False, True]
    _, unused = create_key(shop, "unused", (Scope.SEGMENTS_READ,))
    for _ in range(2):
        assert quick.get(PATH, headers={"X-API-Key": unused}).status_code == 200
    assert here[5:] == [False, True]
    cap = FrequencyCap(messages=1, days=7)
    shop.settings = shop.settings.model_copy(update={"frequency_cap": cap})
    assert quick.get(PATH, headers=headers).status_code == 200
    assert here[7:] == [False]


def test_a_walk_by_the_short_way_meets_everybody(
    quick: TestClient, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: object, **more: object) -> None:
        raise AssertionError("this goes the long way")

    monkeypatch.setattr("activation_api.routes.pulls.Asked", gone)
    link: str | None = PATH + "?limit=7&fields=customer_id&channel=web"
    seen: list[str] = []
    while link is not None:
        page = quick.get(link, headers={"X-API-Key": secret}).json()
        seen += [one["customer_id"] for one in page["customer_profiles"]]
        link = page["links"]["next"]
    assert seen == [customer(number) for number in range(40) if number != 2]
    metrics = quick.get("/metrics", headers={"X-API-Key": secret}).text
    assert 'route="/segments/{segment_id}/customers",status="200"} 6.0' in metrics


def test_what_was_ended_is_ended_at_once(quick: TestClient, shop: Workspace) -> None:
    key, secret = create_key(shop, "short", (Scope.SEGMENTS_READ,))
    headers = {"X-API-Key": secret}
    first = quick.get(PATH + "?limit=5", headers=headers)
    assert first.status_code == 200
    archive_segment(shop, "seg_little")
    assert quick.get(PATH + "?limit=5", headers=headers).status_code == 409
    following = first.json()["links"]["next"]
    assert quick.get(following, headers=headers).status_code == 200, "a walk goes on"
    archive_segment(shop, "seg_little", undo=True)
    assert quick.get(PATH + "?limit=5", headers=headers).status_code == 200
    revoke_key(shop, key.id)
    assert quick.get(PATH + "?limit=5", headers=headers).status_code == 401


@pytest.mark.parametrize("scope", [one for one in Scope if one is not Scope.SEGMENTS_READ])
def test_other_scopes_open_it_as_by_the_long_way(
    quick: TestClient, shop: Workspace, scope: Scope
) -> None:
    _, secret = create_key(shop, scope.value, (scope,))
    status = quick.get(PATH, headers={"X-API-Key": secret}).status_code
    assert status == (200 if scope is Scope.ADMIN else 403)


def test_a_kept_page_is_not_given_to_who_must_not_see_it_nor_kept_too_long(
    quick: TestClient, shop: Workspace, secret: str
) -> None:
    def who(query: str, key: str) -> list[str]:
        page = quick.get(f"{PATH}?limit=5{query}", headers={"X-API-Key": key}).json()
        return [one["customer_id"] for one in page["customer_profiles"]]

    assert who("", secret) == [customer(n) for n in (0, 1, 3, 4)]
    assert who("&channel=email", secret) == [customer(n) for n in (1, 3, 4)]
    assert quick.get(PATH + "?limit=5", headers={"X-API-Key": secret + "x"}).status_code == 401
    suppress(shop, [Suppression(customer(3), "all", Exclusion.UNSUBSCRIBED)], actor="test")
    assert who("", secret) == [customer(n) for n in (0, 1, 4)]
    lift(shop, customer(2), "all", actor="test")
    assert who("", secret) == [customer(n) for n in (0, 1, 2, 4)]
    request_erasure(shop, customer(4), actor="test")
    assert who("", secret) == [customer(n) for n in (0, 1, 2)]
    cap = FrequencyCap(messages=1, days=7)
    shop.settings = shop.settings.model_copy(update={"frequency_cap": cap})
    with shop.control.write() as session:
        sent = Delivery("m1", "c", customer(1), "sent", None, NOW)
        deliveries.add(session, [sent], NOW)
    assert who("", secret) == [customer(n) for n in (0, 2)]
