"""With a language model that answers it reads and writes; where it fails, that is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Visit
from tests.ui.fakellm import FakeLlm
from tests.ui.shop import Shop

pytestmark = pytest.mark.slow
BRIEF = "Bring those back who spend no more than sixty at a time, with free shipping"


def test_it_reads_the_brief_and_writes_copy(bare: Shop, llm: FakeLlm, visit: Visit) -> None:
    llm.way = "good"
    page = visit(bare)
    _said(page)
    expect(page.get_by_text("Read by the language model")).to_be_visible()
    expect(page.get_by_label("Value of condition 1")).to_have_value("60")
    expect(page.locator(".said mark")).to_have_text("spend no more than sixty at a time")
    page.goto(f"{page.url}/copy/free_shipping")
    sms = page.get_by_role("region", name="SMS")
    expect(sms.get_by_text("by the language model", exact=True)).to_have_count(3)
    expect(sms.locator(".copy-text").first).to_contain_text("✓ ")
    expect(sms.locator(".copy-text mark").first).to_have_text("[LINK]")
    ad = page.get_by_role("region", name="Ad", exact=True)
    expect(ad.get_by_text("more than 90")).to_have_count(3)
    expect(ad.locator(".copy-text").nth(1)).not_to_contain_text("x" * 20)


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("error", "the LLM answered with status 500"),
        ("nonsense", "does not fit the schema"),
        ("slow", "did not answer in time"),
    ],
)
def test_a_failure_is_said_and_the_built_in_reader_and_templates_stand_in(
    bare: Shop, llm: FakeLlm, visit: Visit, way: str, why: str
) -> None:
    llm.way = way
    page = visit(bare)
    _said(page)
    expect(page.get_by_text("The language model could not be used")).to_contain_text(why)
    page.goto(f"{page.url}/copy/free_shipping")
    expect(page.get_by_text("so these are templates")).to_be_visible()
    expect(page.get_by_role("region", name="SMS").locator(".copy-text")).to_have_count(3)


def _said(page: Page) -> None:
    page.get_by_label("Your campaign's goal").fill(BRIEF)
    page.get_by_role("button", name="Read the brief").click()
    expect(page.get_by_role("heading", name="What I understood")).to_be_visible()
