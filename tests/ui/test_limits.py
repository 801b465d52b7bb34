"""A brief's limits on the page of triggers: whom it is about, and where the slider begins."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Visit
from tests.ui.shop import Shop

pytestmark = pytest.mark.slow


def test_segments_are_what_the_budget_was_said_to_buy(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    brief = "Convert customers with usual basket below 90, at most 600 customers, budget 33 EUR"
    page.get_by_label("Your campaign's goal").fill(brief)
    page.get_by_role("button", name="Read the brief").click()
    page.get_by_role("link", name="Rank the triggers").click()
    expect(
        page.get_by_text(re.compile("If the 600 of .* eligible customers worth it"))
    ).to_be_visible()
    slider = page.get_by_label("Budget", exact=True).and_(page.locator("input"))
    expect(slider).to_have_attribute("aria-valuetext", "33 EUR")
    budget = page.get_by_role("region", name="Budget")
    bought = {
        bar.locator("span").first.inner_text(): bar.locator(".num").inner_text()
        for bar in budget.locator(".bar").all()
    }
    assert bought.pop("No trigger")
    page.get_by_role("button", name="Make segments").click()
    made = page.get_by_role("region", name="Segments made")
    expect(made.get_by_role("heading")).to_be_visible()
    assert bought
    for name, number in bought.items():
        expect(made).to_contain_text(f"{name}\n{number} customers", use_inner_text=True)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuetext", "33 EUR")
