"""Fields of forms: the browser's own, so that keyboards and screen readers know them. What is being
typed is never overwritten by a redraw: values are only a field's default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from .markup import el

Changed = Callable[[str], Any]
_VALUE = "(event) => emit(event.target.value)"


def choice(
    label: str,
    options: Mapping[str, str],
    value: str | None,
    on_change: Changed | None = None,
    *,
    visible: bool = False,
    classes: str = "",
) -> Element:
    """A drop-down of texts by value. The label is read out, and shown where `visible`."""
    with _labelled(label, visible, classes) as outer:
        with el("select", "input", aria_label=None if visible else label) as made:
            for key, text in options.items():
                el("option", "", text, value=key, selected=key == value)
        if on_change is not None:
            made.on("change", lambda event: on_change(str(event.args)), js_handler=_VALUE)
    return outer


def line(
    label: str,
    value: str = "",
    on_input: Changed | None = None,
    *,
    on_change: Changed | None = None,
    on_enter: Changed | None = None,
    kind: str = "text",
    visible: bool = False,
    classes: str = "",
    **attributes: Any,
) -> Element:
    """A field of one line; `kind` is the input's type. `on_input` is told while somebody types,
    `on_change` once the field is left, `on_enter` when Enter is pressed."""
    with _labelled(label, visible, classes) as outer:
        made = el("input", "input", type=kind, aria_label=None if visible else label, **attributes)
        made.props["^value"] = value
        if on_input is not None:
            made.on("input", lambda event: on_input(str(event.args)), js_handler=_VALUE)
        if on_change is not None:
            made.on("change", lambda event: on_change(str(event.args)), js_handler=_VALUE)
        if on_enter is not None:
            made.on(
                "keydown",
                lambda event: on_enter(str(event.args)),
                js_handler="(event) => { if (event.key === 'Enter') { event.preventDefault(); "
                "emit(event.target.value); } }",
            )
    return outer


def area(label: str, value: str, on_input: Changed, **attributes: Any) -> Element:
    """A field of several lines."""
    made = el("textarea", "input area", aria_label=label, **attributes)
    made.props[".defaultValue"] = value
    made.on("input", lambda event: on_input(str(event.args)), js_handler=_VALUE)
    return made


def slider(label: str, said: Sequence[str], place: int, on_input: Callable[[int], None]) -> Element:
    """A slider over so many places; `said` tells each of them, to those who listen too."""
    made = el("input", "slider", type="range", min=0, max=len(said) - 1, step=1, aria_label=label)
    made.props["^value"] = place
    made.props["aria-valuetext"] = said[place]

    def moved(to: int) -> None:
        made.props["aria-valuetext"] = said[to]
        made.update()
        on_input(to)

    made.on("input", lambda event: moved(int(event.args)), js_handler=_VALUE, throttle=0.05)
    return made


def tick(label: str, on_change: Callable[[bool], Any], *, value: bool = False) -> Element:
    """A box to tick, with its label beside it."""
    with el("label", "tick") as outer:
        box = el("input", "", type="checkbox", checked=value)
        el("span", "", label)
    box.on(
        "change",
        lambda event: on_change(bool(event.args)),
        js_handler="(event) => emit(event.target.checked)",
    )
    return outer


def _labelled(label: str, visible: bool, classes: str) -> Element:
    if not visible:
        return el("span", f"field {classes}")
    outer = el("label", f"field {classes}")
    with outer:
        el("span", "field-label", label)
    return outer
