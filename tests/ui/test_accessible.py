"""No serious finding of axe-core on any page, light and dark, wide and narrow; and the keyboard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.ui.conftest import Visit
from tests.ui.shop import Shop

pytestmark = pytest.mark.slow
SERIOUS = ("serious", "critical")


def _findings(page: Page) -> list[str]:
    page.wait_for_selector(".wait", state="detached")
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} at {one['nodes'][0]['target']}" for one in found if one["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_passes_axe(shop: Shop, visit: Visit, theme: str) -> None:
    made = shop.api(
        "POST",
        "/segments/by-criteria",
        json={
            "criteria": {"field": "basket", "op": "lt", "value": 40},
            "trigger": "free_shipping",
        },
    )
    segment = made["segment_id"]
    page = visit(shop, width=390 if theme == "dark" else 1600)
    page.evaluate(f"localStorage.setItem('aether-theme', '{theme}')")
    page.get_by_label("Your campaign's goal").fill("Win back customers with usual basket over 50")
    page.get_by_role("button", name="Read the brief").click()
    expect(page.get_by_role("heading", name="What I understood")).to_be_visible()
    talk = page.url.split("/ui", 1)[1]
    model = made["model_id"]
    paths = [
        "/",
        talk,
        f"{talk}/triggers",
        f"{talk}/copy/free_shipping",
        "/segments",
        "/programme",
        f"/segments/{segment}",
        f"/segments/{segment}/why",
        f"/segments/{segment}/copy",
        "/discover",
        "/discover/axes",
        "/discover/rules",
        "/data",
        "/models",
        f"/models/{model}",
    ]
    findings = {}
    for path in paths:
        page.goto(shop.url(path))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found = _findings(page)
        wider = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        findings[path] = [*found, *(["wider than the window"] if wider else [])]
    assert {path: found for path, found in findings.items() if found} == {}


def test_the_keyboard_alone_reads_a_brief(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    expect(page.get_by_label("Your campaign's goal")).to_be_focused()
    page.goto(shop.url("/segments"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#content') !== null")
    page.goto(shop.url("/"))
    page.get_by_label("Your campaign's goal").focus()
    page.keyboard.type("Win back customers with usual basket over 50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What I understood")).to_be_visible()
    page.get_by_label("Goal", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("You set Goal")).to_be_visible()
