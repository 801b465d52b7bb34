"""What to send one customer of a segment now, and why, or why nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.parquet as pq

from domain.reasons import CustomerWhy
from domain.suppression import Exclusion
from storage.members import GIVEN_OUT, HELD_OUT
from workflows.segmentlife import show_segment
from workflows.suppression import excluded
from workflows.why import why
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Recommendation:
    """`trigger` is what to send, None for nothing: `held_out` says that chance decided so, and
    `excluded` why the customer is not to be sent to now."""

    why: CustomerWhy
    trigger: str | None
    held_out: bool
    excluded: Exclusion | None
    assignment_id: str | None


def recommend(workspace: Workspace, customer_id: str, segment_id: str) -> Recommendation:
    """By the segment's current version; raises NotFound without such a segment or customer."""
    told = why(workspace, customer_id, segment_id)
    version = show_segment(workspace, segment_id, told.version)
    reasons = excluded(workspace, [customer_id], version.channel or version.objective.channel)
    reason = reasons.get(customer_id)
    snapshot = workspace.snapshots.open(version.members_id)
    columns = ["customer_id", "recommended_trigger", "assignment_id"]
    for part in (GIVEN_OUT, HELD_OUT):
        if part not in snapshot.files:
            continue
        path = snapshot.files[part]
        known = [name for name in columns if name in pq.read_schema(path).names]
        found = pq.read_table(path, columns=known, filters=[("customer_id", "==", customer_id)])
        if found.num_rows:
            (row,) = found.to_pylist()
            if part == HELD_OUT:
                return Recommendation(told, None, True, reason, row.get("assignment_id"))
            trigger = row.get("recommended_trigger") or version.recommended_trigger
            sent = trigger if reason is None else None
            return Recommendation(told, sent, False, reason, row.get("assignment_id"))
    return Recommendation(told, None, False, reason, None)
