"""How soon the pages answer in a browser, over a trained workspace of many customers.

    python -m benchmarks.pages_speed WORKSPACE      # a copy: briefs are kept in it

Aims on 2 cores with 100,000 customers: the first page within 1.5 s, a brief's answer begins within
1 s and is complete within 5 s, a count follows an edit within 300 ms.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.ui.shop import Shop, chromium, served

BRIEF = "Win back customers with at least 2 orders who have not purchased in 60 days, by e-mail"
TIMES = 5
_TEXT = """([css, before]) => {
  const now = document.querySelector(css)?.innerText ?? "";
  return now.length > 1 && now !== before;
}"""


def main(root: Path) -> None:
    with served(root) as shop, sync_playwright() as playwright:
        path = chromium()
        assert path is not None, "no Chromium on the PATH"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        page.goto(shop.url("/sign-in"))
        page.get_by_label("API key").fill(shop.key)
        start = time.perf_counter()
        page.get_by_role("button", name="Sign in").click()
        _seen(page, "textarea")
        _told("first page, just started", [time.perf_counter() - start])
        _told("first page", [_timed(lambda: _first(page, shop)) for _ in range(TIMES)])
        begun, read, counted = zip(*[_brief(page, shop) for _ in range(TIMES)], strict=True)
        _told("a brief: the answer begins", begun)
        _told("a brief: what was understood is shown", read)
        _told("a brief: and counted", counted)
        edits = [_timed(lambda n=n: _edited(page, str(3 + n))) for n in range(TIMES)]
        _told("a count after an edit", edits)
        _percent(page)
        edits = [_timed(lambda n=n: _edited(page, str(20 + n))) for n in range(TIMES)]
        _told("a count after a new percentage", edits)
        page.get_by_label("Comparison of condition 1").select_option("gte")
        page.wait_for_timeout(1_000)
        triggers = f"{page.url}/triggers"
        _told("triggers ranked", [_timed(lambda: _ranked(page, triggers)) for _ in range(TIMES)])
        _told("the budget moved", [_timed(lambda: _moved(page)) for _ in range(TIMES)])
        browser.close()


def _first(page: Page, shop: Shop) -> None:
    page.goto(shop.url("/"), wait_until="commit")
    _seen(page, "textarea")


def _brief(page: Page, shop: Shop) -> tuple[float, float, float]:
    _first(page, shop)
    _seen(page, ".chip")
    page.get_by_label("Your campaign's goal").fill(BRIEF)
    start = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('[role=status]')?.innerText.startsWith('Reading')"
        " || document.querySelector('.said')"
    )
    begun = time.perf_counter() - start
    _seen(page, ".said")
    _seen(page, ".rows")
    read = time.perf_counter() - start
    page.wait_for_function(_TEXT, arg=[".live .big", "…"])
    return begun, read, time.perf_counter() - start


def _edited(page: Page, value: str) -> None:
    before = page.locator(".live .big").inner_text()
    page.get_by_label("Value of condition 1").fill(value)
    page.wait_for_function(_TEXT, arg=[".live .big", before])


def _percent(page: Page) -> None:
    """The first condition as a share of the customers, and that it is counted."""
    before = page.locator(".live .big").inner_text()
    page.get_by_label("Field of condition 1").select_option("lifetime_value")
    page.get_by_label("Comparison of condition 1").select_option("top_percent")
    page.wait_for_function(_TEXT, arg=[".live .big", before])
    page.wait_for_timeout(1_000)


def _ranked(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")
    _seen(page, ".rank > li")


def _moved(page: Page) -> None:
    before = page.locator(".facts dd").nth(1).inner_text()
    slider = page.locator("input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "(before) => document.querySelectorAll('.facts dd')[1].innerText !== before", arg=before
    )


def _seen(page: Page, css: str) -> None:
    page.wait_for_function("(css) => document.querySelector(css)", arg=css)


def _timed(deed: Callable[[], None]) -> float:
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


def _told(what: str, seconds: tuple[float, ...] | list[float]) -> None:
    print(
        f"{what}: {statistics.median(seconds) * 1000:.0f} ms "
        f"({min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f}, {len(seconds)} times)",
        flush=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
