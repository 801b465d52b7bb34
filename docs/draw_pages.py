"""Draw every page as it is seen, light and dark, wide and narrow, into docs/images/pages.

python docs/draw_pages.py [--shop FOLDER] [--out FOLDER] [--whole]

`--shop` is a workspace of `pictured_shop`, made anew without one; `--whole` draws what is below the
fold too, for looking at.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from pictured_shop import pictured_shop  # noqa: E402

from tests.ui.shop import Shop, chromium, served  # noqa: E402
from workflows.discovery import discover  # noqa: E402
from workflows.discoverydefaults import discovery_defaults  # noqa: E402
from workflows.holdouts import held_out_for_good  # noqa: E402
from workflows.workspace import PROFILES, Workspace  # noqa: E402

BRIEF = (
    "Win back customers who have not purchased in 60 days and whose basket value is at least 20, "
    "by e-mail, budget 2,500"
)
SIZES = {"wide": (1600, 1000), "narrow": (390, 844)}
THEMES = ("light", "dark")
COLOURS, SECONDS = 96, 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "images" / "pages")
    parser.add_argument("--whole", action="store_true", help="with what is below the fold")
    stated = parser.parse_args()
    stated.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = stated.shop or _made(Path(folder))
        with served(root) as shop, sync_playwright() as playwright:
            path = chromium()
            assert path is not None, "no Chromium on the PATH"
            expect.set_options(timeout=SECONDS * 1000)
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for name, address in _addresses(browser, shop).items():
                for size in SIZES:
                    for theme in THEMES:
                        target = stated.out / f"{name}-{size}-{theme}.png"
                        _draw(browser, shop, address, target, size, theme, whole=stated.whole)
            browser.close()


def _made(folder: Path) -> Path:
    workspace = pictured_shop(folder)
    discover(workspace, discovery_defaults(workspace))
    workspace.close()
    return workspace.root


def _opened(browser: Browser, shop: Shop, size: str, theme: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(SECONDS * 1000)
    context.add_init_script(f"localStorage.setItem('aether-theme', '{theme}')")
    page = context.new_page()
    page.goto(shop.url("/sign-in"))
    page.get_by_label("API key").fill(shop.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def _addresses(browser: Browser, shop: Shop) -> dict[str, str]:
    """Go the whole way once, so that every page has something to show."""
    page = _opened(browser, shop, "wide", "light")
    page.get_by_label("Your campaign's goal").fill(BRIEF)
    page.get_by_role("button", name="Read the brief").click()
    expect(page.get_by_role("heading", name="What I understood")).to_be_visible()
    talk = page.url.split("/ui", 1)[1]
    page.get_by_role("link", name="Rank the triggers").click()
    page.get_by_role("button", name="Make segments").click()
    page.get_by_role("link", name=re.compile("^Open ")).first.click()
    expect(page.get_by_role("heading", name="Who is in it")).to_be_visible()
    segment = page.url.split("/ui", 1)[1]
    page.get_by_role("button", name="Activate…").click()
    page.get_by_role("button", name="Begin the campaign").click()
    expect(page.get_by_text("running", exact=True)).to_be_visible()
    _report(shop, segment.rsplit("/", 1)[1])
    page.goto(shop.url("/models"))
    page.get_by_role("link", name=re.compile("^mdl-")).first.click()
    expect(page.get_by_role("heading", name="Average effects")).to_be_visible()
    model = page.url.split("/ui", 1)[1]
    page.context.close()
    return {
        "sign-in": "",
        "brief": "/",
        "conversation": talk,
        "triggers": f"{talk}/triggers",
        "copy": f"{talk}/copy/free_shipping",
        "segments": "/segments",
        "programme": "/programme",
        "segment": segment,
        "why": f"{segment}/why",
        "discover": "/discover",
        "axes": "/discover/axes",
        "data": "/data",
        "models": "/models",
        "model": model,
    }


def _report(shop: Shop, segment: str) -> None:
    """Outcomes as a platform reports them: of everybody, better where something was sent."""
    sent, drawn = set(shop.pulled(segment)), set(shop.pulled(segment, "&include=holdout"))
    workspace = Workspace.open(shop.root)
    ids = workspace.current(PROFILES).table(["customer_id"]).column("customer_id")
    never = held_out_for_good(workspace, ids).tolist()
    workspace.close()

    def chance(customer: str, out: bool) -> int:
        return 9 if out else 29 if customer in sent else 15 if customer in drawn else 21

    outcomes = [
        {
            "messageId": f"o{place}",
            "customer_id": customer,
            "outcomes": {"converted": int(place * 37 % 100 < chance(customer, out))},
        }
        for place, (customer, out) in enumerate(zip(ids.to_pylist(), never, strict=True))
    ]
    for start in range(0, len(outcomes), 2_000):
        shop.api("POST", "/outcomes", json={"outcomes": outcomes[start : start + 2_000]})


def _draw(
    browser: Browser, shop: Shop, address: str, target: Path, size: str, theme: str, *, whole: bool
) -> None:
    page = _opened(browser, shop, size, theme)
    if address:
        page.goto(shop.url(address))
    else:
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(400)
    page.wait_for_selector(".wait", state="detached")
    page.wait_for_timeout(400)
    shot = page.screenshot(animations="disabled", full_page=whole)
    seen = Image.open(io.BytesIO(shot)).convert("RGB")
    seen.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    page.context.close()


if __name__ == "__main__":
    main()
