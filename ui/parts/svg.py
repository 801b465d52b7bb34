"""Inline SVG as text: every label is escaped, every number finite, every picture has a name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape


def picture(width: float, height: float, name: str, parts: Sequence[str]) -> str:
    """A whole SVG that a screen reader calls by its name."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(name)}">'
        f"{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, anchor: str = "middle", kind: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
        f"{escape(words)}</text>"
    )


def segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def dot(x: float, y: float, kind: str = "dot", radius: float = 5) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{kind}"/>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}" rx="2" class="{kind}"/>'
    )


def path(points: Sequence[tuple[float, float]], kind: str) -> str:
    steps = " ".join(
        f"{'M' if place == 0 else 'L'}{x:.1f} {y:.1f}" for place, (x, y) in enumerate(points)
    )
    return f'<path d="{steps}" class="{kind}"/>'


class Scale:
    """From values to places along an axis; without any extent, its value lies in the middle."""

    def __init__(self, least: float, most: float, start: float, end: float) -> None:
        if not (math.isfinite(least) and math.isfinite(most)):
            raise ValueError(f"A scale can't go from {least} to {most}.")
        self.least, self.most = min(least, most), max(least, most)
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        if self.most == self.least:
            return (self._start + self._end) / 2
        share = (value - self.least) / (self.most - self.least)
        return self._start + share * (self._end - self._start)

    def ticks(self, most: int = 5) -> list[float]:
        """Round values within the scale."""
        if self.most == self.least:
            return [self.least]
        step = round_step((self.most - self.least) / most)
        first = math.ceil(self.least / step - 1e-9)
        last = math.floor(self.most / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def round_step(step: float) -> float:
    """The least of 1, 2, 2.5, 5 or 10 times a power of ten that is no less than a step."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(part * power for part in (1, 2, 2.5, 5, 10) if part * power >= step * (1 - 1e-9))


def tick_label(value: float) -> str:
    """`2,000`, `1.5`, `0`, `-3`."""
    label = f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "0" if label in ("-0", "0") else label.replace("-", "−")
