"""Who is held out of a segment: for good, of all campaigns, and by the campaign that runs on it.

A version that is frozen while a campaign runs carries its control group on, whoever is new in it:
the campaign's salted hash decides of everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.activation import Activation
from domain.assignment import uniforms
from storage.members import COLUMNS, everybody
from workflows.workspace import Workspace


def held_out_for_good(workspace: Workspace, customer_ids: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which customers (n,) no campaign addresses."""
    share = workspace.settings.global_holdout
    if not share:
        return np.zeros(len(customer_ids), dtype=bool)
    salt = f"global holdout:{workspace.settings.salt}"
    return uniforms(customer_ids.to_pylist(), salt) < share


def control_group(customer_ids: Sequence[str], salt: str, holdout: float) -> NDArray[np.bool_]:
    """Which customers (n,) a campaign with this salt holds out."""
    return uniforms(customer_ids, f"control:{salt}") < holdout


@dataclass(frozen=True)
class Carried:
    """What a new version takes over from the campaign that runs on its segment, if one does."""

    workspace: Workspace
    running: Activation | None = None

    def held_out(self, customer_ids: pa.ChunkedArray) -> NDArray[np.bool_]:
        """Which customers (n,) are left out of pulls."""
        found = held_out_for_good(self.workspace, customer_ids)
        if self.running is not None:
            running = self.running
            found |= control_group(customer_ids.to_pylist(), running.salt, running.holdout)
        return found

    def assigned(self, members: pa.Table) -> pa.Table:
        """The members with the assignment and, where the campaign drew one for them, the trigger
        that the campaign gave them; those who are new in the segment have no assignment."""
        if self.running is None:
            return members
        snapshot = self.workspace.snapshots.open(self.running.assignments_id)
        known = everybody(snapshot, ["customer_id", "assignment_id", "explored_trigger"])
        place = pc.index_in(
            members.column("customer_id"), value_set=known.column("customer_id").combine_chunks()
        )
        explored = known.column("explored_trigger").take(place)
        trigger = pc.coalesce(explored, members.column("recommended_trigger").cast(pa.string()))
        for name, column in (
            ("assignment_id", known.column("assignment_id").take(place)),
            ("recommended_trigger", trigger.combine_chunks().dictionary_encode()),
        ):
            at = members.column_names.index(name)
            members = members.set_column(at, COLUMNS.field(name), column)
        return members
