"""From a brief to a campaign's results, as a marketer goes, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Visit
from tests.ui.shop import Shop

pytestmark = pytest.mark.slow
BRIEF = "Win back customers whose usual basket is at most 60 and who have not purchased in 60 days"


def test_from_a_brief_to_results(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    _brief(page)
    _triggers(page)
    _copy(page)
    segment = _segment(page)
    _why(page, shop, segment)
    campaign = _activate(page, shop, segment)
    _results(page, shop, segment, campaign)


def _brief(page: Page) -> None:
    """Read, one question answered, one condition changed and counted."""
    page.get_by_label("Your campaign's goal").fill(BRIEF)
    page.get_by_role("button", name="Read the brief").click()
    expect(page.get_by_role("heading", name="Before anything is ranked")).to_be_visible()
    expect(page.locator(".said mark").first).to_contain_text("usual basket")
    expect(page.get_by_role("link", name="Rank the triggers")).to_have_count(0)
    page.get_by_role("button", name="leave it out").click()
    expect(page.get_by_role("link", name="Rank the triggers")).to_be_visible()
    total = page.locator(".live .big")
    expect(total).to_have_text(re.compile(r"^\d,\d{3}$"))
    before = total.inner_text()
    value = page.get_by_label("Value of condition 1")
    expect(value).to_have_value("60")
    value.fill("45")
    expect(total).not_to_have_text(before)
    assert int(total.inner_text().replace(",", "")) < int(before.replace(",", ""))
    value.blur()
    expect(page.get_by_text("You set the audience")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Value of condition 1")).to_have_value("45")


def _triggers(page: Page) -> None:
    """Ranked with intervals; a smaller budget gains less, and says what more would bring."""
    page.get_by_role("link", name="Rank the triggers").click()
    expect(page.get_by_role("heading", name="Free shipping would bring the most")).to_be_visible()
    ranked = page.locator(".rank > li")
    expect(ranked).to_have_count(3)
    expect(ranked.nth(0)).to_contain_text("Strong evidence")
    expect(ranked.filter(has_text="No trigger")).to_have_count(1)
    assert ranked.nth(0).locator("svg[role=img]").get_attribute("aria-label")
    gain = page.locator(".facts dd").nth(1)
    whole = _money(gain.inner_text())
    slider = page.get_by_label("Budget", exact=True).and_(page.locator("input"))
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(re.compile(r"The next .* would bring about"))).to_be_visible()
    assert _money(gain.inner_text()) < whole


def _copy(page: Page) -> None:
    page.get_by_role("link", name="Copy for Free shipping").click()
    expect(page.get_by_role("heading", name="E-mail")).to_be_visible()
    expect(page.locator(".copy-text mark").first).to_contain_text("[")
    expect(page.get_by_text("of 160 characters")).to_have_count(3)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the body of SMS, variant 1").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert "free of charge" in page.evaluate("navigator.clipboard.readText()")
    before = page.locator(".copy-text").all_inner_texts()
    page.get_by_role("button", name="Suggest others").click()
    expect(page.get_by_text(before[1], exact=True)).to_have_count(0)
    page.go_back()


def _segment(page: Page) -> str:
    page.get_by_role("button", name="Make segments").click()
    page.get_by_role("link", name="Open Free shipping").click()
    expect(page.get_by_role("heading", name="Who is in it")).to_be_visible()
    found = re.search(r"seg_[0-9a-f]+", page.url)
    assert found is not None
    return found.group()


def _why(page: Page, shop: Shop, segment: str) -> None:
    page.get_by_role("link", name="Why", exact=True).click()
    expect(page.get_by_role("heading", name="Who gains, and who is put off")).to_be_visible()
    expect(page.locator("figure svg")).to_have_count(5)
    member = shop.pulled(segment)[0]
    page.get_by_label("Customer id").fill(member)
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text(f"{member} is in this segment.")).to_be_visible()
    expect(page.get_by_text("send free shipping")).to_be_visible()


def _activate(page: Page, shop: Shop, segment: str) -> str:
    """Begun behind one confirmation, which may be refused."""
    page.get_by_role("link", name="Overview").click()
    page.get_by_label("Name").fill("Spring & <b>summer</b>")
    page.get_by_label("Held out, %").fill("30")
    page.get_by_role("button", name="Activate…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("held out of every pull and file")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert shop.api("GET", f"/campaigns?segment={segment}")["campaigns"] == []
    page.get_by_role("button", name="Activate…").click()
    page.get_by_role("button", name="Begin the campaign").click()
    expect(page.get_by_role("heading", name="Spring & <b>summer</b>")).to_be_visible()
    (campaign,) = shop.api("GET", f"/campaigns?segment={segment}")["campaigns"]
    assert campaign["holdout"] == 0.3
    return str(campaign["campaign_id"])


def _results(page: Page, shop: Shop, segment: str, campaign: str) -> None:
    """Pulled and reported by the API, seen on the page."""
    sent, everyone = set(shop.pulled(segment)), shop.pulled(segment, "&include=holdout")
    assert 0.5 < len(sent) / len(everyone) < 0.8
    outcomes = [
        {
            "messageId": f"{campaign}-{place}",
            "customer_id": customer,
            "outcomes": {"converted": int(place % (2 if customer in sent else 5) == 0)},
        }
        for place, customer in enumerate(everyone)
    ]
    for start in range(0, len(outcomes), 2_000):
        shop.api("POST", "/outcomes", json={"outcomes": outcomes[start : start + 2_000]})
    page.reload()
    expect(page.get_by_role("heading", name="Predicted against measured lift")).to_be_visible()
    measured = page.locator("figure svg[role=img]").first
    assert measured.get_attribute("aria-label") == "Predicted against measured lift"
    expect(page.get_by_text(re.compile("Free shipping does better than nothing"))).to_be_visible()
    page.goto(shop.url("/programme"))
    expect(page.get_by_role("heading", name="The two sides")).to_be_visible()
    expect(page.get_by_role("region", name="The two sides").get_by_role("row")).to_have_count(3)


def _money(text: str) -> float:
    return float(text.split(" ")[0].replace(",", "").replace("−", "-"))
