"""A picture with what it says in one line before it, and its numbers in a table behind it."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import ui

from .markup import el, heading, table


def figure(
    title: str,
    reading: str,
    svg: str,
    head: Iterable[str] = (),
    rows: Iterable[Iterable[str]] = (),
) -> None:
    """`svg` is of ours: its texts are escaped where it is made, and it is sanitised again."""
    listed = [list(row) for row in rows]
    with el("figure", "figure"):
        heading(title, 2, "h3")
        el("figcaption", "reading", reading)
        drawing(svg)
        if listed:
            with el("details"):
                el("summary", "", "The numbers")
                table(head, listed, title)


def drawing(svg: str) -> ui.html:
    return ui.html(svg)
