"""Profiles as of the starts of campaigns: imported with them, or made once from the raw tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial

import pyarrow as pa

from domain.experiment import Campaign
from storage import definitions
from storage.snapshots import Encoded, Snapshot, decode
from workflows.engine import Engine, InProcess, map_buckets
from workflows.profiling import (
    Progress,
    profile_bucket,
    profiles_meta,
    required_tables,
    with_attributes,
)
from workflows.rawfiles import RawTables
from workflows.scoring import learn_scores
from workflows.workspace import PROFILES, Workspace

FRESH = timedelta(days=90)
"""How long score models serve the campaigns that follow. They know nothing of the time after a
campaign's start either way, and a quarter hardly changes them."""


def campaign_profiles(
    workspace: Workspace,
    campaigns: Sequence[Campaign],
    *,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
) -> tuple[Snapshot, ...]:
    """Profiles as of each campaign's start, in the order of the campaigns."""
    names = [f"{PROFILES}@{campaign.campaign_id}" for campaign in campaigns]
    with workspace.control.read() as session:
        current = definitions.current(session)
    absent = [c for c, name in zip(campaigns, names, strict=True) if name not in current]
    if absent:
        starts = sorted({campaign.started_at for campaign in absent})
        written = _write(workspace, starts, engine or InProcess(), progress)
        made = {
            f"{PROFILES}@{c.campaign_id}": with_attributes(workspace, written[c.started_at], c).id
            for c in absent
        }
        with workspace.control.write() as session:
            for name, identity in made.items():
                definitions.put_current(session, name, identity)
        current = current | made
    return tuple(workspace.snapshots.open(current[name]) for name in names)


def learning_times(starts: Sequence[datetime]) -> dict[datetime, datetime]:
    """For each of the sorted `starts` the latest at which its score models are learned: its own, or
    an earlier one that is still fresh."""
    times: dict[datetime, datetime] = {}
    latest: datetime | None = None
    for start in starts:
        if latest is None or start - latest > FRESH:
            latest = start
        times[start] = latest
    return times


def _write(
    workspace: Workspace, starts: Sequence[datetime], engine: Engine, progress: Progress
) -> dict[datetime, Snapshot]:
    """Profiles of every customer as of each of `starts`, all in one pass over the buckets."""
    tables = required_tables(workspace)
    times = learning_times(starts)
    moments = sorted(set(times.values()))

    def learned(ready: int, total: int) -> None:
        progress(0.4 * ready / total, f"scores of the past, {ready} of {total}")

    parts = dict(
        map_buckets(engine, partial(_models, tables, moments), range(len(moments)), learned)
    )
    learnt = {moment: _row(parts[place]) for place, moment in enumerate(moments)}

    def profiled(ready: int, total: int) -> None:
        progress(
            0.4 + 0.6 * ready / total, f"profiles of {len(starts)} times, bucket {ready} of {total}"
        )

    one = partial(_bucket, tables, {start: learnt[times[start]]["models"] for start in starts})
    with ExitStack() as stack:
        drafts = {}
        for start in starts:
            meta = json.loads(learnt[times[start]]["meta"]) | {"as_of": start.isoformat()}
            drafts[start] = stack.enter_context(workspace.snapshots.draft("profiles", meta=meta))
        for bucket, made in map_buckets(engine, one, tables.buckets, profiled):
            for start, draft in drafts.items():
                draft.add(bucket, made[start.isoformat()])
        return {start: draft.finish() for start, draft in drafts.items()}


def _models(tables: RawTables, moments: Sequence[datetime], place: int) -> dict[str, pa.Table]:
    moment = moments[place]
    models = learn_scores(tables, moment, engine=InProcess())
    row = {"models": models.to_json(), "meta": json.dumps(profiles_meta(moment, models))}
    return {"learnt": pa.Table.from_pylist([row])}


def _row(made: Mapping[str, Encoded]) -> dict[str, str]:
    row: dict[str, str] = decode(made["learnt"]).to_pylist()[0]
    return row


def _bucket(tables: RawTables, models: Mapping[datetime, str], bucket: int) -> dict[str, pa.Table]:
    return {
        start.isoformat(): profile_bucket(tables, start, text, bucket)["profiles"]
        for start, text in models.items()
    }
