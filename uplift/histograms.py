"""How a column's values are spread: kept with a model, so that drift can be measured against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
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
    """Counts of a numeric column in bins.

    Bin k holds highs[k - 1] < x <= highs[k]; the first is open below, the last above. When the bins
    were made, the values in bin k reached from lows[k] to highs[k]; both are empty where there was
    no value. Values are compared as float32, which is how models see them.
    """

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """At most `BINS` bins of about equal counts; a value that fills more keeps one alone.

        Bin k (from 1) ends at the least value v with at least k / BINS of the values <= v; where
        that is the greatest value, at the value before it, so that a pile-up at the top is a bin of
        its own.
        """
        numbers = _present(values)
        numbers.sort()
        n = len(numbers)
        if n == 0:
            return cls((), (), (0,), len(values))
        ends = numbers[[-(-n * k // BINS) - 1 for k in range(1, BINS)]]
        below = int(np.searchsorted(numbers, numbers[-1], side="left"))
        edges = np.unique(np.minimum(ends, numbers[below - 1])) if below else ends[:0]
        starts = np.concatenate([[0], np.searchsorted(numbers, edges, side="right")])
        return cls(
            tuple(numbers[starts].tolist()),
            (*edges.tolist(), float(numbers[-1])),
            tuple(np.diff([*starts, n]).tolist()),
            len(values) - n,
        )

    def recounted(self, values: NDArray[Any]) -> Self:
        """Other values in the same bins."""
        numbers = _present(values)
        edges = np.asarray(self.highs[:-1], dtype=np.float32)
        places = np.searchsorted(edges, numbers, side="left")
        counts = np.bincount(places, minlength=len(self.counts))
        return replace(self, counts=tuple(counts.tolist()), missing=len(values) - len(numbers))

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
        return replace(self, counts=tuple(counts.tolist()), missing=len(values) - len(texts))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


Histogram = Numbers | Categories


def histograms_of(columns: Iterable[tuple[Any, pd.Series[Any]]]) -> dict[str, Histogram]:
    """A histogram of every column, as `DataFrame.items()` gives them: numbers and flags in bins,
    anything else by its levels."""
    found: dict[str, Histogram] = {}
    for name, column in columns:
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
    return Numbers(tuple(value["lows"]), tuple(value["highs"]), counts, missing)


def added(one: Histogram, other: Histogram) -> Histogram:
    """Two parts of one column, counted in the same bins, as one."""
    counts = tuple(a + b for a, b in zip(one.counts, other.counts, strict=True))
    return replace(one, counts=counts, missing=one.missing + other.missing)


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
