"""How a column's values are spread: kept with a model, so that drift can be measured against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uplift.dataset import FloatArray

BINS = 10
LEVELS = 30
"""Levels of a categorical column that are counted each, the most frequent first."""

SMALL_DRIFT, LARGE_DRIFT = 0.1, 0.25
"""The usual reading of the index: below the first nothing has moved, above the second much has
(Siddiqi 2006)."""


@dataclass(frozen=True)
class Numbers:
    """Counts of a numeric column in bins that end at `edges`, the last bin open.

    Bin k holds edges[k - 1] < x <= edges[k]. Values are compared as float32, which is how models
    see them. `low` and `high` are the least and the greatest value, None where there is none.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int
    low: float | None
    high: float | None

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """At most `BINS` bins of about equal counts; a value that fills more keeps one alone.

        Edge k is the least value v with at least k / BINS of the values <= v; where that is the
        greatest value, the value before it, so that a pile-up at the top is a bin of its own.
        """
        numbers = _present(values)
        numbers.sort()
        n = len(numbers)
        missing = len(values) - n
        if n == 0:
            return cls((), (0,), missing, None, None)
        ends = numbers[[-(-n * k // BINS) - 1 for k in range(1, BINS)]]
        below = int(np.searchsorted(numbers, numbers[-1], side="left"))
        edges = np.unique(np.minimum(ends, numbers[below - 1])) if below else ends[:0]
        upto = np.searchsorted(numbers, edges, side="right")
        counts = np.diff(np.concatenate([[0], upto, [n]]))
        return cls(
            tuple(edges.tolist()),
            tuple(counts.tolist()),
            missing,
            float(numbers[0]),
            float(numbers[-1]),
        )

    def recounted(self, values: NDArray[Any]) -> Self:
        """Other values in the same bins."""
        numbers = _present(values)
        edges = np.asarray(self.edges, dtype=np.float32)
        counts = np.bincount(
            np.searchsorted(edges, numbers, side="left"), minlength=len(self.counts)
        )
        ends = (float(numbers.min()), float(numbers.max())) if len(numbers) else (None, None)
        return type(self)(self.edges, tuple(counts.tolist()), len(values) - len(numbers), *ends)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Categories:
    """Counts of a categorical column by level; the last count is that of all other levels."""

    levels: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int

    @classmethod
    def of(cls, values: pd.Series[Any]) -> Self:
        """The `LEVELS` most frequent levels; of equals the first by name."""
        texts = _texts(values)
        found = texts.value_counts().sort_index(kind="stable")
        found = found.sort_values(ascending=False, kind="stable")
        levels = tuple(str(level) for level in found.index[:LEVELS])
        return cls(levels, (), 0).recounted(values)

    def recounted(self, values: pd.Series[Any]) -> Self:
        """Other values by the same levels."""
        texts = _texts(values)
        codes = pd.Index(self.levels).get_indexer(pd.Index(texts))
        codes[codes < 0] = len(self.levels)
        counts = np.bincount(codes, minlength=len(self.levels) + 1)
        return type(self)(self.levels, tuple(counts.tolist()), len(values) - len(texts))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


Histogram = Numbers | Categories


def histograms_of(frame: pd.DataFrame) -> dict[str, Histogram]:
    """A histogram of every column: numbers and flags in bins, anything else by its levels."""
    found: dict[str, Histogram] = {}
    for name in frame.columns:
        column = frame[name]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        found[str(name)] = (
            Numbers.of(column.to_numpy(dtype=np.float32, na_value=np.nan))
            if numeric
            else Categories.of(column)
        )
    return found


def histogram_from_json(value: Mapping[str, Any]) -> Histogram:
    """What `to_json` wrote."""
    counts, missing = tuple(value["counts"]), value["missing"]
    if "levels" in value:
        return Categories(tuple(value["levels"]), counts, missing)
    return Numbers(tuple(value["edges"]), counts, missing, value["low"], value["high"])


def added(one: Histogram, other: Histogram) -> Histogram:
    """Two parts of one column, counted in the same bins, as one."""
    counts = tuple(a + b for a, b in zip(one.counts, other.counts, strict=True))
    missing = one.missing + other.missing
    if isinstance(one, Categories):
        return Categories(one.levels, counts, missing)
    assert isinstance(other, Numbers), "parts of one column are of one kind"
    ends = [end for part in (one, other) for end in (part.low, part.high) if end is not None]
    return Numbers(one.edges, counts, missing, min(ends, default=None), max(ends, default=None))


def stability_index(before: Histogram, after: Histogram) -> float:
    """The population stability index of two histograms with the same bins; 0 where they agree.

    sum_b (q_b - p_b) ln(q_b / p_b) over the bins and the missing values, where p and q are the
    shares before and after, each count raised by one half so that an empty bin has a logarithm.
    """
    p, q = _shares(before), _shares(after)
    return float(np.sum((q - p) * np.log(q / p)))


def _shares(histogram: Histogram) -> FloatArray:
    counts = np.asarray([*histogram.counts, histogram.missing], dtype=np.float64) + 0.5
    return np.asarray(counts / counts.sum())


def _present(values: NDArray[Any]) -> NDArray[np.float32]:
    numbers = np.asarray(values, dtype=np.float32)
    return numbers[~np.isnan(numbers)]


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype(object).map(str, na_action="ignore").dropna()
