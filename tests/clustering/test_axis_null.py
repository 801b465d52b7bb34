"""The nearest one-lump data: a histogram of one mode, with the features' correlation kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from clustering.axis_null import UnimodalNull, unimodal

shares = st.lists(st.floats(0, 1), min_size=1, max_size=9).map(np.array)


def has_one_mode(heights: np.ndarray) -> bool:
    steps = np.sign(np.round(np.diff(heights), 9))
    steps = steps[steps != 0]
    return not (np.diff(steps) > 0).any()


@given(shares)
def test_it_rises_and_then_falls(heights: np.ndarray) -> None:
    fitted = unimodal(heights)
    assert len(fitted) == len(heights)
    assert has_one_mode(fitted)


@given(shares.filter(has_one_mode))
def test_one_mode_stays_as_it_is(heights: np.ndarray) -> None:
    np.testing.assert_allclose(unimodal(heights), heights, atol=1e-9)


def test_draws_have_one_lump_where_the_data_have_two() -> None:
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, 3_000)
    first = rng.normal(8.0 * side, 1.0)
    values = np.column_stack([first, 0.6 * first + rng.normal(0, 1.5, 3_000)])
    drawn = UnimodalNull(values).draw(3_000, rng)
    counts, _ = np.histogram(drawn[:, 0], bins=8)
    assert counts[3:5].min() > 0.8 * counts[1:3].max()
    assert abs(spearmanr(drawn).statistic - spearmanr(values).statistic) < 0.1
    assert (drawn.min(axis=0) >= values.min(axis=0)).all()
