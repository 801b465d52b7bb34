"""When a shop is busy: season, weekday and hour, as one clock that runs faster when it is.

A customer who acts at a steady rate on this clock acts with the shop's rhythm in calendar time
(a time-changed Poisson process), so that expected counts over any window are exact.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from synth.chance import Floats

_MONTHS = np.array([0.92, 0.88, 0.95, 0.98, 1.0, 0.97, 0.93, 0.92, 0.98, 1.03, 1.25, 1.19])
_WEEKDAYS = np.array([1.05, 0.98, 0.95, 0.98, 0.94, 0.98, 1.12])  # Monday first
_HOURS = np.array(
    [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 12, 11, 10, 10, 10, 11, 13, 16, 18, 17, 11, 5]
)


class Rhythm:
    """The shop's clock over `days` from `start` (UTC). Days are floats since `start`."""

    def __init__(self, start: datetime, days: int) -> None:
        midnights = [start + timedelta(days=day) for day in range(days)]
        month = _MONTHS[[at.month - 1 for at in midnights]]
        weekday = _WEEKDAYS[[at.weekday() for at in midnights]]
        hours = np.roll(_HOURS, -start.hour) / _HOURS.sum()
        busy = np.outer(month * weekday, hours).ravel()
        self._day = np.arange(days * 24 + 1) / 24.0
        self._clock = np.concatenate([[0.0], np.cumsum(busy)])

    def clock(self, day: Floats) -> Floats:
        """The shop's clock (in average days) at each day."""
        clock: Floats = np.interp(day, self._day, self._clock)
        return clock

    def day(self, clock: Floats) -> Floats:
        """The day at which the shop's clock showed each value: the inverse of `clock`."""
        day: Floats = np.interp(clock, self._clock, self._day)
        return day

    def between(self, since: float, until: float) -> float:
        """How far the clock runs between two days."""
        start, end = self.clock(np.array([since, until]))
        return float(end - start)
