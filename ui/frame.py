"""The frame around every page: where one is, where one can go, who is looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from nicegui import ui

from domain.scopes import Scope

from .desk import Desk
from .parts.markup import BASE, button, el, heading, link, say

_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"'
_ICONS = {
    "Brief": '<path d="M4 5h16v11H9l-5 4z"/>',
    "Segments": '<circle cx="9" cy="12" r="5"/><circle cx="15" cy="12" r="5"/>',
    "Discover": '<circle cx="11" cy="11" r="6"/><path d="m20 20-4.5-4.5"/>',
    "Data": '<ellipse cx="12" cy="6" rx="7" ry="3"/><path d="M5 6v12c0 1.7 3 3 7 3s7-1.3 7-3V6"/>'
    '<path d="M5 12c0 1.7 3 3 7 3s7-1.3 7-3"/>',
    "Models": '<path d="M4 19V5M4 19h16"/><path d="m7 15 4-5 3 3 5-7"/>',
}
_BRAND = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9" fill="none" '
    'stroke="currentColor" stroke-width="2"/><path d="M12 3a9 9 0 0 1 9 9h-9z" '
    'fill="currentColor"/></svg>'
)
PAGES: tuple[tuple[str, str, Scope], ...] = (
    ("Brief", "/", Scope.SEGMENTS_WRITE),
    ("Segments", "/segments", Scope.SEGMENTS_READ),
    ("Discover", "/discover", Scope.SEGMENTS_READ),
    ("Data", "/data", Scope.SEGMENTS_READ),
    ("Models", "/models", Scope.SEGMENTS_READ),
)
"""The pages that navigation leads to, with the scope that each needs."""
_TURN_THEME = """() => {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("aether-theme", root.dataset.theme);
}"""


@contextmanager
def frame(
    desk: Desk,
    here: str,
    title: str,
    lead: str = "",
    *,
    crumbs: Sequence[tuple[str, str]] = (),
    wide: bool = False,
    beside: Callable[[], object] | None = None,
) -> Iterator[None]:
    """Everything around a page's own content. `here` is the name of its place in the navigation;
    `beside` draws what stands beside the title."""
    ui.page_title(f"{title} · AetherSegment")
    with ui.context.client.layout:
        skip = el("a", "skip", "Skip to the content", href="#content")
        side = el("header", "side")
        with side:
            brand()
            with el("nav", "nav", aria_label="Main"):
                for name, path, scope in PAGES:
                    if desk.may(scope):
                        _place(name, path, name == here)
            with el("div", "side-foot"):
                with el("span"):
                    el("span", "", "Signed in as ")
                    el("strong", "", desk.visitor.key.name)
                with el("div", "tools"):
                    button("Theme", kind="quiet small", aria_label="Light or dark").on(
                        "click", js_handler=_TURN_THEME
                    )
                    with el("form", action=f"{BASE}/sign-out", method="post"):
                        el("button", "btn quiet small", "Sign out", type="submit")
    # First in the page, so that the keyboard comes to them first.
    side.move(target_index=0)
    skip.move(target_index=0)
    with el("div", f"page{' wide' if wide else ''}", id="content", tabindex=-1):
        if crumbs:
            with el("nav", "crumbs", aria_label="Breadcrumb"):
                for place, (name, path) in enumerate(crumbs):
                    if place:
                        el("span", "", "/", aria_hidden="true")
                    link(name, path)
        with el("div", "page-head"):
            with el("div"):
                heading(title, 1)
                if lead:
                    say(lead, "lead")
            if beside is not None:
                beside()
        yield


def tabs(entries: Sequence[tuple[str, str]], here: str) -> None:
    """Pages that belong together, side by side."""
    with el("nav", "tabs", aria_label="Parts"):
        for name, path in entries:
            link(name, path, aria_current="page" if name == here else None)


def brand() -> None:
    with el("a", "brand", href=f"{BASE}/"):
        ui.html(_BRAND, sanitize=False, tag="span")
        el("span", "", "AetherSegment")


def _place(name: str, path: str, current: bool) -> None:
    with el("a", "", href=BASE + path, aria_current="page" if current else None):
        icon = f'<svg viewBox="0 0 24 24" aria-hidden="true" {_STROKE}>{_ICONS[name]}</svg>'
        ui.html(icon, sanitize=False, tag="span")
        el("span", "", name)
