"""A company's own experiment becomes a campaign, its exposures, and profiles as of its start.

Everything is checked before anything is written, and all that was written becomes current in
one transaction: after an error the workspace is as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from domain.customer import STANDARD, Field
from domain.errors import BadData
from domain.experiment import Campaign, Outcome
from domain.triggers import CATALOGUE
from storage import audit, buckets, definitions
from storage.snapshots import Snapshot
from uplift.design import DesignReport, check_design
from workflows.attributes import has_fields, write_beside
from workflows.experiment import Experiment, read_experiment
from workflows.features import feature_frame
from workflows.mapping import ExperimentMapping
from workflows.profiling import ATTRIBUTES, raw_tables, write_profiles
from workflows.returned import without_erased_customers
from workflows.trainingdata import exposure_meta
from workflows.workspace import PROFILES, SETTINGS_FILE, Clock, Workspace, utc_now


@dataclass(frozen=True)
class Imported:
    """What an import did, for a person to read."""

    campaign: Campaign
    rows: int
    arms: Mapping[str, int]
    fields: tuple[Field, ...]
    outcomes: tuple[Outcome, ...]
    design: DesignReport
    erased: int = 0
    """Rows of erased persons, which stayed out."""


def import_file(
    root: Path,
    path: Path,
    mapping: ExperimentMapping,
    *,
    database_url: str | None = None,
    now: Clock = utc_now,
    actor: str = "cli",
) -> tuple[Workspace, Imported]:
    """Check one experiment file, and only then keep it in the workspace, made if it is not there:
    a file that is refused leaves no folder behind."""
    if (root / SETTINGS_FILE).exists():
        workspace = Workspace.open(root, database_url=database_url, now=now)
        return workspace, import_experiment(workspace, path, mapping, actor=actor)
    experiment = read_experiment(path, mapping, CATALOGUE, now())
    report = _check(experiment, experiment.profiles, experiment.fields)
    workspace = Workspace.create(root, database_url=database_url, now=now)
    return workspace, _keep(workspace, experiment, report, path, actor)


def import_experiment(
    workspace: Workspace, path: Path, mapping: ExperimentMapping, *, actor: str = "cli"
) -> Imported:
    """Check and keep one experiment file; importing the same campaign again replaces it."""
    described = bool(raw_tables(workspace).buckets)
    experiment = read_experiment(
        path, mapping, workspace.catalogue(), workspace.now(), described=described
    )
    experiment, erased = without_erased_customers(workspace, experiment)
    if described:
        done = _keep_beside_tables(workspace, experiment, path, actor, erased)
    else:
        report = _check(experiment, experiment.profiles, experiment.fields)
        done = _keep(workspace, experiment, report, path, actor, erased)
    return replace(done, erased=erased)


def _check(experiment: Experiment, profiles: pa.Table, fields: Iterable[Field]) -> DesignReport:
    """The design check on profiles (n) in the order of the experiment's rows."""
    return check_design(
        feature_frame(profiles, fields),
        experiment.arm,
        experiment.arms,
        experiment.stated,
        experiment.campaign.design,
        seed=0,
    )


def _keep(
    workspace: Workspace,
    experiment: Experiment,
    report: DesignReport,
    path: Path,
    actor: str,
    erased: int = 0,
) -> Imported:
    campaign_id = experiment.campaign.campaign_id
    count = workspace.settings.buckets
    others = _other_profiles(workspace, campaign_id)
    _require_same_types(experiment, [table for _, table in others])
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
    newest = _newest_profiles(workspace, others, experiment, profiles)
    with workspace.control.write() as session:
        _note(session, workspace, experiment, report, path, actor, erased, exposures, profiles)
        definitions.put_current(session, f"{PROFILES}@{campaign_id}", profiles.id)
        definitions.put_current(session, f"{ATTRIBUTES}@{campaign_id}", profiles.id)
        definitions.put_current(session, PROFILES, newest.id)
    return _imported(experiment, report)


def _keep_beside_tables(
    workspace: Workspace, experiment: Experiment, path: Path, actor: str, erased: int
) -> Imported:
    """Where the workspace has raw tables, profiles as of the campaign's start are made from them,
    and what the file says of customers is laid beside."""
    campaign_id = experiment.campaign.campaign_id
    count, store = workspace.settings.buckets, workspace.snapshots
    attributes = store.write(
        ATTRIBUTES, buckets.split(experiment.profiles, count), meta={"campaign_id": campaign_id}
    )
    exposures = store.write(
        "exposures",
        buckets.split(experiment.exposures, count),
        meta=exposure_meta(experiment.exposures, campaign_id, experiment.arms),
    )
    then = write_profiles(workspace, experiment.campaign.started_at)
    newest = workspace.current(PROFILES)
    if has_fields(attributes):
        then = write_beside(store, then, attributes, count)
        newest = write_beside(store, newest, attributes, count)
    known = then.table()
    place = pc.index_in(experiment.profiles.column("customer_id"), known.column("customer_id"))
    schema = workspace.schema().with_fields(experiment.fields)
    fields = [schema[name] for name in known.column_names if name in schema]
    report = _check(experiment, known.take(place), fields)
    with workspace.control.write() as session:
        _note(session, workspace, experiment, report, path, actor, erased, exposures, attributes)
        definitions.put_current(session, f"{ATTRIBUTES}@{campaign_id}", attributes.id)
        definitions.put_current(session, f"{PROFILES}@{campaign_id}", then.id)
        definitions.put_current(session, PROFILES, newest.id)
    return _imported(experiment, report)


def _note(
    session: Session,
    workspace: Workspace,
    experiment: Experiment,
    report: DesignReport,
    path: Path,
    actor: str,
    erased: int,
    exposures: Snapshot,
    profiles: Snapshot,
) -> None:
    """The rows that every import of an experiment adds, in the caller's transaction."""
    campaign_id = experiment.campaign.campaign_id
    definitions.put_campaign(session, experiment.campaign)
    definitions.put_triggers(session, experiment.triggers)
    definitions.put_fields(session, [f for f in experiment.fields if f.name not in STANDARD])
    known = {outcome.name: outcome for outcome in definitions.outcomes(session)}
    definitions.put_outcomes(session, [_with_value(o, known) for o in experiment.outcomes])
    definitions.put_current(session, f"exposures@{campaign_id}", exposures.id)
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
            "erased": erased,
            "profiles": profiles.id,
            "exposures": exposures.id,
            "warnings": list(report.warnings),
        },
    )


def _with_value(outcome: Outcome, known: Mapping[str, Outcome]) -> Outcome:
    """A mapping that does not say what an outcome is worth leaves what was said before."""
    before = known.get(outcome.name)
    if before is None or outcome.value is not None:
        return outcome
    return outcome.model_copy(update={"value": before.value})


def _imported(experiment: Experiment, report: DesignReport) -> Imported:
    sizes = np.bincount(experiment.arm, minlength=len(experiment.arms))
    return Imported(
        experiment.campaign,
        experiment.exposures.num_rows,
        dict(zip(experiment.arms, sizes.tolist(), strict=True)),
        experiment.fields,
        experiment.outcomes,
        report,
    )


def _other_profiles(workspace: Workspace, campaign_id: str) -> list[tuple[datetime, pa.Table]]:
    """The profiles imported with every other campaign, and when it started."""
    with workspace.control.read() as session:
        current = definitions.current(session)
    return [
        (campaign.started_at, workspace.snapshots.open(current[name]).table())
        for campaign in workspace.campaigns()
        for name in [f"{PROFILES}@{campaign.campaign_id}"]
        if campaign.campaign_id != campaign_id and name in current
    ]


def _require_same_types(experiment: Experiment, others: list[pa.Table]) -> None:
    """A field is of one type in all campaigns, or its criteria would mean nothing."""
    for table in others:
        for name in experiment.profiles.column_names:
            if name not in table.column_names:
                continue
            kind, known = experiment.profiles.column(name).type, table.column(name).type
            if kind != known:
                raise BadData(
                    f"The field {name!r} is {kind} here, but {known} in another campaign.",
                    remedy="State its type in the mapping, or give it another name there.",
                    field=name,
                )


def _newest_profiles(
    workspace: Workspace,
    others: list[tuple[datetime, pa.Table]],
    experiment: Experiment,
    written: Snapshot,
) -> Snapshot:
    """The newest row of every customer over all imported campaigns."""
    if not others:
        return written
    tables = [(experiment.campaign.started_at, experiment.profiles), *others]
    tables.sort(key=lambda pair: pair[0], reverse=True)
    seen = pa.array([], pa.string())
    kept = []
    for _, table in tables:
        ids = table.column("customer_id")
        kept.append(table.filter(pc.invert(pc.is_in(ids, value_set=seen))))
        seen = pa.concat_arrays([seen, *ids.chunks])
    merged = pa.concat_tables(kept, promote_options="permissive")
    return workspace.snapshots.write(
        "profiles",
        buckets.split(merged, workspace.settings.buckets),
        meta={"as_of": max(moment for moment, _ in tables).isoformat()},
    )
