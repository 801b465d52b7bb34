"""Where the rows lie that are learned from and judged: in this process, or elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from uplift.boosting import BinnedRows, Rows, Scored, ScoredRows
from uplift.context import CAMPAIGN, with_context
from uplift.dataset import UpliftDataset
from uplift.features import FeatureSpace


@dataclass(frozen=True)
class RowSource:
    """The features of the learning and of the reporting rows, in one space."""

    features: FeatureSpace
    learning: Rows
    reporting: Scored


RowsOf = Callable[[UpliftDataset, UpliftDataset, int, int], RowSource]
"""(learning, reporting, bins, n_jobs) -> their rows."""


def rows_in_memory(
    learning: UpliftDataset, reporting: UpliftDataset, bins: int, n_jobs: int
) -> RowSource:
    """The frames of both data sets as matrices of this process, the learning rows binned once."""
    X = with_context(learning)
    features = FeatureSpace.of(X)
    context = tuple(place for place, name in enumerate(features.names) if name == CAMPAIGN)
    return RowSource(
        features,
        BinnedRows(features.encode(X), features.categorical, bins, n_jobs, context),
        ScoredRows(features.encode(with_context(reporting)), n_jobs),
    )
