"""What is held on one person, for that person."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from domain.errors import NotFound
from storage import audit, definitions, models, persons, segments, suppressions
from storage.erasing import orders_of
from storage.snapshots import Snapshot
from workflows.pseudonyms import pseudonym
from workflows.workspace import Workspace


def held_on(workspace: Workspace, customer_id: str, *, actor: str) -> dict[str, Any]:
    """Rows by where they lie: raw tables and profiles, what models say, memberships, and what the
    control plane knows. That it was asked for is in the audit, by a keyed hash."""
    now, subject = workspace.now(), pseudonym(workspace, customer_id)
    with workspace.control.read() as session:
        current = definitions.current(session)
        versions = segments.listed(session)
        scored = {record.id: record.scores_id for record in models.listed(session)}
        control = persons.rows_of(session, customer_id)
        gone = suppressions.erasure(session, subject) is not None
    orders = orders_of(workspace.snapshots.root, customer_id)
    held: dict[str, Any] = {}
    places = dict(sorted(current.items()))
    places |= {f"scores@{model}": identity for model, identity in scored.items()}
    for name, identity in places.items():
        rows = _rows(workspace.snapshots.open(identity), customer_id, orders)
        if rows:
            held[name] = rows
    memberships = {
        f"{one.segment_id} version {one.version}": rows
        for one in versions
        if (rows := _rows(workspace.snapshots.open(one.members_id), customer_id, orders))
    }
    if memberships:
        held["segments"] = memberships
    held |= control
    if gone or not held:
        raise NotFound("Nothing is held on this customer.", field="customer_id")
    with workspace.control.write() as session:
        audit.append(
            session,
            at=now,
            actor=actor,
            action="customer.export",
            subject=f"person:{subject}",
            detail={"places": sorted(held)},
        )
    return held


def _rows(snapshot: Snapshot, customer_id: str, orders: set[str]) -> list[dict[str, Any]]:
    column, values = ("customer_id", {customer_id})
    if snapshot.kind == "order_items":
        column, values = "order_id", orders
    found: list[dict[str, Any]] = []
    for path in snapshot.paths():
        if column in pq.read_schema(path).names and values:
            rows = pq.read_table(path, filters=pc.field(column).isin(sorted(values)))
            found += rows.to_pylist()
    return found
