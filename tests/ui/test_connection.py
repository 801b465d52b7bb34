"""A lost connection, a server that begins anew and a key that ends: the conversation goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from domain.scopes import Scope
from tests.ui.conftest import Visit
from tests.ui.shop import Shop, made_key, served
from tests.workflows.company import built, copied
from workflows.keys import revoke_key
from workflows.workspace import Workspace

pytestmark = pytest.mark.slow
BRIEF = "Win back customers whose usual basket is at most 60 and who have not purchased in 60 days"
TYPED = "leave it out"


def test_what_is_done_while_offline_is_done_once_back(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    _begun(page)
    page.context.set_offline(True)
    expect(_lost(page)).to_be_visible()
    expect(_lost(page)).to_contain_text("comes back by itself")
    page.get_by_label("Your answer").fill(TYPED)
    page.get_by_label("Channel").select_option("sms")
    expect(page.get_by_text("You set Channel: sms")).to_have_count(0)
    page.context.set_offline(False)
    expect(_lost(page)).to_be_hidden()
    expect(page.get_by_text("You set Channel: sms")).to_be_visible()
    expect(page.get_by_label("Your answer")).to_have_value(TYPED)
    _answered(page)


def test_a_server_that_begins_anew(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was set and what was typed is there, in a page that came back by itself."""
    workspace = copied(_company(tmp_path_factory), tmp_path_factory.mktemp("anew"))
    workspace.close()
    with served(workspace.root) as before:
        page = visit(before)
        _begun(page)
        page.get_by_label("Value of condition 1").fill("45")
        page.get_by_label("Value of condition 1").blur()
        page.get_by_label("Channel").select_option("sms")
        expect(page.get_by_text("You set the audience")).to_be_visible()
        expect(page.get_by_text("You set Channel: sms")).to_be_visible()
        page.get_by_label("Your answer").fill(TYPED)
    expect(_lost(page)).to_be_visible()
    with served(workspace.root, port=before.port):
        expect(_lost(page)).to_be_hidden()
        expect(page.locator(".said").first).to_have_text(BRIEF)
        expect(page.get_by_text("You set Channel: sms")).to_be_visible()
        expect(page.get_by_label("Channel")).to_have_value("sms")
        expect(page.get_by_label("Value of condition 1")).to_have_value("45")
        expect(page.get_by_label("Your answer")).to_have_value(TYPED)
        _answered(page)
        page.goto(before.url("/"))
        expect(page.get_by_label("Your campaign's goal")).to_have_value("")


def test_a_key_that_ends_signs_out_and_the_next_comes_back(shop: Shop, visit: Visit) -> None:
    identity, text = made_key(shop.root, "Eve", Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE)
    page = visit(shop, text)
    _begun(page)
    talk = page.url
    page.get_by_label("Your answer").fill(TYPED)
    workspace = Workspace.open(shop.root)
    revoke_key(workspace, identity)
    workspace.close()
    page.get_by_label("Channel").select_option("sms")
    expect(page.get_by_role("alert")).to_contain_text("revoked or has expired")
    page.get_by_label("API key").fill(shop.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(talk)
    expect(page.get_by_label("Your answer")).to_have_value(TYPED)
    _answered(page)


def test_nobody_is_led_to_another_site_by_signing_in(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for stated in ("//evil.example/", "https://evil.example/", "@evil.example", "\\\\evil.example"):
        page.goto(shop.url(f"/sign-in?next={stated}"))
        assert page.url.startswith(shop.url("/"))


def _company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.getbasetemp() / "company")


def _begun(page: Page) -> None:
    page.get_by_label("Your campaign's goal").fill(BRIEF)
    page.get_by_role("button", name="Read the brief").click()
    expect(page.get_by_role("heading", name="Before anything is ranked")).to_be_visible()


def _lost(page: Page) -> Locator:
    return page.get_by_text("The connection is lost.").locator("..")


def _answered(page: Page) -> None:
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("link", name="Rank the triggers")).to_be_visible()
