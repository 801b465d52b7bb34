import numpy as np
import pytest

from uplift.amounts import smoothed_amounts
from uplift.boosting import BinnedRows

N = 12_000


@pytest.fixture(scope="module")
def shop():
    """A third of the customers buy; amounts double with the second column, and grow by half
    under arm 1."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(N, 3)).astype(np.float32)
    arm = rng.integers(0, 2, size=N)
    bought = rng.random(N) < 0.33
    mean = 20.0 * np.where(matrix[:, 1] > 0, 2.0, 1.0) * np.where(arm == 1, 1.5, 1.0)
    outcome = bought * mean * rng.lognormal(-0.5, 1.0, size=N)
    return BinnedRows(matrix, (), 63, 1), arm, outcome, mean


def smoothed(shop, index=None):
    rows, arm, outcome, _ = shop
    everyone = np.arange(N) if index is None else index
    return smoothed_amounts(rows, everyone, arm, outcome, [1])


def test_who_buys_stays_and_the_mean_is_that_of_the_whole_amounts(shop):
    _, _, outcome, _ = shop
    found = smoothed(shop)
    assert ((found > 0) == (outcome > 0)).all()
    assert found.sum() == pytest.approx(outcome.sum())


def test_amounts_are_near_the_true_means_of_arm_and_profile(shop):
    _, arm, outcome, mean = shop
    found = smoothed(shop)
    buyers = outcome > 0
    slow = np.zeros(N)
    for a in (0, 1):
        for high in (False, True):
            cell = buyers & (arm == a) & ((mean > 20 * (1.5 if a else 1) * 1.5) == high)
            slow[cell] = outcome[cell].mean()
            assert found[cell].mean() == pytest.approx(mean[cell].mean(), rel=0.15)
    error = np.sqrt(np.mean((found[buyers] - mean[buyers]) ** 2))
    assert error < 0.2 * mean[buyers].std() + np.sqrt(np.mean((slow - mean)[buyers] ** 2))
    assert error < 0.1 * np.sqrt(np.mean((outcome[buyers] - mean[buyers]) ** 2))


def test_amounts_of_other_rows_are_not_looked_at(shop):
    rows, arm, outcome, _ = shop
    inside = np.arange(0, N, 2)
    other = outcome.copy()
    other[1::2] *= 7.0
    np.testing.assert_array_equal(
        smoothed_amounts(rows, inside, arm, other, [1]), smoothed(shop, inside)
    )


def test_a_handful_of_buyers_get_their_mean():
    matrix = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    outcome = np.zeros(100)
    outcome[:10] = np.arange(1, 11)
    arm = np.arange(100) % 2
    found = smoothed_amounts(BinnedRows(matrix, (), 63, 1), np.arange(100), arm, outcome, [1])
    np.testing.assert_allclose(found[:10], 5.5)
    assert not found[10:].any()


def test_without_buyers_there_is_nothing():
    matrix = np.zeros((20, 1), dtype=np.float32)
    rows = BinnedRows(matrix, (), 63, 1)
    zero = np.zeros(20)
    assert not smoothed_amounts(rows, np.arange(20), np.arange(20) % 2, zero, [1]).any()
