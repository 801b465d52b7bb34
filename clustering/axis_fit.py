"""One axis from its columns: how many segments, where they are, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from clustering.axis_choice import (
    MEASURED,
    SAMPLE,
    Candidate,
    best,
    centroids,
    consider,
    distances_between,
    nearest,
    silhouettes,
)
from clustering.axis_definition import Axis, Feature, Kind
from clustering.axis_membership import common_variance
from clustering.axis_model import AxisSegment, FittedAxis, Scaled, Standing, scale
from clustering.axis_naming import fresh_names, kept_names, order_along
from clustering.axis_values import Columns, axis_values, enough_known, natural

Floats = NDArray[np.float64]

FEWEST = 200
"""Customers without whom an axis is not clustered: chance would draw its segments."""
_VARIANCE_ROWS = 20_000
_KEPT_SILHOUETTES = 100


@dataclass(frozen=True)
class Before:
    """The segments of an older clustering: its names, and the place of each customer's segment
    among them (n,), -1 for none."""

    names: tuple[str, ...]
    placed: NDArray[np.int64]


def fit_axis(
    axis: Axis, columns: Columns, rng: np.random.Generator, before: Before | None = None
) -> FittedAxis:
    """Cluster an axis on all its customers; the number of segments is chosen on `SAMPLE` of them.

    `columns` hold the axis's columns of every customer, each (n,), NaN where unknown. An axis of
    which too few customers are known, or that has no structure, has no segments, and says why.
    """
    # So small a k-means only loses by threads, and a hundredfold where other work keeps cores busy.
    with threadpool_limits(1):
        return _fitted(axis, columns, rng, before)


def _fitted(
    axis: Axis, columns: Columns, rng: np.random.Generator, before: Before | None
) -> FittedAxis:
    customers = len(next(iter(columns.values())))
    features, left_out = _usable(axis, columns)
    judged = enough_known(axis, columns)
    if features:
        middle = axis_values(features, columns)
        judged &= np.isfinite(middle).all(axis=1)
    known = int(judged.sum())

    def without(standing: Standing, reason: str, tried: Sequence[Candidate] = ()) -> FittedAxis:
        return FittedAxis(
            axis=axis.name,
            standing=standing,
            reason=reason,
            customers=customers,
            known=known,
            left_out=left_out,
            candidates=tuple(tried),
            sample=min(known, SAMPLE) if tried else 0,
            measured=min(known, MEASURED) if tried else 0,
        )

    if not features or known < FEWEST:
        return without(Standing.NO_DATA, _no_data(axis, features, left_out, known))
    rows = np.flatnonzero(judged)
    mine = {name: columns[name][rows] for name in axis.columns}
    values = middle[rows]
    scaling, constant = _scaling(features, values)
    if constant:
        left_out |= {one.name: "it is the same for everybody" for one in constant}
        features = tuple(one for one in features if one not in constant)
        values = axis_values(features, mine) if features else values
    if not features:
        return without(Standing.NO_STRUCTURE, "Its features are the same for everybody.")
    values = scale(values, scaling)
    chosen_rows = rng.choice(len(rows), min(len(rows), SAMPLE), replace=False)
    drawn = {name: column[chosen_rows] for name, column in mine.items()}
    sample = scale(axis_values(features, drawn, rng), scaling)
    candidates = consider(sample, axis.most_segments, rng)
    found = best(candidates)
    if found is None:
        return without(Standing.NO_STRUCTURE, _no_structure(candidates), candidates)
    start = centroids(sample, found.segments, rng)
    fitted = KMeans(found.segments, init=start, n_init=1).fit(values)
    order = order_along(features, fitted.cluster_centers_)
    centres = np.asarray(fitted.cluster_centers_)[order]
    placed = np.argsort(order)[fitted.labels_]
    sizes = np.bincount(placed, minlength=found.segments)
    names = fresh_names(axis, features, centres)
    if before is not None and before.names:
        together = _together(before, rows, placed, found.segments)
        names = kept_names(axis, features, centres, before.names, together)
    some = values[rng.permutation(len(values))[:_VARIANCE_ROWS]]
    spread = _silhouettes_by_segment(sample[:MEASURED], centres)
    segments = tuple(
        AxisSegment(
            name=names[place],
            description=_described(features, centres[place], scaling),
            centre=tuple(centres[place].tolist()),
            values=_natural(features, centres[place], scaling),
            size=int(sizes[place]),
            share=float(sizes[place] / known),
            silhouette=float(np.mean(spread[place])) if len(spread[place]) else 0.0,
            silhouettes=_thinned(spread[place]),
        )
        for place in range(found.segments)
    )
    return FittedAxis(
        axis=axis.name,
        standing=Standing.SEGMENTS,
        customers=customers,
        known=known,
        features=scaling,
        left_out=left_out,
        candidates=candidates,
        sample=len(sample),
        measured=min(len(sample), MEASURED),
        segments=segments,
        variance=common_variance(some, centres),
    )


def _usable(axis: Axis, columns: Columns) -> tuple[tuple[Feature, ...], dict[str, str]]:
    """The features that anybody has a value of, and why not the others."""
    features, left_out = [], {}
    for feature in axis.features:
        missing = [name for name in feature.columns if not np.isfinite(columns[name]).any()]
        if missing:
            left_out[feature.name] = f"the data say nothing of {feature.label}"
        elif feature.kind in (Kind.COUNT, Kind.RATE) and not np.nanmax(columns[feature.columns[0]]):
            left_out[feature.name] = f"nobody has any {feature.label}"
        else:
            features.append(feature)
    return tuple(features), left_out


def _no_data(axis: Axis, features: Sequence[Feature], left_out: dict[str, str], known: int) -> str:
    if not features:
        return f"There are no data for it: {'; '.join(left_out.values())}."
    return (
        f"It needs {axis.least}, which {known:,} customers have; below {FEWEST:,} chance would "
        "draw the segments."
    )


def _no_structure(candidates: Sequence[Candidate]) -> str:
    """Why no number of segments was taken, by the one that came closest."""
    near = max(candidates, key=lambda one: (one.beats_null, one.silhouette - one.null))
    if near.beats_null:
        return (
            f"No natural segments: {near.segments} would have a silhouette of "
            f"{near.silhouette:.2f} (customers in one lump have {near.null:.2f}), but halves of "
            f"the customers give different ones (adjusted Rand index {near.stability:.2f})."
        )
    return (
        f"No natural segments: {near.segments} would have a silhouette of {near.silhouette:.2f}, "
        f"and customers in one lump have {near.null:.2f}."
    )


def _scaling(
    features: Sequence[Feature], values: Floats
) -> tuple[tuple[Scaled, ...], tuple[Feature, ...]]:
    """How each feature is scaled, and the features that can't be because they never differ."""
    low, high = np.quantile(values, [0.01, 0.99], axis=0)
    cut = np.clip(values, low, high)
    mean, deviation = cut.mean(axis=0), cut.std(axis=0)
    scaling, constant = [], []
    for place, feature in enumerate(features):
        if deviation[place] < 1e-9:
            constant.append(feature)
            continue
        scaling.append(
            Scaled(
                name=feature.name,
                low=float(low[place]),
                high=float(high[place]),
                mean=float(mean[place]),
                deviation=float(deviation[place]),
            )
        )
    return tuple(scaling), tuple(constant)


def _together(
    before: Before, rows: NDArray[np.int64], placed: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """How many customers each old segment and each new one have in common, (old, new)."""
    old = before.placed[rows]
    both = old >= 0
    pairs = old[both] * count + placed[both]
    counts = np.bincount(pairs, minlength=len(before.names) * count)
    return counts.reshape(len(before.names), count)


def _silhouettes_by_segment(sample: Floats, centres: Floats) -> list[Floats]:
    labels = nearest(sample, centres)
    each = silhouettes(distances_between(sample), labels)
    return [np.sort(each[labels == place]) for place in range(len(centres))]


def _thinned(ordered: Floats) -> tuple[float, ...]:
    if len(ordered) > _KEPT_SILHOUETTES:
        ordered = ordered[np.linspace(0, len(ordered) - 1, _KEPT_SILHOUETTES).astype(int)]
    return tuple(np.round(ordered, 3).tolist())


def _natural(
    features: Sequence[Feature], centre: Floats, scaling: Sequence[Scaled]
) -> dict[str, float]:
    """A centroid in each feature's own unit."""
    return {
        feature.name: natural(feature, float(scaled * one.deviation + one.mean))
        for feature, scaled, one in zip(features, centre, scaling, strict=True)
    }


def _described(features: Sequence[Feature], centre: Floats, scaling: Sequence[Scaled]) -> str:
    """The centroid in words, every number its own."""
    values = _natural(features, centre, scaling)
    parts = [f"{feature.label}: {said(feature, values[feature.name])}" for feature in features]
    return "Typically " + "; ".join(parts) + "."


def said(feature: Feature, value: float) -> str:
    """A feature's value as a person reads it."""
    if feature.kind is Kind.RATE or feature.unit == "share":
        return f"{value:.0%}"
    digits = 1 if abs(value) < 10 else 0
    unit = f" {feature.unit}" if feature.unit in ("days", "seconds") else ""
    return f"{value:,.{digits}f}{unit}"
