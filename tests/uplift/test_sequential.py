"""Confidence sequences: they hold under peeking, where an ordinary interval fails."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from domain.errors import BadRequest
from uplift.lift import Moments, lift_at_any_time, lift_at_the_end
from uplift.sequential import half_width, mixture


def slow_half_width(variance: float, rho: float, alpha: float) -> float:
    """Ville's inequality by hand: the mixture over normal slopes of exp(l s - l^2 v / 2) is a
    supermartingale that starts at 1, so it exceeds 1 / alpha with a chance of at most alpha. The
    border is the s at which it does, the integral being done numerically."""

    def wealth(s: float) -> float:
        def part(slope: float) -> float:
            density = stats.norm.logpdf(slope, scale=1 / math.sqrt(rho))
            return math.exp(slope * s - slope**2 * variance / 2 + density)

        middle, width = s / (variance + rho), 10 / math.sqrt(variance + rho)
        return float(integrate.quad(part, middle - width, middle + width)[0])

    return float(optimize.brentq(lambda s: wealth(s) - 1 / alpha, 0.0, 15.0))


@pytest.mark.parametrize("variance", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_border_is_that_of_the_mixture(variance: float, level: float) -> None:
    tuned_to = 1.5
    slow = slow_half_width(variance, mixture(tuned_to, level), 1 - level)
    assert half_width(variance, tuned_to, level) == pytest.approx(slow, rel=1e-4)


def test_it_is_the_narrowest_where_it_is_tuned_to() -> None:
    at = half_width(2.0, 2.0)
    for other in (0.5, 1.0, 1.9, 2.1, 4.0, 20.0):
        assert half_width(2.0, other) > at
    assert at / math.sqrt(2.0) == pytest.approx(3.04, abs=0.02), "against 1.96 at one look"


def test_it_scales_as_its_units_do() -> None:
    assert half_width(4 * 0.3, 4 * 0.7) == pytest.approx(2 * half_width(0.3, 0.7))


@pytest.mark.parametrize(("variance", "tuned_to"), [(-1, 1), (1, 0), (math.nan, 1), (1, math.inf)])
def test_what_is_no_variance_is_refused(variance: float, tuned_to: float) -> None:
    with pytest.raises(BadRequest, match="variance"):
        half_width(variance, tuned_to)


def moments(values: np.ndarray) -> Moments:
    return Moments(len(values), values.sum(), (values**2).sum(), int((values != 0).sum()))


def peeked(
    rng: np.random.Generator, n: int, money: bool, looks: int = 30, least: int = 10
) -> tuple[bool, bool]:
    """Whether a confidence sequence, and Welch's interval, ever missed the truth in one campaign
    that is looked at every day. All customers are assigned at once; each buys at most once, after a
    random time. 10 % are held out."""
    control = rng.random(n) < 0.1
    rate = np.where(control, 0.08, 0.11)
    when = np.where(rng.random(n) < rate, rng.random(n), 2.0)
    worth = rng.gamma(2.0, 20.0, n) if money else np.ones(n)
    mean_worth = 40.0 if money else 1.0
    square = 2_400.0 if money else 1.0
    planned = 0.08 * square / (0.1 * n) + 0.11 * square / (0.9 * n)
    missed = [False, False]
    for day in np.arange(1, looks + 1) / looks:
        value = np.where(when <= day, worth, 0.0)
        treated, held = moments(value[~control]), moments(value[control])
        if min(treated.some, held.some) < least:
            continue
        truth = 0.03 * day * mean_worth
        for place, found in enumerate(
            (lift_at_any_time(treated, held, planned), lift_at_the_end(treated, held))
        ):
            missed[place] |= not found.low <= truth <= found.high
    return missed[0], missed[1]


@pytest.mark.slow
@pytest.mark.parametrize(("n", "money"), [(1_500, False), (6_000, False), (6_000, True)])
def test_daily_looks_miss_the_truth_no_more_often_than_stated(n: int, money: bool) -> None:
    rng = np.random.default_rng(11)
    runs = 200
    missed = np.array([peeked(rng, n, money) for _ in range(runs)]).mean(axis=0)
    chance = 3 * math.sqrt(0.05 * 0.95 / runs)
    assert missed[0] <= 0.05 + chance
    if n == 6_000:
        assert missed[1] > 0.10, "an ordinary interval does not survive peeking"


def test_the_interval_at_the_end_holds_at_one_look() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        treated, control = rng.random(900) < 0.11, rng.random(100) < 0.08
        found = lift_at_the_end(moments(treated.astype(float)), moments(control.astype(float)))
        held += found.low <= 0.03 <= found.high
    assert 0.91 <= held / 400 <= 0.985
