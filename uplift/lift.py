"""A campaign's lift as assigned: a trigger's customers against those held out, sent or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from uplift.sequential import LEVEL, half_width

POWER = 0.8


@dataclass(frozen=True)
class Moments:
    """What is known of an outcome in one arm: how many customers, their sum and sum of squares, and
    how many had any of it."""

    n: int
    total: float
    squares: float
    some: int

    @property
    def mean(self) -> float:
        return self.total / self.n

    @property
    def variance_of_mean(self) -> float:
        """s^2 / n with the unbiased s^2; 0 where nobody had any."""
        spread = max(self.squares - self.total**2 / self.n, 0.0)
        return spread / (self.n - 1) / self.n


@dataclass(frozen=True)
class MeasuredLift:
    """Difference of two arms' means with an interval, both in units of the outcome a customer;
    `variance` is that of the difference."""

    estimate: float
    low: float
    high: float
    variance: float
    level: float


def lift_at_any_time(
    treated: Moments, control: Moments, tuned_to: float, level: float = LEVEL
) -> MeasuredLift:
    """The difference of means with a confidence sequence's interval, `sequential.half_width`."""
    estimate = treated.mean - control.mean
    variance = treated.variance_of_mean + control.variance_of_mean
    half = half_width(variance, tuned_to, level)
    return MeasuredLift(estimate, estimate - half, estimate + half, variance, level)


def lift_at_the_end(treated: Moments, control: Moments, level: float = LEVEL) -> MeasuredLift:
    """The difference of means with Welch's interval (1947), for one look declared ahead."""
    estimate = treated.mean - control.mean
    parts = treated.variance_of_mean, control.variance_of_mean
    variance = sum(parts)
    freedom = (
        variance**2 / (parts[0] ** 2 / (treated.n - 1) + parts[1] ** 2 / (control.n - 1))
        if variance
        else np.inf
    )
    half = float(stats.t.ppf(0.5 + level / 2, freedom)) * float(np.sqrt(variance))
    return MeasuredLift(estimate, estimate - half, estimate + half, variance, level)


def days_until_seen(
    effect: float,
    variance: float,
    tuned_to: float,
    elapsed: float,
    lasts: float,
    *,
    level: float = LEVEL,
    power: float = POWER,
) -> float | None:
    """Days from the start until an effect would be seen through the confidence sequence with the
    given power; None where a campaign of `lasts` days would have to last ten times as long.

    Outcomes come in evenly, so that both the effect, which is `effect` after `lasts` days, and the
    variance, which is `variance` after `elapsed` days, grow in proportion to time.
    """
    if elapsed <= 0 or variance <= 0 or effect == 0:
        return None
    quantile = float(stats.norm.ppf(power))
    days = np.linspace(0, 10 * lasts, 2_001)[1:]
    for day in days:
        then = variance * day / elapsed
        needed = half_width(then, tuned_to, level) + quantile * np.sqrt(then)
        if abs(effect) * day / lasts >= needed:
            return float(day)
    return None


def smallest_seen(
    variance: float, tuned_to: float, *, level: float = LEVEL, power: float = POWER
) -> float:
    """The smallest effect that is seen with the given power where the variance is that given."""
    quantile = float(stats.norm.ppf(power))
    return half_width(variance, tuned_to, level) + quantile * float(np.sqrt(variance))


def agreement(measured: float, variance: float, low: float, high: float) -> float:
    """The p-value of a measured effect and a forecast's 95 % interval having the same truth: a z
    test of their difference, both taken as normal."""
    forecast, error = (low + high) / 2, (high - low) / 2 / stats.norm.ppf(0.975)
    z = (measured - forecast) / np.sqrt(variance + error**2)
    return float(2 * stats.norm.sf(abs(z)))
