"""Histograms as a person reads them: bars, and the spread in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from uplift.histograms import Categories, Histogram, Numbers, histogram_from_json

NAMED_LEVELS = 3
CELLS = 24
"""Bars of equal width in which a numeric column is drawn."""


@dataclass(frozen=True)
class Spread:
    """One column: the share of the values in each bar or level, and of all rows with no value."""

    name: str
    bars: tuple[float, ...]
    words: str
    missing: float


def spreads(histograms: Mapping[str, Any]) -> list[Spread]:
    """The spreads of a card's histograms, in the card's order."""
    return [_spread(name, histogram_from_json(value)) for name, value in histograms.items()]


def _spread(name: str, histogram: Histogram) -> Spread:
    present = sum(histogram.counts)
    rows = present + histogram.missing
    shares = tuple(count / present for count in histogram.counts) if present else ()
    if not present:
        bars, words = shares, "no value at all"
    elif isinstance(histogram, Categories):
        bars, words = shares, _levels_in_words(histogram, shares)
    else:
        bars, words = _drawn(histogram, shares), _numbers_in_words(histogram, shares)
    return Spread(name, bars, words, histogram.missing / rows if rows else 0.0)


def _drawn(histogram: Numbers, shares: tuple[float, ...]) -> tuple[float, ...]:
    """Shares in `CELLS` cells of equal width from the least value to the greatest, as if the values
    lay evenly within each bin."""
    low, high = histogram.lows[0], histogram.highs[-1]
    if low == high:
        return (1.0,)
    cells = np.linspace(low, high, CELLS + 1)
    drawn = np.zeros(CELLS)
    for share, start, end in zip(shares, histogram.lows, histogram.highs, strict=True):
        if start == end:
            drawn[min(int(np.searchsorted(cells, end, side="right")), CELLS) - 1] += share
        else:
            drawn += share * np.diff(np.clip(cells, start, end)) / (end - start)
    return tuple(drawn.tolist())


def _levels_in_words(histogram: Categories, shares: tuple[float, ...]) -> str:
    named = [
        f"{level} {share:.0%}"
        for level, share in zip(histogram.levels[:NAMED_LEVELS], shares, strict=False)
    ]
    more = len(histogram.levels) - NAMED_LEVELS
    return ", ".join(named) + (f", {more} more" if more > 0 else "")


def _numbers_in_words(histogram: Numbers, shares: tuple[float, ...]) -> str:
    """The share of each of a few values; else the ends, and about where the middle customer is."""
    if len(shares) <= NAMED_LEVELS and histogram.lows == histogram.highs:
        if len(shares) == 1:
            return f"always {histogram.lows[0]:.4g}"
        return ", ".join(
            f"{value:.4g} {share:.0%}" for value, share in zip(histogram.lows, shares, strict=True)
        )
    half = int(np.searchsorted(np.cumsum(shares), 0.5 - 1e-12))
    ends = f"{histogram.lows[0]:.4g} to {histogram.highs[-1]:.4g}"
    return f"{ends}, half at most {histogram.highs[half]:.4g}"
