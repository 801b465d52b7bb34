"""What goes wrong is said in a sentence, with a way out, and markup is text."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from domain.scopes import Scope
from tests.ui.conftest import Visit
from tests.ui.fakellm import FakeLlm
from tests.ui.shop import Shop, made_key

pytestmark = pytest.mark.slow
MARKUP = "Win back customers <script>document.title='run'</script><img src=x onerror=alert(1)>"


def test_without_a_model_and_with_the_llm_down(bare: Shop, llm: FakeLlm, visit: Visit) -> None:
    llm.way = "error"
    page = visit(bare)
    page.get_by_label("Your campaign's goal").fill("Win back customers with usual basket over 50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The language model could not be used")).to_be_visible()
    page.get_by_role("link", name="Rank the triggers").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("no model of converted is trained yet")
    expect(alert).to_contain_text("aether train")
    page.goto(bare.url("/models"))
    expect(page.get_by_role("heading", name="No model yet")).to_be_visible()
    page.goto(bare.url("/segments"))
    expect(page.get_by_role("heading", name="No segments yet")).to_be_visible()
    page.goto(bare.url("/programme"))
    expect(page.get_by_role("heading", name="No campaign has begun yet")).to_be_visible()
    page.goto(bare.url("/discover"))
    expect(page.get_by_role("heading", name="Nothing was discovered yet")).to_be_visible()


def test_nobody_is_eligible(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    page.get_by_label("Your campaign's goal").fill("Win back customers with usual basket over 9000")
    page.get_by_role("button", name="Read the brief").click()
    expect(page.get_by_text("Nobody meets all of these")).to_be_visible()
    page.get_by_role("link", name="Rank the triggers").click()
    expect(page.get_by_role("heading", name="Nobody meets this audience")).to_be_visible()
    page.get_by_role("link", name="Change the audience").click()
    expect(page.get_by_role("heading", name="What I understood")).to_be_visible()


def test_a_wrong_key_is_refused(shop: Shop, visit: Visit) -> None:
    page = visit(shop, "aek_nothing_at_all")
    expect(page.get_by_role("alert")).to_contain_text("not valid")


def test_scopes_decide_what_is_shown(shop: Shop, visit: Visit) -> None:
    _, text = made_key(shop.root, "Reader", Scope.SEGMENTS_READ)
    page = visit(shop, text)
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Brief")).to_have_count(0)
    page.goto(shop.url("/briefs/con_x"))
    expect(page.get_by_role("alert")).to_contain_text("lacks the scope segments:write")


def test_files_with_addresses_take_their_scope(shop: Shop) -> None:
    segment = shop.api(
        "POST",
        "/segments/by-criteria",
        json={
            "criteria": {"field": "basket", "op": "lt", "value": 30},
            "trigger": "free_shipping",
        },
    )["segment_id"]
    _, plain = made_key(shop.root, "Reader", Scope.SEGMENTS_READ)
    for key, destination, status in (
        (plain, "", 200),
        (plain, "?destination=meta", 403),
        (shop.key, "?destination=meta", 200),
        (None, "", 303),
    ):
        with httpx.Client(base_url=shop.address, timeout=60) as client:
            if key is not None:
                client.post("/ui/sign-in", data={"key": key})
            answer = client.get(f"/ui/segments/{segment}/export{destination}")
        assert answer.status_code == status, (destination, answer.text)


def test_forms_of_other_sites_are_refused(shop: Shop) -> None:
    answer = httpx.post(
        shop.url("/sign-in"), data={"key": shop.key}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers or "key_id" not in answer.headers["set-cookie"]


def test_the_cookie_is_signed_and_holds_no_key(shop: Shop) -> None:
    with httpx.Client(base_url=shop.address, timeout=60) as client:
        answer = client.post("/ui/sign-in", data={"key": shop.key})
        cookie = answer.headers["set-cookie"]
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert shop.key.split("_")[2] not in cookie
        value = client.cookies["aether_session"]
        assert client.get("/ui/segments").status_code == 200
        client.cookies.clear()
        client.cookies.set("aether_session", value[:-4] + "AAAA")
        assert client.get("/ui/segments").status_code == 303


def test_markup_in_a_brief_is_text(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    page.on("dialog", lambda dialog: pytest.fail(f"{dialog.message} was run"))
    page.get_by_label("Your campaign's goal").fill(MARKUP)
    page.get_by_role("button", name="Read the brief").click()
    expect(page.locator(".said")).to_contain_text("<script>")
    expect(page.locator(".said script, .said img")).to_have_count(0)
    assert "run" not in page.title().split(" ")
    page.goto(shop.url("/"))
    listed = page.get_by_role("link", name=re.compile("Win back customers <script>"))
    expect(listed.first).to_be_visible()
