"""Histograms against a slow twin that counts value by value, and drift against its formula."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from uplift.histograms import (
    BINS,
    LARGE_DRIFT,
    LEVELS,
    SMALL_DRIFT,
    Categories,
    Numbers,
    added,
    histogram_from_json,
    histograms_of,
    stability_index,
)

RNG = np.random.default_rng(5)
COLUMNS = {
    "continuous": RNG.normal(size=997),
    "skewed": np.exp(RNG.normal(0, 2, 500)),
    "counts": RNG.poisson(1.0, 400).astype(float),
    "rare flag": (RNG.random(300) < 0.03).astype(float),
    "common flag": (RNG.random(300) < 0.97).astype(float),
    "pile at the top": np.minimum(RNG.normal(size=200), -0.5),
    "with gaps": np.where(RNG.random(300) < 0.3, np.nan, RNG.random(300)),
    "one value": np.full(50, 7.0),
    "two rows": np.array([2.0, 1.0]),
    "none": np.full(5, np.nan),
    "no rows": np.array([]),
}


def slow_edges(values: np.ndarray) -> list[float]:
    """As the definition says, value by value."""
    present = [float(np.float32(v)) for v in values if not math.isnan(v)]
    distinct = sorted(set(present))
    edges = set()
    for k in range(1, BINS):
        for value in distinct:
            if sum(v <= value for v in present) * BINS >= k * len(present):
                if value == distinct[-1]:
                    before = [v for v in distinct if v < value]
                    edges |= {before[-1]} if before else set()
                else:
                    edges.add(value)
                break
    return sorted(edges)


def slow_counts(values: np.ndarray, edges: list[float]) -> tuple[list[int], int]:
    counts, missing = [0] * (len(edges) + 1), 0
    for value in values:
        if math.isnan(value):
            missing += 1
        else:
            counts[sum(float(np.float32(value)) > edge for edge in edges)] += 1
    return counts, missing


@pytest.mark.parametrize("name", COLUMNS)
def test_numbers_are_counted_as_the_slow_twin_counts(name: str) -> None:
    values = COLUMNS[name]
    found = Numbers.of(values)
    edges = slow_edges(values)
    assert list(found.highs[:-1]) == edges
    present = [float(np.float32(value)) for value in values if not math.isnan(value)]
    assert list(found.lows) == [
        min(value for value in present if value > edge) for edge in [-math.inf, *edges] if present
    ]
    assert found.highs[-1:] == ((max(present),) if present else ())
    assert (list(found.counts), found.missing) == slow_counts(values, edges)
    assert found.recounted(values) == found
    other = np.concatenate([RNG.normal(0.5, 2, 300), [np.nan, 1e9, -1e9]])
    again = found.recounted(other)
    assert (list(again.counts), again.missing) == slow_counts(other, edges)
    assert (again.lows, again.highs) == (found.lows, found.highs)


def test_a_pile_at_either_end_is_a_bin_of_its_own() -> None:
    for name in ("rare flag", "common flag"):
        zeros = int((COLUMNS[name] == 0).sum())
        found = Numbers.of(COLUMNS[name])
        assert found.counts == (zeros, 300 - zeros)
        assert found.lows == found.highs == (0, 1)
    assert Numbers.of(COLUMNS["continuous"]).counts == pytest.approx([99.7] * 10, abs=1)


def test_levels_are_counted_the_most_frequent_first_and_the_rest_together() -> None:
    texts = [f"level {i}" for i in range(LEVELS + 5) for _ in range(LEVELS + 5 - i)]
    found = Categories.of(pd.Series([*texts, None, "level 3", "level 3"], dtype="category"))
    assert found.levels[:4] == ("level 0", "level 1", "level 3", "level 2")
    assert len(found.levels) == LEVELS
    assert found.counts[0] == LEVELS + 5
    assert found.counts[-1] == 5 + 4 + 3 + 2 + 1
    assert found.missing == 1
    again = found.recounted(pd.Series(["level 1", "never seen", None, "level 1"]))
    assert (again.counts[1], again.counts[-1], again.missing) == (2, 1, 1)


def test_a_frame_is_read_column_by_column_and_kept_as_json() -> None:
    frame = pd.DataFrame(
        {
            "age": np.array([1, 2, np.nan], np.float32),
            "visits": pd.array([1, None, 3], dtype="Int64"),
            "reads": [True, False, True],
            "region": pd.Categorical(["north", None, "south"]),
            "best": ["a", "b", "a"],
        }
    )
    found = histograms_of(frame.items())
    kinds = [type(one) for one in found.values()]
    assert kinds == [Numbers, Numbers, Numbers, Categories, Categories]
    assert [one.missing for one in found.values()] == [1, 1, 0, 1, 0]
    for one in found.values():
        text = json.dumps(one.to_json(), allow_nan=False)
        assert histogram_from_json(json.loads(text)) == one


def test_parts_counted_alone_add_up_to_the_whole() -> None:
    values = COLUMNS["with gaps"]
    whole = Numbers.of(values)
    assert added(whole.recounted(values[:100]), whole.recounted(values[100:])) == whole
    texts = pd.Series(["a", "b", None, "a", "c"])
    levels = Categories.of(texts)
    assert added(levels.recounted(texts[:2]), levels.recounted(texts[2:])) == levels


def test_the_index_is_the_formulas() -> None:
    before, after = Categories(("a", "b"), (60, 30, 0), 10), Categories(("a", "b"), (20, 30, 5), 45)
    p, q = [60.5, 30.5, 0.5, 10.5], [20.5, 30.5, 5.5, 45.5]
    expected = 0.0
    for a, b in zip(p, q, strict=True):
        a, b = a / sum(p), b / sum(q)
        expected += (b - a) * math.log(b / a)
    assert stability_index(before, after) == pytest.approx(expected)
    assert stability_index(after, before) == pytest.approx(expected)
    assert stability_index(before, before) == 0


def test_the_index_tells_a_shift_from_chance() -> None:
    before = Numbers.of(RNG.normal(size=5_000))
    same = stability_index(before, before.recounted(RNG.normal(size=5_000)))
    some = stability_index(before, before.recounted(RNG.normal(0.4, 1, 5_000)))
    much = stability_index(before, before.recounted(RNG.normal(1.0, 1, 5_000)))
    assert same < 0.02 < SMALL_DRIFT < some < LARGE_DRIFT < much
