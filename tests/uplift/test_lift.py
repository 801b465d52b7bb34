"""Lift as assigned against slow twins, and when an effect would be seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from uplift.lift import (
    Moments,
    agreement,
    days_until_seen,
    lift_at_any_time,
    lift_at_the_end,
    smallest_seen,
)
from uplift.sequential import half_width


def moments(values: list[float]) -> Moments:
    return Moments(
        len(values), sum(values), sum(v * v for v in values), sum(v != 0 for v in values)
    )


TREATED, CONTROL = [0.0, 1.0, 5.0, 0.0, 2.5, 0.0], [0.0, 0.0, 3.0, 0.0]


def test_a_mean_has_the_variance_of_the_books() -> None:
    found = moments(TREATED)
    assert found.mean == np.mean(TREATED)
    assert found.variance_of_mean == pytest.approx(np.var(TREATED, ddof=1) / len(TREATED))
    assert moments([0.0, 0.0]).variance_of_mean == 0.0
    assert moments([1.0, 1.0]).variance_of_mean == 0.0


def test_the_interval_at_the_end_is_welchs() -> None:
    found = lift_at_the_end(moments(TREATED), moments(CONTROL))
    slow = stats.ttest_ind(TREATED, CONTROL, equal_var=False)
    interval = slow.confidence_interval(0.95)
    assert found.estimate == pytest.approx(np.mean(TREATED) - np.mean(CONTROL))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    nothing = lift_at_the_end(moments([0.0] * 5), moments([0.0] * 5))
    assert (nothing.low, nothing.high) == (0.0, 0.0)


def test_the_interval_at_any_time_is_wider() -> None:
    end = lift_at_the_end(moments(TREATED * 50), moments(CONTROL * 50))
    ever = lift_at_any_time(moments(TREATED * 50), moments(CONTROL * 50), end.variance)
    assert ever.estimate == end.estimate
    assert ever.low < end.low < end.high < ever.high
    assert ever.high - ever.estimate == pytest.approx(half_width(end.variance, end.variance))


def test_the_day_on_which_an_effect_is_seen_is_the_first_that_suffices() -> None:
    effect, variance, planned = 0.02, 1e-5, 2e-5
    day = days_until_seen(effect, variance, planned, elapsed=5, lasts=10)
    assert day is not None

    def seen(at: float) -> bool:
        then = variance * at / 5
        return bool(effect * at / 10 >= smallest_seen(then, planned))

    assert seen(day)
    assert not seen(day - 0.1)
    chance = []
    rng = np.random.default_rng(3)
    for _ in range(2_000):
        then = variance * day / 5
        drawn = effect * day / 10 + rng.normal(0, np.sqrt(then))
        chance.append(drawn > half_width(then, planned))
    assert np.mean(chance) == pytest.approx(0.8, abs=0.03), "with the stated power"


@pytest.mark.parametrize(
    ("effect", "variance", "elapsed"), [(0.0, 1e-5, 5), (1e-6, 1e-5, 5), (0.1, 0.0, 5), (1, 1, 0)]
)
def test_what_is_never_seen_has_no_day(effect: float, variance: float, elapsed: float) -> None:
    assert days_until_seen(effect, variance, 2e-5, elapsed, lasts=10) is None


def test_agreement_is_a_test_of_the_difference() -> None:
    assert agreement(0.03, 1e-4, 0.01, 0.05) == pytest.approx(1.0)
    error = np.hypot(0.01, 0.02 / 1.959964)
    assert agreement(0.08, 1e-4, 0.01, 0.05) == pytest.approx(
        2 * stats.norm.sf(0.05 / error), rel=1e-4
    )
