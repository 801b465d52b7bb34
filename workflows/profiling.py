"""Profiles from raw tables: the newest, and those as of a campaign's start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from domain.errors import NotFound
from domain.experiment import Campaign
from profiles.build import build_profiles
from storage import definitions
from storage.snapshots import Snapshot
from workflows.workspace import PROFILES, Workspace

GLOBAL_TABLES = ("products", "campaigns")
BUCKET_TABLES = ("customers", "orders", "order_items", "events", "exposures")


def raw_tables(workspace: Workspace) -> dict[str, Snapshot]:
    """The raw tables that the workspace has."""
    with workspace.control.read() as session:
        current = definitions.current(session)
    return {
        name: workspace.snapshots.open(current[name])
        for name in (*GLOBAL_TABLES, *BUCKET_TABLES)
        if name in current
    }


def write_profiles(workspace: Workspace, as_of: datetime) -> Snapshot:
    """Profiles of every customer as of a time, written but not yet current."""
    tables = raw_tables(workspace)
    if not tables:
        raise NotFound("The workspace has no raw tables to make profiles from.")
    return workspace.snapshots.write(
        "profiles", _built(tables, as_of), meta={"as_of": as_of.isoformat()}
    )


def campaign_profiles(workspace: Workspace, campaign: Campaign) -> Snapshot:
    """Profiles as of the campaign's start: imported with it, or made from the raw tables once."""
    name = f"{PROFILES}@{campaign.campaign_id}"
    with workspace.control.read() as session:
        identity = definitions.current(session).get(name)
    if identity is not None:
        return workspace.snapshots.open(identity)
    written = write_profiles(workspace, campaign.started_at)
    with workspace.control.write() as session:
        definitions.put_current(session, name, written.id)
    return written


def _built(tables: Mapping[str, Snapshot], as_of: datetime) -> Iterator[tuple[int, pa.Table]]:
    shared: dict[str, pa.Table | Path] = {
        name: snapshot.table() for name, snapshot in tables.items() if name in GLOBAL_TABLES
    }
    bucketed = {name: s for name, s in tables.items() if name in BUCKET_TABLES}
    for bucket in sorted({bucket for snapshot in bucketed.values() for bucket in snapshot.files}):
        own = {name: s.files[bucket] for name, s in bucketed.items() if bucket in s.files}
        yield bucket, build_profiles({**shared, **own}, as_of)
