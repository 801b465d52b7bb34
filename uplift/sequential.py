"""Intervals that stay valid however often somebody looks: confidence sequences.

An ordinary 95 % interval holds at one look. Who looks every day until it excludes zero is wrong far
more often than once in twenty. A confidence sequence holds at all looks at once.
"""

from __future__ import annotations

import math

from scipy.special import lambertw

from domain.errors import BadRequest

LEVEL = 0.95


def half_width(variance: float, tuned_to: float, level: float = LEVEL) -> float:
    """Half the width of a two-sided confidence sequence for a mean whose estimate has the given
    variance now.

    The boundary is Robbins' (1970) two-sided normal mixture: with v the variance and rho a tuning
    constant, sqrt((v + rho) log((v + rho) / (rho alpha^2))), as in Howard, Ramdas, McAuliffe and
    Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences" (2021). Estimated
    variances stand for the true ones, as in Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
    "Time-uniform central limit theory and asymptotic confidence sequences" (2024). It covers a
    process whose errors behave as a Brownian motion at the time v, all v > 0 together. The measured
    effect of a campaign is such a process though all customers were assigned at once: each
    conversion adds its own independent part to the error and to the variance, so that v grows as
    outcomes come in.

    `tuned_to` is the variance at which the interval shall be the narrowest; it must be fixed before
    any outcome is seen. Both are in squared units of the estimate. Raises BadRequest where either
    is below 0 or not finite.
    """
    if not (math.isfinite(variance) and math.isfinite(tuned_to) and variance >= 0 and tuned_to > 0):
        raise BadRequest(
            f"The variance is {variance}, tuned to {tuned_to}.",
            remedy="Give finite ones, the second above 0.",
            field="variance",
        )
    alpha = 1 - level
    rho = mixture(tuned_to, level)
    return math.sqrt((variance + rho) * math.log((variance + rho) / (rho * alpha**2)))


def mixture(tuned_to: float, level: float = LEVEL) -> float:
    """The rho of the mixture that makes the boundary the narrowest at the variance `tuned_to`:
    v / (-W(-alpha^2 / e) - 1) with the lower branch of Lambert's W (Howard et al. 2021)."""
    alpha = 1 - level
    return float(tuned_to / (-lambertw(-(alpha**2) / math.e, k=-1).real - 1))
