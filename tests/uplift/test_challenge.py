"""A challenger against a champion: the paired, clustered difference against a slow oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from uplift.challenge import Challenge, NotComparable, challenge

ARMS = ("none", "ship", "guide", "never")


def rows(n: int = 240, seed: int = 0):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    scores = rng.normal(0.3, 1.0, (n, 4))
    scores[:, 0] = 0
    scores[:, 3] = np.nan
    unit = np.array([f"household {i}" for i in rng.integers(0, n // 2, n)], dtype=object)
    choices = [np.array(ARMS[:3], dtype=object)[rng.integers(0, 3, n)] for _ in range(2)]
    return scores, unit, choices


def slow_mean(values: list[float], unit: list[str], level: float) -> tuple[float, float, float]:
    """A mean with its clustered interval, household by household."""
    mean = sum(values) / len(values)
    sums: dict[str, float] = {}
    for value, one in zip(values, unit, strict=True):
        sums[one] = sums.get(one, 0.0) + value - mean
    g = len(sums)
    se = math.sqrt(g / (g - 1) * sum(s**2 for s in sums.values())) / len(values)
    half = stats.t.ppf(0.5 + level / 2, g - 1) * se
    return mean, mean - half, mean + half


def test_values_and_gain_are_those_of_the_slow_oracle() -> None:
    scores, unit, (challenger, champion) = rows()
    found = challenge(scores, ARMS, challenger, champion, unit, 0.9)
    assert isinstance(found, Challenge)
    chosen = [
        [float(scores[i, ARMS.index(arm)]) for i, arm in enumerate(choice)]
        for choice in (challenger, champion)
    ]
    paired = [a - b for a, b in zip(*chosen, strict=True)]
    for estimate, values in (
        (found.challenger, chosen[0]),
        (found.champion, chosen[1]),
        (found.gain, paired),
    ):
        expected = slow_mean(values, unit.tolist(), 0.9)
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(expected)
    assert found.rows == 240
    assert found.agreement == sum(a == b for a, b in zip(challenger, champion, strict=True)) / 240


def test_only_what_is_worse_beyond_noise_is_refused() -> None:
    scores, unit, (challenger, champion) = rows(4_000)
    found = challenge(scores, ARMS, challenger, champion, unit)
    assert isinstance(found, Challenge)
    assert found.not_worse, "two random policies do not differ"
    best = np.array(ARMS[:3], dtype=object)[scores[:, :3].argmax(axis=1)]
    better, worse = (
        challenge(scores, ARMS, *pair, unit) for pair in ((best, champion), (champion, best))
    )
    assert isinstance(better, Challenge)
    assert isinstance(worse, Challenge)
    assert better.not_worse
    assert not worse.not_worse
    assert worse.gain.value == -better.gain.value
    same = challenge(scores, ARMS, best, best, unit)
    assert isinstance(same, Challenge)
    assert (same.gain.value, same.gain.high, same.agreement) == (0, 0, 1)
    assert same.not_worse


@pytest.mark.parametrize("arm", ["never", "early_access"])
def test_an_arm_that_was_not_measured_can_not_be_compared(arm: str) -> None:
    scores, unit, (challenger, champion) = rows()
    champion[:7] = arm
    for pair in ((challenger, champion), (champion, challenger)):
        found = challenge(scores, ARMS, *pair, unit)
        assert isinstance(found, NotComparable)
        assert f"gives '{arm}' to 7 of the 240 customers" in found.reason


def test_rows_to_which_a_choice_was_not_on_offer_are_left_out() -> None:
    scores, unit, (challenger, champion) = rows()
    withheld = np.arange(240) % 3 == 0
    scores[withheld, 2] = np.nan
    keep = [i for i in range(240) if not (withheld[i] and "guide" in (challenger[i], champion[i]))]
    found = challenge(scores, ARMS, challenger, champion, unit)
    alone = challenge(scores[keep], ARMS, challenger[keep], champion[keep], unit[keep])
    assert found == alone
    assert isinstance(found, Challenge)
    assert found.rows == len(keep) < 240
    never = challenge(scores[:1], ARMS, np.array(["guide"]), np.array(["none"]), unit[:1])
    assert isinstance(never, NotComparable)


def test_where_nothing_can_be_paired_there_is_no_comparison() -> None:
    scores = np.array([[0.0, 1.0, np.nan, np.nan], [0.0, np.nan, 1.0, np.nan]])
    first, second = np.array(["ship", "ship"]), np.array(["guide", "guide"])
    found = challenge(scores, ARMS, first, second, np.array(["a", "b"]))
    assert isinstance(found, NotComparable)
    assert "on no row" in found.reason
