"""The two periods a score is learned and measured on, and the plan of which they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.scores.features import Prepared, Vocabulary, prepare
from profiles.scores.labels import Cut, Labelled

Floats = NDArray[np.float64]


class Period(StrEnum):
    """How far ahead a score looks."""

    MONTH = "month"
    QUARTER = "quarter"
    VALUE = "value"
    """A year, or as much of one as the history allows."""


@dataclass(frozen=True)
class Lesson:
    """Profiles as of a cut, their features, and what happened then."""

    cut: Cut
    given: Prepared
    outcomes: pa.Table

    def outcome(self, name: str) -> Floats:
        """An outcome (n,), NaN where it is unknown."""
        column = self.outcomes.column(name).cast(pa.float64())
        return np.asarray(column.to_numpy(), dtype=np.float64)


@dataclass(frozen=True)
class Past:
    """A procedure is fitted on `earlier`, measured on `later` and fitted again on `later`; `now`
    are profiles as of the end of both, against which percentiles are taken."""

    earlier: Lesson
    later: Lesson
    now: Prepared
    seed: int
    threads: int


Plan = Mapping[Period, tuple[Cut, Cut]]
"""The earlier and the later cut of each period that the history is long enough for."""

_SHORTEST = 28
"""Days of history before the earlier cut, and of the shortest horizon, worth learning from."""


def plan_cuts(as_of: datetime, since: datetime) -> Plan:
    """Which cuts to label for scores as of a time, given when the history begins.

    Nothing at or after `as_of` is labelled: the later period ends there, the earlier one ends where
    the later begins. A period for which there is not enough history is left out.
    """
    span = (as_of - since).days
    plan: dict[Period, tuple[Cut, Cut]] = {}
    for period, days in ((Period.MONTH, 30), (Period.QUARTER, 90), (Period.VALUE, 365)):
        if period is Period.VALUE:
            days = min(days, span * 2 // 5)
            earlier_days = min(days, (span - days) // 2)
        else:
            earlier_days = days
        if earlier_days < _SHORTEST or span - days - earlier_days < _SHORTEST:
            continue
        later = Cut(as_of - timedelta(days=days), days)
        plan[period] = (Cut(later.as_of - timedelta(days=earlier_days), earlier_days), later)
    return plan


def lesson(labelled: Labelled, vocabulary: Vocabulary, *, threads: int) -> Lesson:
    given = prepare(labelled.profiles, vocabulary, threads=threads)
    return Lesson(labelled.cut, given, labelled.outcomes)
