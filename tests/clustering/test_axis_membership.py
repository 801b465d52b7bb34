"""How strongly a customer belongs: one half at the border, and true to its word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.axis_choice import squared_distances
from clustering.axis_membership import common_variance, strengths

coordinates = st.floats(-5, 5)


@st.composite
def placed(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float]:
    features = draw(st.integers(1, 3))
    count = draw(st.integers(2, 5))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    variance = draw(st.floats(0.01, 4))
    return rng.normal(0, 2, (30, features)), rng.normal(0, 2, (count, features)), variance


@given(placed())
def test_strengths_are_shares_and_highest_at_the_nearest(
    case: tuple[np.ndarray, np.ndarray, float],
) -> None:
    values, centres, variance = case
    found = strengths(values, centres, variance)
    assert ((found >= 0) & (found <= 1)).all()
    nearest = squared_distances(values, centres).argmin(axis=1)
    assert (found[np.arange(len(values)), nearest] >= 0.5).all()
    others = np.ones_like(found, bool)
    others[np.arange(len(values)), nearest] = False
    assert (found[others] <= 0.5).all()


@given(placed(), st.floats(-3, 3))
def test_it_is_one_half_on_the_border(
    case: tuple[np.ndarray, np.ndarray, float], along: float
) -> None:
    _, centres, variance = case
    one, other = centres[:2]
    border = (one + other) / 2
    if len(one) > 1:  # anywhere on the border, not only halfway between the two
        across = other - one
        sideways = np.zeros_like(across)
        sideways[:2] = -across[1], across[0]
        border = border + along * sideways
    found = strengths(border[None, :], centres[:2], variance)
    np.testing.assert_allclose(found, 0.5, atol=1e-6)


@given(placed(), st.floats(0.05, 0.95))
def test_it_falls_from_the_centroid_to_the_border(
    case: tuple[np.ndarray, np.ndarray, float], share: float
) -> None:
    _, centres, variance = case
    one, other = centres[:2]
    path = np.array([one, one + share * (other - one) / 2, (one + other) / 2])
    found = strengths(path, centres[:2], variance)[:, 0]
    assert found[0] >= found[1] >= found[2]


def test_of_those_with_a_strength_so_many_are_of_the_group() -> None:
    rng = np.random.default_rng(1)
    centres = np.array([[0.0, 0.0], [2.6, 0.0], [0.0, 2.6]])
    truth = rng.integers(0, 3, 60_000)
    values = centres[truth] + rng.normal(size=(60_000, 2))
    variance = common_variance(values, centres)
    assert variance == pytest.approx(1.0, abs=0.03)
    found = strengths(values, centres, variance)
    placed = found.argmax(axis=1)
    two = np.sort(squared_distances(values, centres), axis=1)
    clear = two[:, 2] - two[:, 1] > 6  # only two groups are in question
    own = found[np.arange(len(values)), placed]
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        here = clear & (own >= low) & (own < low + 0.1)
        assert here.sum() > 300
        assert (truth == placed)[here].mean() == pytest.approx(own[here].mean(), abs=0.04)
