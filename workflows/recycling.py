"""A finished campaign becomes training data: what `aether train` reads next."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.activation import Activation
from domain.errors import Conflict
from domain.experiment import Campaign, Design
from profiles.contract import PROBABILITIES, RAW_TABLES
from storage import audit, buckets, definitions, deliveries, outcomes, segments
from storage.activations import is_running
from storage.members import everybody
from workflows.activation import show_campaign
from workflows.assignments import PROPENSITIES
from workflows.profiling import raw_tables
from workflows.tables import upsert_table
from workflows.tally import assigned_of, outcome_of
from workflows.trainingdata import control_first, exposure_meta
from workflows.workspace import PROFILES, Workspace


def learn_from(workspace: Workspace, campaign_id: str, *, actor: str = "cli") -> Campaign:
    """Keep a finished campaign as one of the past campaigns that models learn from: its exposures
    with every arm's probability and all outcomes that were reported, and as profiles those that the
    segment was frozen with, which know nothing of it. Called again it replaces what it kept.

    Raises Conflict for a campaign that still runs.
    """
    activation = show_campaign(workspace, campaign_id)
    if is_running(activation, workspace.now()):
        raise Conflict(
            f"The campaign {campaign_id} runs until {activation.ends_at:%Y-%m-%d %H:%M}.",
            remedy=f"Wait, or end it: `aether campaigns end {campaign_id}`.",
        )
    campaign = _campaign(activation)
    table = _exposures(workspace, activation)
    arms = control_first(activation.arm_probabilities)
    meta = exposure_meta(table, campaign_id, arms)
    split = buckets.split(table, workspace.settings.buckets)
    exposures = workspace.snapshots.write("exposures", split, meta=meta)
    raw = _raw(workspace, campaign, table)
    with workspace.control.write() as session:
        version = segments.get(session, activation.segment_id, activation.version)
        definitions.put_campaign(session, campaign)
        definitions.put_current(session, f"exposures@{campaign_id}", exposures.id)
        definitions.put_current(session, f"{PROFILES}@{campaign_id}", version.profiles_id)
        for name, identity in raw.items():
            definitions.put_current(session, name, identity)
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="campaign.learn",
            subject=campaign_id,
            detail={
                "exposures": exposures.id,
                "customers": table.num_rows,
                "outcomes": meta["outcomes"],
                "profiles": version.profiles_id,
                "raw": raw,
            },
        )
    return campaign


def _campaign(activation: Activation) -> Campaign:
    ended = min(activation.ends_at, activation.ended_at or activation.ends_at)
    return Campaign(
        campaign_id=activation.campaign_id,
        name=activation.name,
        started_at=activation.started_at,
        design=Design.RANDOMISED,
        channel=activation.channel,
        outcome_window_days=max(1, round((ended - activation.started_at).total_seconds() / 86_400)),
        arm_probabilities=dict(activation.arm_probabilities),
    )


def _exposures(workspace: Workspace, activation: Activation) -> pa.Table:
    """The eligible customers' rows, in the form of the raw table of exposures."""
    until = min(activation.ends_at, activation.ended_at or activation.ends_at)
    since = activation.started_at
    assigned = assigned_of(workspace, activation)
    with workspace.control.read() as session:
        reported = outcomes.names(session, since, until)
        sent = deliveries.first_sent(session, activation.campaign_id)
    measured = [
        one
        for one in workspace.outcomes().values()
        if one.name in reported or one.name == activation.outcome
    ]
    n = len(assigned.arm)
    values = np.column_stack(
        [outcome_of(workspace, assigned, one, since, until) for one in measured]
    )
    offsets = pa.array(np.arange(n + 1) * len(measured), pa.int32())
    names = pa.array([one.name for one in measured] * n, pa.string())
    every = everybody(workspace.snapshots.open(activation.assignments_id), [PROPENSITIES])
    chances = every.filter(pc.is_in(every.column("customer_id"), assigned.customer_id))
    place = pc.index_in(assigned.customer_id, sent.column("customer_id").combine_chunks())
    columns = {
        "campaign_id": pa.array([activation.campaign_id] * n, pa.string()),
        "customer_id": assigned.customer_id,
        "trigger": pa.array(assigned.arm, pa.string()),
        "propensities": chances.column(PROPENSITIES),
        "assigned_at": pa.array([since] * n, pa.timestamp("us", tz="UTC")),
        "sent_at": sent.column("sent_at").take(place),
        "outcomes": pa.MapArray.from_arrays(offsets, names, pa.array(values.ravel())).cast(
            PROBABILITIES
        ),
        "cluster_id": pa.nulls(n, pa.string()),
    }
    schema = RAW_TABLES["exposures"].columns
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def _raw(workspace: Workspace, campaign: Campaign, exposures: pa.Table) -> dict[str, str]:
    """The snapshots of the raw tables with the campaign added, where the workspace has raw tables:
    profiles made of them then know that these customers were addressed."""
    if not raw_tables(workspace).buckets:
        return {}
    told = campaign.model_dump() | {"audience": None}
    told |= {
        "design": campaign.design.value,
        "channel": campaign.channel and campaign.channel.value,
    }
    schema = RAW_TABLES["campaigns"].columns
    told["arm_probabilities"] = list((campaign.arm_probabilities or {}).items())
    row = pa.Table.from_pylist([{name: told[name] for name in schema.names}], schema)
    written = {
        "campaigns": upsert_table(workspace, "campaigns", row),
        "exposures": upsert_table(workspace, "exposures", exposures),
    }
    return {name: snapshot.id for name, snapshot in written.items() if snapshot is not None}
