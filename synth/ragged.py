"""Many rows a customer, held flat: an owner (the customer's position) and a value for each row."""

from __future__ import annotations

import numpy as np

from synth.chance import AnyInts, Floats, Ints

_DAYS = 1e5  # longer than any history, so that owner * _DAYS + day orders by owner, then by day


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """`(owner, k)` of `counts.sum()` rows: the owner's position and the row's number within it."""
    owner = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - first[owner]


def number_within(owner: AnyInts) -> Ints:
    """The number of each row within its owner; rows must be sorted by owner."""
    row = np.arange(len(owner))
    first = np.diff(owner, prepend=-1) != 0
    return row - np.maximum.accumulate(np.where(first, row, 0))


def chronological(owner: AnyInts, day: Floats) -> Ints:
    """The order that sorts rows by owner, then by time; ties keep their places."""
    return np.argsort(owner * _DAYS + day, kind="stable")


class History:
    """Dated rows of many owners, asked for what an owner had done by a given day.

    Days are floats since the start of the history and may not be negative.
    """

    def __init__(self, owners: int, owner: AnyInts, day: Floats) -> None:
        place = chronological(owner, day)
        self._owners = np.arange(owners) * _DAYS
        self._at = (owner * _DAYS + day)[place]
        self._day = day[place]

    def count(self, since: float, until: float) -> Ints:
        """Rows of each owner with `since <= day < until`."""
        return np.searchsorted(self._at, self._owners + until) - np.searchsorted(
            self._at, self._owners + max(since, 0.0)
        )

    def last(self, until: float) -> Floats:
        """The last day before `until`, or minus infinity where there is none."""
        end = np.searchsorted(self._at, self._owners + until)
        any_row = end > np.searchsorted(self._at, self._owners)
        last = np.full(len(self._owners), -np.inf)
        last[any_row] = self._day[end[any_row] - 1]
        return last
