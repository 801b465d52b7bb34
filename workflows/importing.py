"""A company's own experiment becomes a campaign, its exposures, and profiles as of its start.

Everything is checked before anything is written, and all that was written becomes current in
one transaction: after an error the workspace is as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.customer import STANDARD, Field
from domain.experiment import Campaign, Outcome
from storage import audit, buckets, definitions
from storage.snapshots import Snapshot
from uplift.design import DesignReport, check_design
from workflows.experiment import Experiment, read_experiment
from workflows.features import feature_frame
from workflows.mapping import ExperimentMapping
from workflows.trainingdata import exposure_meta
from workflows.workspace import PROFILES, Workspace


@dataclass(frozen=True)
class Imported:
    """What an import did, for a person to read."""

    campaign: Campaign
    rows: int
    arms: Mapping[str, int]
    fields: tuple[Field, ...]
    outcomes: tuple[Outcome, ...]
    design: DesignReport


def import_experiment(
    workspace: Workspace, path: Path, mapping: ExperimentMapping, *, actor: str = "cli"
) -> Imported:
    """Check and keep one experiment file; importing the same campaign again replaces it."""
    experiment = read_experiment(path, mapping, workspace)
    frame = feature_frame(experiment.profiles, experiment.fields)
    report = check_design(
        frame.drop(columns="customer_id", errors="ignore"),
        experiment.arm,
        experiment.arms,
        experiment.stated,
        experiment.campaign.design,
        seed=0,
    )
    campaign_id = experiment.campaign.campaign_id
    count = workspace.settings.buckets
    profiles = workspace.snapshots.write(
        "profiles",
        buckets.split(experiment.profiles, count),
        meta={"as_of": experiment.campaign.started_at.isoformat()},
    )
    exposures = workspace.snapshots.write(
        "exposures",
        buckets.split(experiment.exposures, count),
        meta=exposure_meta(experiment.exposures, campaign_id, experiment.arms),
    )
    newest = _newest_profiles(workspace, campaign_id, experiment, profiles)
    with workspace.control.write() as session:
        definitions.put_campaign(session, experiment.campaign)
        definitions.put_triggers(session, experiment.triggers)
        definitions.put_fields(session, [f for f in experiment.fields if f.name not in STANDARD])
        definitions.put_outcomes(session, experiment.outcomes)
        definitions.put_current(session, f"{PROFILES}@{campaign_id}", profiles.id)
        definitions.put_current(session, f"exposures@{campaign_id}", exposures.id)
        definitions.put_current(session, PROFILES, newest.id)
        definitions.put_document(session, f"design:{campaign_id}", report.to_json())
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="import",
            subject=campaign_id,
            detail={
                "file": path.name,
                "rows": experiment.exposures.num_rows,
                "profiles": profiles.id,
                "exposures": exposures.id,
                "warnings": list(report.warnings),
            },
        )
    sizes = np.bincount(experiment.arm, minlength=len(experiment.arms))
    return Imported(
        experiment.campaign,
        experiment.exposures.num_rows,
        dict(zip(experiment.arms, sizes.tolist(), strict=True)),
        experiment.fields,
        experiment.outcomes,
        report,
    )


def _newest_profiles(
    workspace: Workspace, campaign_id: str, experiment: Experiment, written: Snapshot
) -> Snapshot:
    """The newest row of every customer over all imported campaigns."""
    others = [c for c in workspace.campaigns() if c.campaign_id != campaign_id]
    if not others:
        return written
    started = experiment.campaign.started_at
    tables = [(started, experiment.profiles)]
    with workspace.control.read() as session:
        current = definitions.current(session)
    for campaign in others:
        identity = current.get(f"{PROFILES}@{campaign.campaign_id}")
        if identity is not None:
            tables.append((campaign.started_at, workspace.snapshots.open(identity).table()))
    tables.sort(key=lambda pair: pair[0], reverse=True)
    seen: set[str] = set()
    kept = []
    for _, table in tables:
        fresh = [i for i in table.column("customer_id").to_pylist() if i not in seen]
        mask = pc.is_in(table.column("customer_id"), pa.array(fresh, pa.string()))
        kept.append(table.filter(mask))
        seen.update(fresh)
    merged = pa.concat_tables(kept, promote_options="permissive")
    return workspace.snapshots.write(
        "profiles",
        buckets.split(merged, workspace.settings.buckets),
        meta={"as_of": max(moment for moment, _ in tables).isoformat()},
    )
