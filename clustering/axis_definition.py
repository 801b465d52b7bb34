"""What an axis is: its features, whom it can judge, and the names of its segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    MARKETING = "marketing"
    SUPPORT = "support"


class Kind(StrEnum):
    """How columns become a number that distances make sense of (see `axis_values`)."""

    COUNT = "count"
    """A count, by its logarithm."""
    RATE = "rate"
    """The first column out of the second, as a share that few trials draw to one half."""
    AMOUNT = "amount"
    """Money, days or seconds, by its logarithm."""
    SHARE = "share"
    """A number as it is."""


@dataclass(frozen=True)
class Feature:
    """`columns` are of `profiles.axes.build.FEATURE_SCHEMA`. `direction` says how a high value
    moves a segment along the axis's scale: up (1), down (-1), or not at all (0). `mark` names a
    segment that stands out by this feature, on axes without a scale."""

    name: str
    label: str
    kind: Kind
    columns: tuple[str, ...]
    direction: float = 1.0
    mark: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Axis:
    """`needs` are the least values of columns from which a customer can be judged, said in `least`;
    `scale` are names from the low end to the high one. Where it is empty, segments are named by the
    feature that marks them, or `otherwise` where none does."""

    name: str
    family: Family
    description: str
    features: tuple[Feature, ...]
    needs: Mapping[str, int]
    least: str
    scale: tuple[str, ...] = ()
    otherwise: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the axis reads."""
        read = [column for feature in self.features for column in feature.columns]
        return tuple(dict.fromkeys([*read, *self.needs]))

    @property
    def most_segments(self) -> int:
        return len(self.scale) if self.scale else len(self.features) + 1
