"""Profiles from raw tables, scores included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from domain.errors import NotFound
from domain.experiment import Campaign
from profiles.build import build_profiles
from profiles.scores.models import ScoreModels, score_bucket
from storage import audit, definitions
from storage.snapshots import Snapshot
from workflows.attributes import has_fields, write_beside
from workflows.engine import Engine, InProcess, map_buckets
from workflows.rawfiles import RawTables
from workflows.scoring import learn_scores
from workflows.workspace import PROFILES, Workspace

Progress = Callable[[float, str], None]

ATTRIBUTES = "attributes"
GLOBAL_TABLES = ("products", "campaigns")
BUCKET_TABLES = ("customers", "orders", "order_items", "events", "exposures")


def raw_tables(workspace: Workspace) -> RawTables:
    """The raw tables that the workspace has, none at all included."""
    with workspace.control.read() as session:
        current = definitions.current(session)
    found = {
        name: workspace.snapshots.open(current[name])
        for name in (*GLOBAL_TABLES, *BUCKET_TABLES)
        if name in current
    }
    shared = {name: found[name].files[0] for name in GLOBAL_TABLES if name in found}
    by_bucket: dict[int, dict[str, Path]] = {}
    for name in BUCKET_TABLES:
        for bucket, path in found[name].files.items() if name in found else ():
            by_bucket.setdefault(bucket, {})[name] = path
    return RawTables(shared, by_bucket)


def required_tables(workspace: Workspace) -> RawTables:
    """The raw tables; raises NotFound where there are none."""
    tables = raw_tables(workspace)
    if not tables.buckets:
        raise NotFound(
            "The workspace has no raw tables to make profiles from.",
            remedy="Import orders, events or customers first.",
        )
    return tables


def write_profiles(
    workspace: Workspace,
    as_of: datetime,
    *,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
) -> Snapshot:
    """Profiles of every customer as of a time, written but not yet current. The score models are
    learned from history before `as_of`, and what is known of them is kept with the profiles."""
    engine = engine or InProcess()
    tables = required_tables(workspace)
    models = learn_scores(tables, as_of, engine=engine, progress=progress)

    def done(ready: int, total: int) -> None:
        progress(0.5 + 0.5 * ready / total, f"profiles, bucket {ready} of {total}")

    one = partial(profile_bucket, tables, as_of, models.to_json())
    with workspace.snapshots.draft("profiles", meta=profiles_meta(as_of, models)) as draft:
        for bucket, made in map_buckets(engine, one, tables.buckets, done):
            draft.add(bucket, made["profiles"])
        return draft.finish()


def refresh_profiles(
    workspace: Workspace,
    *,
    as_of: datetime | None = None,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
) -> Snapshot:
    """Make the newest profiles anew: from the raw tables as of their own end (or `as_of`), with
    what imported files say of customers laid beside, and make them current."""
    moment = as_of or newest_moment(raw_tables(workspace))
    written = write_profiles(workspace, moment, engine=engine, progress=progress)
    for campaign in workspace.campaigns():
        written = with_attributes(workspace, written, campaign)
    with workspace.control.write() as session:
        definitions.put_current(session, PROFILES, written.id)
        audit.append(
            session,
            at=workspace.now(),
            actor="workspace",
            action="profile",
            subject=written.id,
            detail={"as_of": moment.isoformat(), "customers": written.rows},
        )
    return written


def with_attributes(workspace: Workspace, written: Snapshot, campaign: Campaign) -> Snapshot:
    """Profiles beside what the campaign's file says of its customers, if it says anything."""
    with workspace.control.read() as session:
        identity = definitions.current(session).get(f"{ATTRIBUTES}@{campaign.campaign_id}")
    if identity is None:
        return written
    attributes = workspace.snapshots.open(identity)
    if not has_fields(attributes):
        return written
    return write_beside(workspace.snapshots, written, attributes, workspace.settings.buckets)


def newest_moment(tables: RawTables) -> datetime:
    """Just after the newest order, event or customer: the "now" of the raw tables."""
    newest = []
    for bucket in tables.buckets:
        files = tables.by_bucket[bucket]
        for name, column in (
            ("orders", "ordered_at"),
            ("events", "occurred_at"),
            ("customers", "creation_date"),
        ):
            if name in files and column in pq.read_schema(files[name]).names:
                newest.append(pc.max(pq.read_table(files[name], columns=[column]).column(0)))
    known = [moment for scalar in newest if (moment := scalar.as_py()) is not None]
    if not known:
        raise NotFound("The raw tables hold no time from which a profile could be seen.")
    latest: datetime = max(known)
    return latest.replace(microsecond=0) + timedelta(seconds=1)


def profiles_meta(as_of: datetime, models: ScoreModels) -> dict[str, object]:
    """What a snapshot of profiles says of itself."""
    return {
        "as_of": as_of.isoformat(),
        "scores": {name: one.to_json() for name, one in models.evaluations.items()},
        "unscored": models.reasons,
    }


def profile_bucket(
    tables: RawTables, as_of: datetime, models: str, bucket: int
) -> dict[str, pa.Table]:
    """One bucket's profiles with their scores."""
    profiles = build_profiles(tables.of(bucket), as_of, threads=1)
    return {"profiles": score_bucket(profiles, ScoreModels.from_json(models), threads=1)}
