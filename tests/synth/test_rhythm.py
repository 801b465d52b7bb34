"""The shop's clock and its inverse."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.rhythm import Rhythm

START = datetime(2024, 7, 1, tzinfo=UTC)
RHYTHM = Rhythm(START, 730)


@given(st.lists(st.floats(0, 730), min_size=1, max_size=20))
def test_the_clock_runs_forward_and_back(days: list[float]) -> None:
    at = np.sort(np.array(days))
    clock = RHYTHM.clock(at)
    assert (np.diff(clock) >= 0).all()
    np.testing.assert_allclose(RHYTHM.day(clock), at, atol=1e-6)


def test_a_year_runs_as_long_as_its_days() -> None:
    assert abs(RHYTHM.between(0, 365) / 365 - 1) < 0.02


def test_november_is_busier_than_february_and_evening_than_night() -> None:
    november = RHYTHM.between(123, 153) / 30
    february = RHYTHM.between(215, 243) / 28
    assert november > 1.2 * february
    assert RHYTHM.between(10 + 20 / 24, 10 + 21 / 24) > 5 * RHYTHM.between(10 + 3 / 24, 10 + 4 / 24)


def test_hours_are_those_of_the_day_whenever_the_history_starts() -> None:
    shifted = Rhythm(START.replace(hour=9), 10)
    assert np.isclose(shifted.between(0, 1 / 24), RHYTHM.between(9 / 24, 10 / 24))
