"""Training: past campaigns -> learners -> honest evaluation -> scores, model card, audit row."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from domain.errors import BadRequest, NoEvidence
from domain.experiment import Campaign, Outcome, OutcomeKind
from domain.triggers import NO_TRIGGER
from storage import audit, models
from storage.models import ModelRecord
from storage.snapshots import Snapshot
from uplift.histograms import histograms_of
from uplift.learning import Learned, LearningSettings, learn
from uplift.methods import Method
from uplift.policy import Economics
from workflows.axiswitnesses import AxesThen, axes_then
from workflows.cardfacts import DataVersions, model_card
from workflows.choosing import choose_method
from workflows.clustertraining import cluster_training_rows
from workflows.covariatetrials import covariates_beside, try_covariates, without_covariates
from workflows.engine import DaskCluster, Engine
from workflows.modelfiles import keep_model
from workflows.modelscores import AIPW, ARM, CLUSTER, NET, score_columns, score_everybody
from workflows.policies import keep_policy
from workflows.profiling import Progress
from workflows.promotion import promote, show_model
from workflows.tracking import track
from workflows.trainingdata import (
    TrainingRows,
    choose_campaigns,
    find_outcome,
    training_rows,
    unchanged,
)
from workflows.workspace import PROFILES, Workspace


@dataclass(frozen=True)
class TrainingOptions:
    """`campaign` None chooses (see `choose_campaigns`), `method` None holds a tournament of
    learners; `n_jobs` are LightGBM's threads; `engine` makes profiles where they are not there
    yet and scores customers, and where it is a cluster, the rows that are learned from lie there;
    `clusters` tries the axes and the kept discoveries as covariates; `tracking_uri` names an MLflow
    store to log to."""

    campaign: str | None = None
    method: Method | None = Method.X
    seed: int = 0
    n_jobs: int = 2
    folds: int = 5
    engine: Engine | None = None
    clusters: bool = False
    tracking_uri: str | None = None


def outcomes_to_train(workspace: Workspace, name: str | None) -> tuple[Outcome, ...]:
    """The outcome named, or every outcome that the workspace maps."""
    if name is not None:
        return (find_outcome(workspace, name),)
    outcomes = tuple(workspace.outcomes().values())
    if not outcomes:
        raise NoEvidence(
            "The workspace has no campaign to learn from.",
            remedy="Import one: `aether import FILE --mapping MAP.toml --workspace W`.",
        )
    return outcomes


def train(
    workspace: Workspace,
    outcome: Outcome,
    options: TrainingOptions,
    *,
    progress: Progress = lambda share, message: None,
    actor: str = "cli",
) -> ModelRecord:
    """Learn one outcome, judge it on the reporting customers, score everybody, keep it all.

    The model is current afterwards if `promotion.RULE` allows it; its `ruling` says so. What
    became of a log in MLflow is in its `tracking`: a store that fails costs the log, not the model.
    Raises `NoEvidence` where the control or every trigger has too few customers or responders.
    """
    progress(0.02, "reading campaigns")
    campaigns = choose_campaigns(workspace, outcome, options.campaign)

    def read(share: float, message: str) -> None:
        progress(0.02 + 0.08 * share, message)

    then = axes_then(workspace, campaigns, engine=options.engine)
    with _rows(workspace, campaigns, outcome, options, then, read) as rows:
        learning = rows.dataset.take(~rows.reporting)
        economics, remarks = economics_of(workspace, outcome, rows.dataset.arms)
        choice = None
        if options.method is None:
            progress(0.05, "holding a tournament of learners")
            choice = choose_method(learning, economics, options.seed, options.n_jobs)
        method = choice.method if choice else options.method or Method.X
        settings = LearningSettings(
            folds=options.folds, seed=options.seed, n_jobs=options.n_jobs, method=method
        )
        trials = None
        if options.clusters:
            progress(0.08, "trying axes and clusters as covariates")
            trials = try_covariates(
                learning, method, economics, seed=options.seed, n_jobs=options.n_jobs
            )
            rows = without_covariates(rows, trials)
            learning = rows.dataset.take(~rows.reporting)
        reporting = rows.dataset.take(rows.reporting)
        progress(0.1, f"learning from {learning.n:,} exposures")
        learned = learn(learning, reporting, economics, settings, rows.features.rows_of)
        now = workspace.now()
        model_id = f"mdl-{outcome.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        evidence = _keep_evidence(workspace, learned, rows, model_id, then)
        histograms = histograms_of(rows.features.columns(learning))
        delivered = rows.features.delivered(learned.model, learning)

    profiles = workspace.current(PROFILES)

    def scored(done: int, total: int) -> None:
        progress(0.7 + 0.2 * done / total, f"scoring every customer, bucket {done} of {total}")

    scores = score_everybody(
        workspace, learned.model, profiles, model_id, engine=options.engine, done=scored
    )
    data = DataVersions(
        profiles=profiles.id,
        scores=scores.id,
        evidence=evidence.id,
        policy=keep_policy(workspace, learned, rows, model_id).id,
        exposures=_versions(workspace, "exposures", campaigns),
        campaign_profiles=_versions(workspace, PROFILES, campaigns),
    )
    progress(0.9, "writing the model card")
    card = model_card(
        model_id=model_id,
        made_at=now,
        outcome=outcome,
        campaigns=campaigns,
        features=histograms,
        delivered=delivered,
        learned=learned,
        tournament=choice,
        covariates=trials,
        settings=settings,
        economics=economics,
        currency=workspace.settings.currency,
        remarks=remarks,
        profiles=profiles,
        data=data,
    )
    keep_model(workspace, model_id, learned, card)
    with workspace.control.write() as session:
        models.add(
            session,
            ModelRecord(
                model_id, outcome.name, now, data.scores, data.evidence, data.policy, 1, card
            ),
        )
        audit.append(
            session,
            at=now,
            actor=actor,
            action="train",
            subject=model_id,
            detail={
                "outcome": outcome.name,
                "campaigns": [campaign.campaign_id for campaign in campaigns],
                "profiles": data.profiles,
                "scores": data.scores,
                "verdict": learned.evaluation.verdict,
            },
        )
    progress(0.95, "comparing it with the current model")
    promote(workspace, model_id, n_jobs=options.n_jobs, actor=actor)
    if options.tracking_uri:
        progress(0.97, "logging to MLflow")
        track(workspace, model_id, options.tracking_uri)
    progress(1.0, "done")
    return show_model(workspace, model_id)


def _rows(
    workspace: Workspace,
    campaigns: tuple[Campaign, ...],
    outcome: Outcome,
    options: TrainingOptions,
    then: AxesThen,
    progress: Progress,
) -> AbstractContextManager[TrainingRows]:
    if not isinstance(options.engine, DaskCluster):
        beside = covariates_beside(workspace, then) if options.clusters else unchanged
        rows = training_rows(
            workspace, campaigns, outcome, engine=options.engine, progress=progress, beside=beside
        )
        return nullcontext(rows)
    if options.clusters:
        raise BadRequest(
            "Axes and clusters are tried as covariates in one process.",
            remedy="Train without --clusters, or without a cluster of machines.",
            field="clusters",
        )
    if options.method is None:
        raise BadRequest(
            "A tournament of learners needs the features in one process.",
            remedy="Name a learner, or train without a cluster.",
            field="learner",
        )
    return cluster_training_rows(workspace, campaigns, outcome, options.engine, progress)


def economics_of(
    workspace: Workspace, outcome: Outcome, arms: tuple[str, ...]
) -> tuple[Economics, list[str]]:
    """What an outcome is worth and what the triggers cost, with remarks on what is not known."""
    catalogue = workspace.catalogue()
    triggers = [catalogue.require(key) for key in arms if key != NO_TRIGGER]
    remarks = []
    value = outcome.value
    if value is None and outcome.kind is OutcomeKind.MONEY:
        value = workspace.settings.margin_rate
        if value is None:
            value = 1.0
            remarks.append(
                "The workspace states no margin_rate, so revenue counts in full as value."
            )
    if value is None:
        remarks.append(
            f"What one {outcome.name} is worth is not stated, so net values are in units of the "
            "outcome and costs are not counted."
        )
    unknown = [t.key for t in triggers if t.unit_cost is None and t.redemption_cost is None]
    if unknown and value is not None:
        remarks.append(f"No cost is stated for {', '.join(unknown)}; it counts as 0.")
    return (
        Economics(
            value_per_unit=value,
            unit_cost=tuple(t.unit_cost or 0.0 for t in triggers),
            redemption_cost=tuple(t.redemption_cost or 0.0 for t in triggers),
        ),
        remarks,
    )


def _versions(workspace: Workspace, kind: str, campaigns: Sequence[Campaign]) -> dict[str, str]:
    return {c.campaign_id: workspace.current(f"{kind}@{c.campaign_id}").id for c in campaigns}


def _keep_evidence(
    workspace: Workspace, learned: Learned, rows: TrainingRows, model_id: str, then: AxesThen
) -> Snapshot:
    """AIPW scores of the reporting exposures, beside each customer's profile and axis memberships
    as of then and what the model says of it: what every later estimate is made from."""
    reporting = rows.dataset.take(rows.reporting)
    columns = {
        ARM: pa.array(reporting.arm),
        CLUSTER: pa.array(np.asarray(reporting.unit).astype(str), pa.string()),
        **score_columns(learned.model, learned.reporting_delivered),
    }
    for place, arm in enumerate(reporting.arms):
        columns[f"{AIPW}{arm}"] = pa.array(learned.reporting_scores[:, place])
        columns[f"{NET}{arm}"] = pa.array(learned.reporting_net_scores[:, place])

    campaign_ids = rows.campaign_ids[rows.reporting]

    def parts() -> Iterator[tuple[int, pa.Table]]:
        first = 0
        for place, table in enumerate(rows.features.reporting_profiles()):
            for name, column in columns.items():
                table = table.append_column(name, column.slice(first, table.num_rows))
            table = then.beside(table, campaign_ids[first : first + table.num_rows])
            first += table.num_rows
            yield place, table.sort_by("customer_id")

    meta: dict[str, Any] = {
        "model_id": model_id,
        "campaigns": [campaign.campaign_id for campaign in rows.campaigns],
        "arms": list(reporting.arms),
        "axes_version": then.version,
    }
    return workspace.snapshots.write("evidence", parts(), meta=meta)
