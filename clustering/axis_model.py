"""One axis as it was clustered: all that is needed to place a customer, and what is known of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from clustering.axes import AXES
from clustering.axis_choice import Candidate
from clustering.axis_definition import Axis, Feature
from clustering.axis_membership import strengths
from clustering.axis_values import Columns, axis_values, enough_known

Floats = NDArray[np.float64]
NOBODY = -1
"""The segment's place of a customer who has none."""


class Standing(StrEnum):
    SEGMENTS = "segments"
    NO_DATA = "no_data"
    NO_STRUCTURE = "no_structure"


class Scaled(BaseModel):
    """A feature as it was scaled: cut to `low` and `high` (the 1st and 99th percentile), then in
    standard deviations from the mean."""

    model_config = ConfigDict(frozen=True)

    name: str
    low: float
    high: float
    mean: float
    deviation: float


class AxisSegment(BaseModel):
    """`centre` is its centroid in scaled features, `values` the same in each feature's own unit;
    `silhouettes` are those of its customers in the sample, sorted, at most a hundred of them."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    centre: tuple[float, ...]
    values: dict[str, float]
    size: int
    share: float
    silhouette: float
    silhouettes: tuple[float, ...]


class FittedAxis(BaseModel):
    """`known` of the `customers` are known well enough to be judged. `reason` says why there are no
    segments, `left_out` why a feature was not used. The candidates were judged on `sample`
    customers, their silhouettes on `measured` of them."""

    model_config = ConfigDict(frozen=True)

    axis: str
    standing: Standing
    reason: str = ""
    customers: int
    known: int
    features: tuple[Scaled, ...] = ()
    left_out: dict[str, str] = {}
    candidates: tuple[Candidate, ...] = ()
    sample: int = 0
    measured: int = 0
    segments: tuple[AxisSegment, ...] = ()
    variance: float = 0.0

    @property
    def definition(self) -> Axis:
        return AXES[self.axis]

    @property
    def used(self) -> tuple[Feature, ...]:
        """The features it was clustered on."""
        by_name = {feature.name: feature for feature in self.definition.features}
        return tuple(by_name[scaled.name] for scaled in self.features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(segment.name for segment in self.segments)

    @property
    def chosen(self) -> Candidate | None:
        """What spoke for the number of segments."""
        found = [one for one in self.candidates if one.segments == len(self.segments)]
        return found[0] if found else None

    def scaled(self, columns: Columns, rng: np.random.Generator | None = None) -> Floats:
        """The features' scaled values (n, d), NaN where a column is unknown."""
        values = axis_values(self.used, columns, rng)
        return scale(values, self.features)

    def place(self, columns: Columns) -> tuple[NDArray[np.int64], Floats]:
        """Each customer's segment (n,), `NOBODY` for one about whom too little is known, and the
        strengths in all segments (n, k), NaN for those."""
        n = len(next(iter(columns.values())))
        placed = np.full(n, NOBODY)
        found = np.full((n, len(self.segments)), np.nan)
        if self.standing is not Standing.SEGMENTS:
            return placed, found
        values = self.scaled(columns)
        judged = enough_known(self.definition, columns) & np.isfinite(values).all(axis=1)
        if judged.any():
            centres = np.array([segment.centre for segment in self.segments])
            found[judged] = strengths(values[judged], centres, self.variance)
            placed[judged] = found[judged].argmax(axis=1)
        return placed, found


def scale(values: Floats, features: tuple[Scaled, ...]) -> Floats:
    """Values (n, d) in standard deviations, cut at the ends."""
    low = np.array([one.low for one in features])
    high = np.array([one.high for one in features])
    mean = np.array([one.mean for one in features])
    deviation = np.array([one.deviation for one in features])
    return np.asarray((np.clip(values, low, high) - mean) / deviation)


def summary(fitted: FittedAxis) -> dict[str, Any]:
    """What is said of an axis in one line of JSON."""
    chosen = fitted.chosen
    return {
        "axis": fitted.axis,
        "family": fitted.definition.family.value,
        "description": fitted.definition.description,
        "standing": fitted.standing.value,
        "reason": fitted.reason,
        "customers": fitted.customers,
        "known": fitted.known,
        "silhouette": None if chosen is None else chosen.silhouette,
        "null_silhouette": None if chosen is None else chosen.null,
        "stability": None if chosen is None else chosen.stability,
    }
