"""Erased persons whose rows come back by an import or a report: they stay out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from domain.errors import BadData
from storage import suppressions
from storage.erasing import is_blank
from workflows.experiment import Experiment
from workflows.pseudonyms import pseudonyms
from workflows.workspace import Workspace

ERASED = "erased"
_KEY = "customer_id"


def erased_among(workspace: Workspace, session: Session, ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids that are of erased persons, or stand where such a one stood. Who they are is
    known by keyed hashes alone."""
    erased = suppressions.tombstones(session)
    if not erased:
        return frozenset()
    ids = list(ids)
    named = zip(ids, pseudonyms(workspace, ids), strict=True)
    return frozenset(one for one, subject in named if subject in erased or is_blank(one))


def without_erased(workspace: Workspace, table: pa.Table) -> tuple[pa.Table, int]:
    """A table (n rows) without those of erased persons, and how many these were."""
    if _KEY not in table.column_names:
        return table, 0
    ids = table.column(_KEY)
    with workspace.control.read() as session:
        gone = erased_among(workspace, session, pc.unique(ids).drop_null().to_pylist())
    if not gone:
        return table, 0
    kept = table.filter(pc.invert(pc.is_in(ids, value_set=pa.array(gone, pa.string()))))
    return kept, table.num_rows - kept.num_rows


def without_erased_customers(
    workspace: Workspace, experiment: Experiment
) -> tuple[Experiment, int]:
    """An experiment (n customers) without those who were erased, and how many these were.

    Raises BadData where an arm has nobody left."""
    ids = experiment.exposures.column(_KEY)
    with workspace.control.read() as session:
        gone = erased_among(workspace, session, ids.to_pylist())
    if not gone:
        return experiment, 0
    keep = pc.invert(pc.is_in(ids, value_set=pa.array(gone, pa.string()))).to_numpy()
    arm = experiment.arm[keep]
    sizes = np.bincount(arm, minlength=len(experiment.arms))
    if not sizes.all():
        raise BadData(
            f"Without the {len(gone):,} erased persons in the file nobody is left in the arm "
            f"{experiment.arms[int(sizes.argmin())]!r}.",
            remedy="Such a campaign can't be learned from any more.",
        )
    left = replace(
        experiment,
        profiles=experiment.profiles.filter(keep),
        exposures=experiment.exposures.filter(keep),
        arm=arm,
        stated=None if experiment.stated is None else experiment.stated[keep],
    )
    return left, len(keep) - len(arm)
