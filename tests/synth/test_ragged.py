"""Flat rows of many owners, against loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.ragged import History, chronological, number_within, spread

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20)), max_size=30)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_spread_numbers_rows_within_their_owner(counts: list[int]) -> None:
    owner, k = spread(np.array(counts))
    expected = [(o, n) for o, count in enumerate(counts) for n in range(count)]
    assert list(zip(owner.tolist(), k.tolist(), strict=True)) == expected
    assert number_within(owner).tolist() == k.tolist()


@given(ROWS)
def test_chronological_sorts_by_owner_then_time_and_keeps_ties(rows: list[tuple[int, int]]) -> None:
    owner, day = (np.array([row[n] for row in rows], dtype=np.int64) for n in (0, 1))
    order = chronological(owner, day.astype(np.float64)).tolist()
    assert order == sorted(range(len(rows)), key=lambda n: rows[n])


@given(ROWS, st.integers(-5, 25), st.integers(0, 25))
def test_history_counts_and_finds_the_last(
    rows: list[tuple[int, int]], since: int, until: int
) -> None:
    owner, day = (np.array([row[n] for row in rows], dtype=np.int64) for n in (0, 1))
    history = History(5, owner, day.astype(np.float64))
    for one in range(5):
        days = [d for o, d in rows if o == one]
        inside = [d for d in days if since <= d < until]
        if since <= until:
            assert history.count(since, until)[one] == len(inside)
        before = [d for d in days if d < until]
        assert history.last(until)[one] == max(before, default=-np.inf)
