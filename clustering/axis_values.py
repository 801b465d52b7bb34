"""Columns of raw counts, shares and amounts as numbers whose distances make sense.

Counts of one's few orders are coarse: with two orders, a share can only be 0, 1/2 or 1, and
k-means would find these lumps and call them segments. So a count x stands for the interval
[x, x + 1), and a share x of n for [x / (n + 1), (x + 1) / (n + 1)), which fills the line without
gaps where counts fall evenly. Customers are placed by the middle of their interval; whether there
is any structure is asked of values drawn within it (`rng`), where coarseness makes no lumps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.axis_definition import Axis, Feature, Kind

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]
"""Columns by name, each (n,), NaN where it is not known."""

_MIDDLE = 0.5


def enough_known(axis: Axis, columns: Columns) -> NDArray[np.bool_]:
    """Who is known well enough to be judged on the axis, (n,)."""
    known = [columns[name] >= least for name, least in axis.needs.items()]
    return np.asarray(np.logical_and.reduce(known))


def axis_values(
    features: Sequence[Feature], columns: Columns, rng: np.random.Generator | None = None
) -> Floats:
    """The features' values, (n, features), NaN where a column is unknown; with `rng` each drawn at
    random within what its counts leave open."""
    return np.column_stack([_value(feature, columns, rng) for feature in features])


def natural(feature: Feature, value: float) -> float:
    """What a value stands for in the feature's own unit: orders, days, a share or a ratio."""
    match feature.kind:
        case Kind.COUNT:
            return max(float(np.exp(value)) - 2 * _MIDDLE, 0.0)
        case Kind.AMOUNT:
            return float(np.expm1(value))
        case _:
            return float(value)


def _value(feature: Feature, columns: Columns, rng: np.random.Generator | None) -> Floats:
    first = columns[feature.columns[0]]
    within: Floats | float = _MIDDLE if rng is None else rng.random(len(first))
    match feature.kind:
        case Kind.COUNT:
            return np.log(first + within + _MIDDLE)
        case Kind.RATE:
            return (first + within) / (columns[feature.columns[1]] + 1)
        case Kind.AMOUNT:
            return np.log1p(np.maximum(first, 0.0))
        case Kind.SHARE:
            return first
