"""Curves, bars and points, with axes; what is drawn stands in a table behind each picture too."""

from __future__ import annotations

from collections.abc import Sequence

from .intervals import Span
from .svg import Scale, box, dot, path, picture, segment, text, tick_label

Point = tuple[float, float]
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 16.0, 12.0, 44.0


def curve(
    points: Sequence[Point],
    *,
    name: str,
    x_unit: str,
    y_unit: str,
    cursor: Point | None = None,
    second: Sequence[Point] = (),
    width: float = 560,
    height: float = 260,
) -> str:
    """A curve over its area, with a cursor at one of its points; `second` is one to compare it
    with."""
    both = [*points, *second]
    across = Scale(min(x for x, _ in both), max(x for x, _ in both), _LEFT, width - _RIGHT)
    down = Scale(
        min(0.0, *(y for _, y in both)),
        max(0.0, *(y for _, y in both)),
        height - _BOTTOM,
        _TOP,
    )
    drawn = [(across(x), down(y)) for x, y in points]
    floor = down(0)
    parts = [*_axes(across, down, width, height, x_unit, y_unit)]
    parts.append(path([(drawn[0][0], floor), *drawn, (drawn[-1][0], floor)], "under"))
    if second:
        parts.append(path([(across(x), down(y)) for x, y in second], "curve two"))
    parts.append(path(drawn, "curve"))
    if cursor is not None:
        x, y = across(cursor[0]), down(cursor[1])
        parts += [segment(x, _TOP, x, height - _BOTTOM, "cursor"), dot(x, y, "dot", 6)]
    return picture(width, height, name, parts)


def histogram(
    edges: Sequence[float],
    shares: Sequence[float],
    *,
    name: str,
    x_unit: str,
    split: float | None = 0.0,
    width: float = 560,
    height: float = 230,
) -> str:
    """Bars between edges; bars below `split` are drawn as losses."""
    across = Scale(edges[0], edges[-1], _LEFT, width - _RIGHT)
    down = Scale(0.0, max(shares, default=1.0) * 100 or 1.0, height - _BOTTOM, _TOP)
    parts = _axes(across, down, width, height, x_unit, "% of customers")
    for low, high, share in zip(edges, edges[1:], shares, strict=False):
        lost = split is not None and (low + high) / 2 < split
        left, right = across(low), across(high)
        gap = min(1.0, (right - left) / 4)
        top = down(share * 100)
        parts.append(
            box(
                left + gap / 2,
                top,
                right - left - gap,
                height - _BOTTOM - top,
                "fill-3" if lost else "fill-1",
            )
        )
    if split is not None and edges[0] < split < edges[-1]:
        parts.append(segment(across(split), _TOP, across(split), height - _BOTTOM, "zero"))
    return picture(width, height, name, parts)


def calibration(
    bins: Sequence[tuple[float, Span]],
    *,
    name: str,
    unit: str,
    width: float = 560,
    height: float = 300,
) -> str:
    """What was measured (with its interval) over what was predicted; on the line both are alike."""
    values = [predicted for predicted, _ in bins]
    seen = [end for _, span in bins for end in (span.low, span.high)]
    least, most = min(0.0, *values, *seen), max(0.0, *values, *seen)
    across = Scale(least, most, _LEFT, width - _RIGHT)
    down = Scale(least, most, height - _BOTTOM, _TOP)
    parts = _axes(across, down, width, height, f"predicted, {unit}", f"measured, {unit}")
    parts.append(segment(across(least), down(least), across(most), down(most), "zero"))
    for predicted, span in bins:
        x = across(predicted)
        parts += [
            segment(x, down(span.low), x, down(span.high), "span"),
            dot(x, down(span.estimate)),
        ]
    return picture(width, height, name, parts)


def pairs(
    rows: Sequence[tuple[str, float, float]],
    *,
    name: str,
    first: str,
    second: str,
    width: float = 560,
) -> str:
    """Two shares (0..1) of each row, one above the other, such as those of a segment and of all."""
    row = 68.0
    scale = Scale(0.0, 1.0, 0.0, width - 60)
    parts = [
        box(0, 4, 10, 10, "fill-1"),
        text(16, 13, first, "start"),
        box(170, 4, 10, 10, "fill-2"),
        text(186, 13, second, "start"),
    ]
    for place, (label, inside, outside) in enumerate(rows):
        top = 30 + row * place
        parts.append(text(0, top + 12, label if len(label) < 74 else label[:73] + "…", "start"))
        for line, (value, kind) in enumerate(((inside, "fill-1"), (outside, "fill-2"))):
            y = top + 19 + line * 19
            parts.append(box(0, y, max(scale(value), 1.5), 12, kind))
            parts.append(text(scale(value) + 8, y + 10, f"{value * 100:.0f} %", "start", "mute"))
    return picture(width, 30 + row * len(rows), name, parts)


def bars(rows: Sequence[tuple[str, float, str]], *, name: str, width: float = 560) -> str:
    """Bars of sizes from 0, each under its name and with its number in words."""
    row = 46.0
    most = max((value for _, value, _ in rows), default=1.0) or 1.0
    scale = Scale(0.0, most, 0.0, width - 130)
    parts = []
    for place, (words, value, said) in enumerate(rows):
        top = row * place + 4
        short = words if len(words) <= 52 else words[:51] + "…"
        parts += [
            text(0, top + 13, short, "start"),
            box(0, top + 20, max(scale(value), 1.5), 14, "fill-1"),
            text(scale(value) + 8, top + 32, said, "start", "mute"),
        ]
    return picture(width, row * len(rows) + 8, name, parts)


def _axes(
    across: Scale, down: Scale, width: float, height: float, x_unit: str, y_unit: str
) -> list[str]:
    bottom = height - _BOTTOM
    parts = []
    for tick in down.ticks(4):
        y = down(tick)
        parts.append(segment(_LEFT, y, width - _RIGHT, y, "gridline"))
        parts.append(text(_LEFT - 8, y + 4, tick_label(tick), "end", "mute"))
    for tick in across.ticks(6):
        parts.append(text(across(tick), bottom + 18, tick_label(tick), kind="mute"))
    parts.append(segment(_LEFT, bottom, width - _RIGHT, bottom, "axis"))
    parts.append(text(width - _RIGHT, height - 6, x_unit, "end", "mute"))
    parts.append(text(0, height - 6, y_unit, "start", "mute"))
    return parts
