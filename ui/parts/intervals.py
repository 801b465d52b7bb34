"""Estimates with their intervals, drawn on one scale so that they can be compared at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .svg import Scale, dot, picture, segment, text, tick_label

WIDTH, HEIGHT = 260.0, 36.0
_ROW, _LONGEST = 44.0, 52


@dataclass(frozen=True)
class Span:
    """An estimate with its interval, in the units that are drawn; `name` says it in words."""

    name: str
    estimate: float
    low: float
    high: float

    @property
    def kind(self) -> str:
        """`thin` where the interval includes zero, `lost` where it lies below."""
        if self.low <= 0 <= self.high:
            return "thin"
        return "lost" if self.high < 0 else ""


def shared_scale(spans: Sequence[Span], start: float = 8, end: float = WIDTH - 8) -> Scale:
    """A scale that holds all intervals, and zero."""
    lows = [min(span.low, 0.0) for span in spans] or [0.0]
    highs = [max(span.high, 0.0) for span in spans] or [0.0]
    return Scale(min(lows), max(highs), start, end)


def one_interval(span: Span, scale: Scale) -> str:
    """One interval in a row of a list; the scale is that of all rows."""
    middle = HEIGHT / 2
    return picture(
        WIDTH,
        HEIGHT,
        span.name,
        [
            segment(scale(scale.least), middle, scale(scale.most), middle, "gridline"),
            segment(scale(0), 4, scale(0), HEIGHT - 4, "zero"),
            segment(scale(span.low), middle, scale(span.high), middle, f"span {span.kind}"),
            dot(scale(span.estimate), middle, f"dot {span.kind}", 6),
        ],
    )


def interval_plot(spans: Sequence[Span], unit: str, name: str, width: float = 560) -> str:
    """Intervals below each other, each under its name, with an axis."""
    scale = shared_scale(spans, 12, width - 16)
    bottom = 8 + _ROW * len(spans)
    parts = [segment(scale(0), 6, scale(0), bottom, "zero")]
    for tick in scale.ticks(6):
        parts.append(text(scale(tick), bottom + 18, tick_label(tick), kind="mute"))
    for place, span in enumerate(spans):
        middle = 8 + _ROW * (place + 0.7)
        parts += [
            text(0, middle - 12, _short(span.name), "start"),
            segment(scale(span.low), middle, scale(span.high), middle, f"span {span.kind}"),
            dot(scale(span.estimate), middle, f"dot {span.kind}"),
        ]
    parts.append(text(width - 16, bottom + 38, unit, "end", "mute"))
    return picture(width, bottom + 44, name, parts)


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
