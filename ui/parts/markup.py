"""Plain HTML elements. Text is always a text node, so that markup in it is shown and never run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

BASE = "/ui"
"""The path below which all pages lie."""

SENTENCES = ("p", "li")
_MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=%|[A-Z]{3}\b)")

Handler = Callable[[], Any]


def el(tag: str, classes: str = "", text: str | None = None, **attributes: object) -> Element:
    """An element of any tag. `_` in an attribute's name stands for `-`; a None is left out."""
    if text is not None and tag in SENTENCES:
        text = typeset(text)
    made = Element(tag) if text is None else TextElement(tag=tag, text=text)
    if classes:
        made.classes(classes)
    for name, value in attributes.items():
        if value is not None and value is not False:
            made.props[name.rstrip("_").replace("_", "-")] = "" if value is True else value
    return made


def typeset(text: str) -> str:
    """A sentence with real minus signs, and numbers that no line's end parts from their unit."""
    return _BEFORE_UNIT.sub("\u00a0", _MINUS.sub("−", text))


def live(text: str = "", classes: str = "", tag: str = "span", **attributes: object) -> TextElement:
    """A text that changes: set its `text`."""
    made = TextElement(tag=tag, text=text)
    if classes:
        made.classes(classes)
    for name, value in attributes.items():
        made.props[name.replace("_", "-")] = value
    return made


def say(text: str, classes: str = "", tag: str = "p") -> Element:
    """A paragraph."""
    return el(tag, classes, text)


def heading(text: str, level: int = 2, classes: str = "") -> Element:
    return el(f"h{level}", classes, text)


def link(text: str, path: str, classes: str = "", **attributes: object) -> Element:
    """A link to a page of ours; `path` is below `BASE`."""
    return el("a", classes, text, href=BASE + path, **attributes)


def button(
    text: str, on_click: Handler | None = None, kind: str = "", **attributes: object
) -> Element:
    """`kind` is `primary`, `quiet` or `danger`; without one it is an ordinary button."""
    made = el("button", f"btn {kind}", text, type="button", **attributes)
    if on_click is not None:
        made.on("click", on_click, [])
    return made


def badge(text: str, kind: str = "", **attributes: object) -> Element:
    return el("span", f"badge {kind}", text, **attributes)


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str = "") -> Element:
    """A table; columns whose cells all begin like a number are set to the right."""
    listed = [list(row) for row in rows]
    outer = el(
        "div",
        "scroll",
        tabindex=0,
        role="region",
        aria_label=f"{caption}, table" if caption else "Table",
    )
    with outer, el("table", "table"):
        if caption:
            el("caption", "sr", caption)
        names = list(head)
        right = [
            bool(listed) and all(is_number_like(row[place]) for row in listed)
            for place in range(len(names))
        ]
        with el("thead"), el("tr"):
            for name, number in zip(names, right, strict=True):
                el("th", "num" if number else "", name, scope="col")
        with el("tbody"):
            for row in listed:
                with el("tr"):
                    for cell, number in zip(row, right, strict=True):
                        el("td", "num" if number else "", cell)
    return outer


def is_number_like(cell: str) -> bool:
    """Whether a cell of a table is a number, with a sign, a unit or a dash in its place."""
    plain = cell.strip().lstrip("+-−±<> ")
    return cell.strip() in ("", "–") or plain[:1].isdigit()
