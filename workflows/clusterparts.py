"""What the workers of a cluster do for a training: each reads some buckets' rows and says what the
others must know of them, and makes the matrices that stay with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from uplift.context import CAMPAIGN, in_campaign
from uplift.dataset import check_features
from uplift.features import FeatureSpace, level_counts
from workflows.features import MAX_LEVELS, feature_fields, feature_frame
from workflows.trainingsources import Assigned, Sources


@dataclass(frozen=True)
class Part:
    """Some buckets' rows: their features, the text columns with too many levels to be one, and the
    rest."""

    X: pd.DataFrame
    left_out: frozenset[str]
    assigned: Assigned


@dataclass(frozen=True)
class Summary:
    """What must be known of a part elsewhere: all but the features, and of those the columns, their
    levels, and how often rows to learn from have each."""

    assigned: Assigned
    columns: frozenset[str]
    left_out: frozenset[str]
    levels: dict[str, frozenset[str]]
    counts: dict[str, Counter[str]]


def read_part(sources: Sources) -> Part:
    """Read some buckets' rows. Raises InfiniteValue for an infinite feature."""
    assigned, profiles = sources.read()
    X = feature_frame(profiles, sources.known)
    check_features(X)
    there = {f.name for f in feature_fields(sources.known) if f.name in profiles.column_names}
    left_out = frozenset(there - set(X.columns))
    if len(sources.exposures) > 1:
        X = in_campaign(X, assigned.campaign)
    return Part(X, left_out, assigned)


def summary_of(part: Part) -> Summary:
    levels = {name: frozenset(found) for name, found in level_counts(part.X).items()}
    learning = level_counts(part.X[~part.assigned.reporting])
    return Summary(part.assigned, frozenset(part.X.columns), part.left_out, levels, learning)


def space_of(summaries: Sequence[Summary], sources: Sources) -> FeatureSpace:
    """The features that one process would find in all parts together."""
    present = frozenset[str]().union(*(one.columns for one in summaries))
    left_out = frozenset[str]().union(*(one.left_out for one in summaries))
    levels: defaultdict[str, set[str]] = defaultdict(set)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in summaries:
        for name, found in one.levels.items():
            levels[name] |= found
        for name, few in one.counts.items():
            counts[name] += few
    names = [
        field.name
        for field in feature_fields(sources.known)
        if field.name in present - left_out and len(levels.get(field.name, ())) <= MAX_LEVELS
    ]
    if CAMPAIGN in present:
        names.append(CAMPAIGN)
    return FeatureSpace.counted(
        tuple(names), {name: counts[name] for name in names if name in levels}
    )


def matrix_of(part: Part, space: FeatureSpace, reporting: bool) -> NDArray[np.float32]:
    """The rows (n, features) to learn from, or to report on. A column that no campaign of the part
    has is missing in all its rows."""
    X = part.X[part.assigned.reporting == reporting]
    absent = [name for name in space.names if name not in X.columns]
    return space.encode(X.assign(**dict.fromkeys(absent, np.nan)) if absent else X)


def reporting_profiles_of(sources: Sources) -> pa.Table:
    """The profiles of the rows to report on, in their order."""
    assigned, profiles = sources.read()
    return profiles.filter(pa.array(assigned.reporting))
