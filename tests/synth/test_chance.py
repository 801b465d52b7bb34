"""Randomness keyed by customer: distributions, independence, and order of asking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from synth.chance import Floats, Stream, exponential, gamma, keys, normal, poisson, uniform

N = 40_000
KEY = keys(7, np.arange(N))


@pytest.mark.parametrize(
    ("draws", "law"),
    [
        (uniform(KEY, Stream.TRAIT), stats.uniform()),
        (uniform(KEY[:1], Stream.TRAIT, np.arange(N)), stats.uniform()),
        (normal(KEY, Stream.TRAIT, 3), stats.norm()),
        (exponential(KEY, Stream.DEATH), stats.expon()),
        (gamma(KEY, Stream.DEATH, 1, 1.5), stats.gamma(1.5, scale=1 / 1.5)),
    ],
)
def test_draws_follow_their_law(draws: Floats, law: stats.rv_continuous) -> None:
    assert stats.kstest(draws, law.cdf).pvalue > 1e-4


@pytest.mark.parametrize("mean", [0.0, 0.03, 1.0, 40.0])
def test_poisson_is_the_inverse_of_its_distribution_function(mean: float) -> None:
    counts = poisson(KEY, Stream.ORDERS, np.full(N, mean))
    expected = stats.poisson(mean).ppf(uniform(KEY, Stream.ORDERS))
    np.testing.assert_array_equal(counts, np.maximum(expected, 0))


def test_streams_counters_and_customers_are_independent() -> None:
    draws = [
        uniform(KEY, Stream.TRAIT, 0),
        uniform(KEY, Stream.TRAIT, 1),
        uniform(KEY, Stream.HABIT, 0),
        uniform(keys(8, np.arange(N)), Stream.TRAIT, 0),
        np.roll(uniform(KEY, Stream.TRAIT, 0), 1),
    ]
    correlation = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(N)


@given(st.integers(0, 2**64), st.lists(st.integers(0, 2**32), min_size=1, max_size=20, unique=True))
def test_a_customer_draws_the_same_whoever_else_is_asked(seed: int, numbers: list[int]) -> None:
    together = uniform(keys(seed, np.array(numbers)), Stream.PLACE, 5)
    alone = [uniform(keys(seed, np.array([n])), Stream.PLACE, 5)[0] for n in numbers]
    np.testing.assert_array_equal(together, alone)
    assert ((together > 0) & (together < 1)).all()
