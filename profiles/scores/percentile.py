"""Percentiles against everyone: computed once, looked up bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
POINTS = 1001


@dataclass(frozen=True)
class PercentileTable:
    """The distribution of a raw score at equally spaced shares, lowest first."""

    points: tuple[float, ...]

    @classmethod
    def of(cls, values: Floats) -> PercentileTable:
        """The table of a sample; raises ValueError without a value."""
        known = values[np.isfinite(values)]
        if len(known) == 0:
            raise ValueError("there is no value to take percentiles of")
        shares = (np.arange(POINTS) + 0.5) / POINTS
        return cls(tuple(np.quantile(known, shares, method="inverted_cdf").tolist()))

    def share_below(self, values: Floats) -> Floats:
        """The share of customers below each value, half of those equal to it counted: 0..1, and
        NaN for NaN."""
        points = np.asarray(self.points)
        low = np.searchsorted(points, values, side="left")
        high = np.searchsorted(points, values, side="right")
        return np.where(np.isfinite(values), (low + high) / (2 * len(points)), np.nan)
