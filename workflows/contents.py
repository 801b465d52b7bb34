"""What a workspace holds: its tables and how fresh they are, how complete its fields, its campaigns
and what the check of their design found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from domain.customer import Field
from domain.experiment import Campaign, Outcome
from storage import definitions
from storage.snapshots import Snapshot
from workflows.workspace import PROFILES, Workspace

_INNER = ("truth:", "exposures", "assigned")


@dataclass(frozen=True)
class TableHeld:
    """A current snapshot: `written_at` is when it was written, `as_of` up to when its data go,
    where it says so."""

    name: str
    rows: int
    columns: int
    written_at: datetime | None
    as_of: str | None


@dataclass(frozen=True)
class FieldHeld:
    """A field of the profiles and the share of customers for whom it is not known."""

    field: Field
    missing: float


@dataclass(frozen=True)
class CampaignHeld:
    """A past campaign with its exposures, and the report of its design's check, where one is."""

    campaign: Campaign
    exposures: int
    design: Mapping[str, Any] | None


@dataclass(frozen=True)
class Contents:
    customers: int
    tables: tuple[TableHeld, ...]
    fields: tuple[FieldHeld, ...]
    campaigns: tuple[CampaignHeld, ...]
    outcomes: tuple[Outcome, ...]


def contents_of(workspace: Workspace) -> Contents:
    """All of it; empty parts where nothing was imported yet."""
    with workspace.control.read() as session:
        current = definitions.current(session)
        campaigns = definitions.campaigns(session)
        designs = {
            one.campaign_id: definitions.document(session, f"design:{one.campaign_id}")
            for one in campaigns
        }
    tables, held = [], []
    for name, identity in sorted(current.items()):
        if "@" not in name and not name.startswith(_INNER):
            tables.append(_table(name, workspace.snapshots.open(identity)))
    for campaign in campaigns:
        identity = current.get(f"exposures@{campaign.campaign_id}", "")
        rows = workspace.snapshots.open(identity).rows if identity else 0
        held.append(CampaignHeld(campaign, rows, designs[campaign.campaign_id]))
    profiles = workspace.snapshots.open(current[PROFILES]) if PROFILES in current else None
    return Contents(
        0 if profiles is None else profiles.rows,
        tuple(tables),
        () if profiles is None else _fields(workspace, profiles),
        tuple(held),
        tuple(workspace.outcomes().values()),
    )


def _table(name: str, snapshot: Snapshot) -> TableHeld:
    as_of = snapshot.meta.get("as_of")
    return TableHeld(
        name,
        snapshot.rows,
        len(snapshot.table_schema().names),
        _written_at(snapshot.id),
        None if as_of is None else str(as_of),
    )


def _written_at(identity: str) -> datetime | None:
    """A snapshot's id holds when it was written."""
    try:
        return datetime.strptime(identity.split("-")[-2], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except (ValueError, IndexError):
        return None


def _fields(workspace: Workspace, profiles: Snapshot) -> tuple[FieldHeld, ...]:
    """Null shares by the statistics that Parquet keeps; no value is read but of columns without."""
    schema = workspace.schema()
    nulls: dict[str, int] = {}
    for path in profiles.paths():
        for name, count in _nulls(path).items():
            nulls[name] = nulls.get(name, 0) + count
    names = [name for name in profiles.table_schema().names if name in schema]
    rows = max(profiles.rows, 1)
    return tuple(FieldHeld(schema[name], nulls.get(name, 0) / rows) for name in names)


def _nulls(path: str) -> dict[str, int]:
    """Nulls by top-level column of one file."""
    file = pq.ParquetFile(path)
    counts: dict[str, int] = {}
    unknown: set[str] = set()
    for group in range(file.metadata.num_row_groups):
        row_group = file.metadata.row_group(group)
        for place in range(row_group.num_columns):
            column = row_group.column(place)
            name = column.path_in_schema.split(".")[0]
            statistics = column.statistics
            nested = "." in column.path_in_schema
            if nested or statistics is None or statistics.null_count is None:
                unknown.add(name)
            else:
                counts[name] = counts.get(name, 0) + statistics.null_count
    for name in unknown:
        column = pa.chunked_array(file.read([name]).column(name))
        counts[name] = column.null_count
    return counts
