"""Names of an axis's segments, the same at every clustering as far as the segments are.

New segments are named by the rank of their centroids along the axis. At a new clustering, segments
are matched with the old ones by the customers they share (Jaccard, the best matching by the
Hungarian method), and a matched segment keeps its old name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from clustering.axis_definition import Axis, Feature

Floats = NDArray[np.float64]

SAME = 0.25
"""Least share of common customers (Jaccard) at which a segment is taken to be an older one."""


def order_along(features: Sequence[Feature], centres: Floats) -> NDArray[np.int64]:
    """The segments from the low end of the axis to the high one, (k,): by the sum of their scaled
    centroids, each feature in its direction; ties by the first feature."""
    directions = np.array([feature.direction for feature in features])
    return np.asarray(np.lexsort((centres[:, 0], centres @ directions)))


def fresh_names(axis: Axis, features: Sequence[Feature], centres: Floats) -> tuple[str, ...]:
    """A name for each of k segments, from their centroids (k, d) alone."""
    count = len(centres)
    if axis.scale:
        spread = np.round(np.linspace(0, len(axis.scale) - 1, count)).astype(int)
        names = [""] * count
        for place, segment in zip(spread, order_along(features, centres), strict=True):
            names[segment] = axis.scale[place]
        return tuple(names)
    marks = [feature.mark for feature in features] + [axis.otherwise] * (count > len(features))
    clear = np.column_stack([centres, np.zeros((count, len(marks) - len(features)))])
    segments, chosen = linear_sum_assignment(clear, maximize=True)
    return tuple(marks[mark] for _, mark in sorted(zip(segments, chosen, strict=True)))


def matched(together: NDArray[np.int64]) -> dict[int, int]:
    """The old segment of each new one that has one, from counts of common customers
    (old, new)."""
    counts = together.astype(float)
    either = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
    alike = counts / np.maximum(either, 1.0)
    pairs = zip(*linear_sum_assignment(alike, maximize=True), strict=True)
    return {int(new): int(old) for old, new in pairs if alike[old, new] >= SAME}


def kept_names(
    axis: Axis,
    features: Sequence[Feature],
    centres: Floats,
    old_names: Sequence[str],
    together: NDArray[np.int64],
) -> tuple[str, ...]:
    """A name for each new segment: that of the old segment it is, or one not in use that stands
    nearest to its rank. Names along a scale never contradict it: where old names would, all are
    made anew."""
    fresh = fresh_names(axis, features, centres)
    known = {new: old_names[old] for new, old in matched(together).items()}
    known = {new: name for new, name in known.items() if name in _all_names(axis)}
    names = _filled(axis, features, centres, known, fresh)
    if axis.scale:
        along = [axis.scale.index(names[segment]) for segment in order_along(features, centres)]
        if along != sorted(along):
            return fresh
    return names


def _filled(
    axis: Axis,
    features: Sequence[Feature],
    centres: Floats,
    known: Mapping[int, str],
    fresh: Sequence[str],
) -> tuple[str, ...]:
    """Names for the segments that have none yet, each the free one nearest to its fresh name that
    fits between its neighbours', where one does."""
    names, every = dict(known), _all_names(axis)
    order = [int(segment) for segment in order_along(features, centres)]
    for rank, segment in enumerate(order):
        if segment in names:
            continue
        free = [place for place, name in enumerate(every) if name not in names.values()]
        if axis.scale:
            below = [every.index(names[s]) for s in order[:rank] if s in names]
            above = [every.index(names[s]) for s in order[rank + 1 :] if s in names]
            low, high = max(below, default=-1), min(above, default=len(every))
            free = [place for place in free if low < place < high] or free
        wanted = every.index(fresh[segment])
        names[segment] = every[min(free, key=lambda place: abs(place - wanted))]
    return tuple(names[segment] for segment in range(len(centres)))


def _all_names(axis: Axis) -> tuple[str, ...]:
    return axis.scale or (*(feature.mark for feature in axis.features), axis.otherwise)
