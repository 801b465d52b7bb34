"""One confirmation that states what will happen, before it does."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import ui

from .markup import button, el, heading


async def confirmed(
    title: str, statements: Iterable[str], deed: str, kind: str = "primary"
) -> bool:
    """Whether somebody says yes. Escape, and a click beside it, say no."""
    with ui.dialog().props(f'aria-label="{_plain(title)}"') as dialog, el("div", "card stack"):
        heading(title)
        with el("ul", "bullets"):
            for one in statements:
                el("li", "", one)
        with el("div", "row").style("justify-content:flex-end"):
            button("Cancel", lambda: dialog.submit(False))
            button(deed, lambda: dialog.submit(True), kind, autofocus=True)
    answer = await dialog
    dialog.clear()
    return bool(answer)


def _plain(title: str) -> str:
    """Without what would end an attribute."""
    return title.replace('"', "").replace("\\", "").replace("\n", " ")
