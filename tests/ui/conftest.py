"""A browser, and servers over a company with a model and over one without."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.ui.fakellm import TIMEOUT, FakeLlm, fake_llm
from tests.ui.shop import NAMES, Shop, chromium, served
from tests.workflows.company import built, copied, experiment, imported

MILLISECONDS = 45_000
"""How long anything may take before a test gives up; targets are measured elsewhere."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the PATH")
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company with a model of `converted`."""
    root = built(tmp_path_factory.getbasetemp() / "company")
    workspace = copied(root, tmp_path_factory.mktemp("shop"))
    workspace.close()
    with served(workspace.root) as found:
        yield found


@pytest.fixture(scope="session")
def llm() -> Iterator[FakeLlm]:
    """The language model of the company without a model of its own."""
    with fake_llm() as fake:
        yield fake


@pytest.fixture(scope="session")
def bare(
    browser: Browser, llm: FakeLlm, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """A company without a model, and with an LLM."""
    workspace = imported(tmp_path_factory.mktemp("bare"), experiment(600))
    workspace.close()
    environment = {
        "AETHER_LLM_MODEL": "a-model",
        "AETHER_LLM_BASE_URL": llm.address,
        "AETHER_LLM_TIMEOUT": str(TIMEOUT),
        "AETHER_LLM_RETRIES": "0",
    }
    with served(workspace.root, environment) as found:
        yield found


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open pages in windows of their own; a page's failure fails the test."""
    contexts, failures = [], []

    def new(shop: Shop, key: str | None = None, width: int = 1280, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(shop.url("/sign-in"))
        page.get_by_label("API key").fill(shop.key if key is None else key)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield new
    for context in contexts:
        context.close()
    assert failures == []
