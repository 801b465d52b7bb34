"""Histograms as a person reads them: bars, and the spread in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uplift.histograms import Categories, Histogram, Numbers, histogram_from_json

NAMED_LEVELS = 3


@dataclass(frozen=True)
class Spread:
    """One column: the share of the values in each bin or level, and of all rows with no value."""

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
    bars = tuple(count / present for count in histogram.counts) if present else ()
    if not present:
        words = "no value at all"
    elif isinstance(histogram, Categories):
        words = _levels_in_words(histogram, bars)
    else:
        words = _numbers_in_words(histogram, bars)
    return Spread(name, bars, words, histogram.missing / rows if rows else 0.0)


def _levels_in_words(histogram: Categories, bars: tuple[float, ...]) -> str:
    named = [
        f"{level} {share:.0%}"
        for level, share in zip(histogram.levels[:NAMED_LEVELS], bars, strict=False)
    ]
    more = len(histogram.levels) - NAMED_LEVELS
    return ", ".join(named) + (f", {more} more" if more > 0 else "")


def _numbers_in_words(histogram: Numbers, bars: tuple[float, ...]) -> str:
    """The ends, and the end of the bin in which the middle customer is."""
    assert histogram.low is not None
    assert histogram.high is not None
    if histogram.low == histogram.high:
        return f"always {histogram.low:.4g}"
    ends = (*histogram.edges, histogram.high)
    reached, middle = 0.0, histogram.high
    for share, end in zip(bars, ends, strict=True):
        reached += share
        if reached >= 0.5:
            middle = end
            break
    return f"{histogram.low:.4g} to {histogram.high:.4g}, half at most {middle:.4g}"
