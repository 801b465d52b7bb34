"""Axis memberships of past campaigns' customers, as of each campaign's start.

A segment's lift is measured on those who met its criteria when a campaign began. Where criteria
name an axis, that is the segment that the axes of today would have put a customer into then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.criteria import Expression, conditions
from domain.customer import AXIS
from domain.errors import NoEvidence
from domain.experiment import Campaign
from storage import axes as versions
from storage import definitions
from storage.snapshots import Snapshot
from workflows.axes import current_axes, place_everybody
from workflows.engine import Engine
from workflows.profiling import raw_tables
from workflows.workspace import MEMBERSHIPS, Workspace


@dataclass(frozen=True)
class AxesThen:
    """Memberships by campaign, of a version of the axes; of none before the first clustering."""

    version: int | None
    by_campaign: Mapping[str, pa.Table]

    def beside(self, people: pa.Table, campaign_ids: NDArray[Any]) -> pa.Table:
        """The customers with their memberships as of the start of each row's campaign (n,)."""
        if self.version is None:
            return people
        rows = np.arange(people.num_rows)
        found: list[pa.Table] = []
        order: list[NDArray[np.int64]] = []
        for campaign, memberships in self.by_campaign.items():
            mine = rows[campaign_ids == campaign]
            ids = people.column("customer_id").take(pa.array(mine))
            place = pc.index_in(ids, memberships.column("customer_id").combine_chunks())
            found.append(memberships.drop_columns(["customer_id"]).take(place))
            order.append(mine)
        joined = pa.concat_tables(found).take(pa.array(np.argsort(np.concatenate(order))))
        for name in joined.column_names:
            people = people.append_column(name, joined.column(name))
        return people


def axes_then(
    workspace: Workspace, campaigns: Sequence[Campaign], *, engine: Engine | None = None
) -> AxesThen:
    """Everybody's memberships as of each campaign's start, by the current axes: kept, or made."""
    current = current_axes(workspace)
    if current is None:
        return AxesThen(None, {})
    version, fitted = current
    columns = ["customer_id"]
    for name in version.assigned:
        columns += [AXIS + name, f"{AXIS}{name}.strength"]
    by_campaign = {}
    for campaign in campaigns:
        snapshot = kept_memberships(workspace, campaign.campaign_id, version.version)
        if snapshot is None:
            snapshot = place_everybody(
                workspace,
                raw_tables(workspace),
                campaign.started_at,
                fitted,
                version.version,
                engine=engine,
            )
            with workspace.control.write() as session:
                definitions.put_current(session, _name(campaign.campaign_id), snapshot.id)
        by_campaign[campaign.campaign_id] = snapshot.table(columns)
    return AxesThen(version.version, by_campaign)


def require_witnesses(workspace: Workspace, audience: Expression, evidence: Snapshot) -> None:
    """Raise `NoEvidence` where an audience names an axis, and the model's held-out customers were
    not placed by the axes of today."""
    named = [one.field for one in conditions(audience) if one.field.startswith(AXIS)]
    if not named:
        return
    with workspace.control.read() as session:
        newest = versions.newest(session)
    if evidence.meta.get("axes_version") != newest:
        raise NoEvidence(
            f"What a trigger changes among customers by {named[0]} was not measured yet: the model "
            "was trained before the axes were clustered.",
            remedy="Run `aether train`.",
            field=named[0],
        )


def kept_memberships(workspace: Workspace, campaign_id: str, version: int) -> Snapshot | None:
    """Everybody's memberships as of a campaign's start by a version of the axes, if they are
    kept."""
    with workspace.control.read() as session:
        identity = definitions.current_one(session, _name(campaign_id))
    if identity is None:
        return None
    snapshot = workspace.snapshots.open(identity)
    return snapshot if snapshot.meta["version"] == version else None


def _name(campaign_id: str) -> str:
    return f"{MEMBERSHIPS}@{campaign_id}"
