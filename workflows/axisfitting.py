"""Every axis clustered on all customers, its segments matched with those of the version before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clustering.axes import AXES
from clustering.axis_fit import Before, fit_axis
from clustering.axis_model import FittedAxis
from clustering.axis_naming import matched
from domain.customer import AXIS
from storage.axes import AxisVersion
from storage.snapshots import Snapshot
from workflows.axismoves import common_customers
from workflows.axisplaces import columns_of

Progress = Callable[[float, str], None]


def fit_axes(
    features: Snapshot,
    old: Snapshot | None,
    before: tuple[AxisVersion, tuple[FittedAxis, ...]] | None,
    seed: int,
    threads: int,
    progress: Progress,
) -> tuple[FittedAxis, ...]:
    """Every axis clustered on all customers, `threads` at a time, each with its own randomness."""
    known = {} if before is None else {axis.axis: axis.names for axis in before[1]}
    who = None if old is None else _where_before(features, old)

    def one(numbered: tuple[int, str]) -> FittedAxis:
        number, name = numbered
        columns = columns_of(features.table(list(AXES[name].columns)), AXES[name])
        earlier = None
        if old is not None and who is not None and known.get(name):
            earlier = Before(known[name], _places_before(old, name, known[name], who))
        return fit_axis(AXES[name], columns, np.random.default_rng([seed, number]), earlier)

    fitted = []
    with ThreadPoolExecutor(threads) as pool:
        for axis in pool.map(one, enumerate(AXES)):
            fitted.append(axis)
            progress(0.5 + 0.4 * len(fitted) / len(AXES), f"clustered {axis.axis}")
    return tuple(fitted)


def segment_map(
    before: tuple[AxisVersion, tuple[FittedAxis, ...]] | None,
    axis: FittedAxis,
    old: Snapshot | None,
    placed: Snapshot,
) -> dict[str, str | None]:
    """Each old segment of an axis and the new one that is mostly the same customers."""
    earlier = next((one for one in before[1] if one.axis == axis.axis), None) if before else None
    if old is None or earlier is None or not earlier.names:
        return {}
    together = common_customers(old, placed, axis.axis, earlier.names, axis.names)
    same = {was: now for now, was in matched(together).items()} if axis.names else {}
    return {
        name: axis.names[same[place]] if place in same else None
        for place, name in enumerate(earlier.names)
    }


def _where_before(features: Snapshot, old: Snapshot) -> NDArray[np.int64]:
    """Each customer's row among the old memberships, (n,), -1 for one who is new."""
    ids = old.table(["customer_id"]).column("customer_id").combine_chunks()
    place = pc.index_in(features.table(["customer_id"]).column("customer_id"), ids)
    return np.asarray(pc.fill_null(place, -1).to_numpy().astype(np.int64))


def _places_before(
    old: Snapshot, axis: str, names: tuple[str, ...], who: NDArray[np.int64]
) -> NDArray[np.int64]:
    column = old.table([AXIS + axis]).column(AXIS + axis)
    place = pc.fill_null(pc.index_in(column, pa.array(names)), -1).to_numpy().astype(np.int64)
    return np.asarray(np.where(who >= 0, np.append(place, -1)[who], -1))
