"""Arrow columns built without loops, against loops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.tables import Clock, hex_ids

START = datetime(2024, 7, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**24 - 1)), max_size=20))
def test_ids_are_fixed_width_hex(parts: list[tuple[int, int]]) -> None:
    first, second = (np.array([p[n] for p in parts], dtype=np.int64) for n in (0, 1))
    ids = hex_ids("evt_", (first, 8), (second, 6)).to_pylist()
    assert ids == [f"evt_{a:08x}{b:06x}" for a, b in parts]


@given(st.lists(st.integers(0, 90_000_000), min_size=1, max_size=10))
def test_days_become_whole_seconds(seconds: list[int]) -> None:
    days = np.array(seconds) / 86_400
    at = Clock(START).at(days).to_pylist()
    assert at == [START + timedelta(seconds=s) for s in seconds]


def test_an_unknown_day_is_null() -> None:
    assert Clock(START).at(np.array([np.nan, 1.5])).to_pylist() == [
        None,
        START + timedelta(days=1, hours=12),
    ]
