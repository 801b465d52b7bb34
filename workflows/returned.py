"""Erased persons whose rows come back by an import: they stay out."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from storage import suppressions
from workflows.pseudonyms import pseudonyms
from workflows.workspace import Workspace

ERASED = "erased"
_KEY = "customer_id"


def without_erased(workspace: Workspace, table: pa.Table) -> tuple[pa.Table, int]:
    """A table (n rows) without those of erased persons, and how many these were. Who they are is
    known by keyed hashes alone."""
    if _KEY not in table.column_names:
        return table, 0
    with workspace.control.read() as session:
        erased = suppressions.tombstones(session)
    if not erased:
        return table, 0
    ids = pc.unique(table.column(_KEY)).drop_null().to_pylist()
    named = zip(ids, pseudonyms(workspace, ids), strict=True)
    gone = pa.array([one for one, subject in named if subject in erased], pa.string())
    kept = table.filter(pc.invert(pc.is_in(table.column(_KEY), value_set=gone)))
    return kept, table.num_rows - kept.num_rows
