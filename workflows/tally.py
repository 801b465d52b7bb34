"""What the customers of a campaign did, by arm as assigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.activation import Activation
from domain.experiment import Outcome, OutcomeKind
from storage import deliveries, outcomes
from storage.members import everybody
from uplift.lift import Moments
from workflows.assignments import ARM, ELIGIBLE
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Assigned:
    """The eligible customers of a campaign (n,), sorted, and the arm of each."""

    customer_id: pa.ChunkedArray
    arm: NDArray[np.object_]

    def place_of(self, customer_ids: pa.ChunkedArray) -> NDArray[np.int64]:
        """Where each of the eligible (n,) is among other ids, -1 for those who are not."""
        found = pc.index_in(self.customer_id, value_set=customer_ids.combine_chunks())
        return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def assigned_of(workspace: Workspace, activation: Activation) -> Assigned:
    snapshot = workspace.snapshots.open(activation.assignments_id)
    table = everybody(snapshot, [ARM, ELIGIBLE])
    table = table.filter(table.column(ELIGIBLE))
    arm = table.column(ARM).cast(pa.string()).to_numpy(zero_copy_only=False)
    return Assigned(table.column("customer_id"), np.asarray(arm, dtype=object))


def outcome_of(
    workspace: Workspace,
    assigned: Assigned,
    outcome: Outcome,
    since: datetime,
    until: datetime,
) -> NDArray[np.float64]:
    """Each customer's outcome (n,) in a time: whether it happened, or how much; 0 for none."""
    with workspace.control.read() as session:
        reported = outcomes.totals(session, outcome.name, since, until)
    place = assigned.place_of(reported.column("customer_id"))
    column = "largest" if outcome.kind is OutcomeKind.BINARY else "total"
    values = np.append(reported.column(column).to_numpy(), 0.0)
    return values[place]


def sent_by(workspace: Workspace, activation: Activation, assigned: Assigned) -> NDArray[np.bool_]:
    """To which customers (n,) something was sent."""
    with workspace.control.read() as session:
        sent = deliveries.first_sent(session, activation.campaign_id)
    return assigned.place_of(sent.column("customer_id")) >= 0


def moments_by_arm(
    arms: Iterable[str], assigned: Assigned, values: NDArray[np.float64]
) -> Mapping[str, Moments]:
    """What is known of the outcome in every arm, those without customers left out."""
    found = {}
    for arm in arms:
        own = values[assigned.arm == arm]
        if len(own):
            found[arm] = Moments(
                len(own), float(own.sum()), float(own @ own), int(np.count_nonzero(own))
            )
    return found
