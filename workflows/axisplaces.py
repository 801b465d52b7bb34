"""Features of customers as the columns that an axis is placed by, and memberships as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.axes import AXES
from clustering.axis_definition import Axis
from clustering.axis_model import NOBODY, FittedAxis
from clustering.axis_values import Columns
from domain.customer import AXIS

FEATURES = "axisfeatures"

STRENGTHS = "@axis."
"""Prefix of the columns that hold a customer's strengths in all segments of an axis, in the order
of the version's segments. No field's name begins with `@`."""

MEMBERSHIP_SCHEMA = pa.schema(
    [pa.field("customer_id", pa.string())]
    + [
        field
        for name in AXES
        for field in (
            pa.field(AXIS + name, pa.string()),
            pa.field(f"{AXIS}{name}.strength", pa.float64()),
            pa.field(STRENGTHS + name, pa.list_(pa.float64())),
        )
    ]
)


def columns_of(features: pa.Table, axis: Axis) -> Columns:
    """An axis's columns as floats, NaN where a customer has no value."""
    return {
        name: np.asarray(
            pc.fill_null(features.column(name).cast(pa.float64()), float("nan")).to_numpy()
        )
        for name in axis.columns
    }


def place_bucket(fitted: Sequence[FittedAxis], features: pa.Table) -> pa.Table:
    """The memberships of these customers on every axis, with `MEMBERSHIP_SCHEMA`."""
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"customer_id": features.column("customer_id")}
    by_name = {axis.axis: axis for axis in fitted}
    for name, axis in AXES.items():
        columns |= _on_axis(by_name.get(name), axis, features)
    return pa.table(columns, schema=MEMBERSHIP_SCHEMA)


def place_single(
    fitted: FittedAxis, features: Mapping[str, float | None]
) -> tuple[str | None, list[float] | None]:
    """One customer's segment on an axis and the strengths in all its segments, None where there are
    none or too little is known."""
    if not fitted.segments:
        return None, None
    columns = {
        name: np.array([features[name]], dtype=np.float64) for name in AXES[fitted.axis].columns
    }
    (place,), strengths = fitted.place(columns)
    if place == NOBODY:
        return None, None
    return fitted.names[place], strengths[0].tolist()


def _on_axis(fitted: FittedAxis | None, axis: Axis, features: pa.Table) -> dict[str, pa.Array]:
    n, name = features.num_rows, axis.name
    if fitted is None or not fitted.segments:
        nobody = {AXIS + name: pa.nulls(n, pa.string())}
        nobody[f"{AXIS}{name}.strength"] = pa.nulls(n, pa.float64())
        return nobody | {STRENGTHS + name: pa.nulls(n, pa.list_(pa.float64()))}
    placed, strengths = fitted.place(columns_of(features, axis))
    absent = placed == NOBODY
    count = len(fitted.segments)
    own = np.where(absent, np.nan, strengths[np.arange(n), np.maximum(placed, 0)])
    offsets = np.concatenate([[0], np.cumsum(np.where(absent, 0, count))]).astype(np.int32)
    lists = pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(strengths[~absent].ravel()), mask=pa.array(absent)
    )
    return {
        AXIS + name: pa.array(fitted.names).take(pa.array(placed, mask=absent)),
        f"{AXIS}{name}.strength": pa.array(own, mask=absent),
        STRENGTHS + name: lists,
    }
