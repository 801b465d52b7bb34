"""A segment's size over its versions, small enough for a row of a list."""

from __future__ import annotations

from collections.abc import Sequence

from .svg import Scale, dot, path, picture
from .words import count

WIDTH, HEIGHT = 96.0, 28.0


def size_line(sizes: Sequence[int]) -> str:
    """A line with a dot at the newest version; with one version, the dot alone."""
    across = Scale(0, max(len(sizes) - 1, 0), 6, WIDTH - 8)
    down = Scale(min(sizes), max(sizes), HEIGHT - 6, 6)
    places = [(across(place), down(size)) for place, size in enumerate(sizes)]
    told = ", ".join(map(count, sizes))
    parts = [path(places, "curve")] if len(places) > 1 else []
    return picture(WIDTH, HEIGHT, f"Size by version: {told}", [*parts, dot(*places[-1], radius=3)])
