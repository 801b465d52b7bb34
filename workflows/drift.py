"""How far today's customers have moved from those that a model learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from storage.models import ModelRecord
from storage.snapshots import Snapshot
from uplift.histograms import (
    LARGE_DRIFT,
    SMALL_DRIFT,
    Categories,
    Histogram,
    added,
    histogram_from_json,
    stability_index,
)
from workflows.covariates import Covariates, covariates_today
from workflows.workspace import PROFILES, Workspace


@dataclass(frozen=True)
class Drift:
    """One feature's or score's population stability index against the learning rows; None where
    today's profiles hold no such column."""

    name: str
    index: float | None

    @property
    def words(self) -> str:
        if self.index is None:
            return "not there today"
        if self.index < SMALL_DRIFT:
            return "as it was"
        return "moved" if self.index < LARGE_DRIFT else "moved far"


def drift_of(workspace: Workspace, record: ModelRecord) -> list[Drift]:
    """Every feature's drift in today's profiles, and every score's in the model's own scores of
    them, the largest first; what is not there before all."""
    kept = record.card["histograms"]
    covariates = covariates_today(workspace, kept["features"])
    none = covariates_today(workspace, ())
    found = [
        *_against(kept["features"], workspace.current(PROFILES), covariates),
        *_against(kept["scores"], workspace.snapshots.open(record.scores_id), none),
    ]
    return sorted(found, key=lambda one: -np.inf if one.index is None else -one.index)


def _against(kept: Mapping[str, Any], snapshot: Snapshot, covariates: Covariates) -> list[Drift]:
    """The drift of a snapshot's columns against the histograms of a card, a bucket at a time."""
    before = {name: histogram_from_json(value) for name, value in kept.items()}
    held = snapshot.table_schema().names
    columns = covariates.columns(before, held)
    now: dict[str, Histogram] = {}
    for bucket in sorted(snapshot.files):
        table = snapshot.read(bucket, columns)
        assert table is not None
        table = covariates.beside(table, bucket)
        for name in before.keys() & set(table.column_names):
            part = _counted(before[name], table.column(name))
            now[name] = added(now[name], part) if name in now else part
    return [
        Drift(name, stability_index(one, now[name]) if name in now else None)
        for name, one in before.items()
    ]


def _counted(before: Histogram, column: pa.ChunkedArray) -> Histogram:
    if isinstance(before, Categories):
        return before.recounted(column.cast(pa.string()).to_pandas())
    return before.recounted(column.cast(pa.float64()).to_numpy())
