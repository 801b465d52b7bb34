"""Training: past campaigns -> learners -> honest evaluation -> scores, model card, audit row."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from domain.errors import NoEvidence
from domain.experiment import Outcome, OutcomeKind
from domain.triggers import NO_TRIGGER
from storage import audit, models
from storage.models import ModelRecord
from storage.snapshots import Snapshot
from uplift.groups import EffectGroups
from uplift.learning import Learned, LearningSettings, learn
from uplift.methods import Method
from uplift.model import Scores, UpliftModel
from uplift.policy import Economics
from workflows.cards import card_page
from workflows.choosing import choose_method
from workflows.engine import Engine
from workflows.features import feature_frame
from workflows.trainingdata import TrainingRows, choose_campaigns, find_outcome, training_rows
from workflows.workspace import PROFILES, Workspace

Progress = Callable[[float, str], None]

ARM, CLUSTER, BASELINE, AIPW, NET = "@arm", "@cluster", "@baseline", "@aipw_", "@net_"
"""Columns, and prefixes of columns, of scores and evidence that are no fields of the schema. No
field's name begins with `@`, so that a company's own column can't be taken for one."""


@dataclass(frozen=True)
class TrainingOptions:
    """`campaign` None chooses (see `choose_campaigns`), `method` None holds a tournament of
    learners; `n_jobs` are LightGBM's threads; `engine` makes profiles where they are not there
    yet."""

    campaign: str | None = None
    method: Method | None = Method.X
    seed: int = 0
    n_jobs: int = 2
    folds: int = 5
    engine: Engine | None = None


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

    Raises `NoEvidence` where the control or every trigger has too few customers or responders.
    """
    progress(0.02, "reading campaigns")
    campaigns = choose_campaigns(workspace, outcome, options.campaign)
    rows = training_rows(workspace, campaigns, outcome, engine=options.engine)
    learning, reporting = rows.dataset.take(~rows.reporting), rows.dataset.take(rows.reporting)
    economics, remarks = economics_of(workspace, outcome, rows.dataset.arms)
    choice = None
    if options.method is None:
        progress(0.05, "holding a tournament of learners")
        choice = choose_method(learning, economics, options.seed, options.n_jobs)
    progress(0.1, f"learning from {learning.n:,} exposures")
    method = choice.method if choice else options.method or Method.X
    settings = LearningSettings(
        folds=options.folds, seed=options.seed, n_jobs=options.n_jobs, method=method
    )
    learned = learn(learning, reporting, economics, settings)

    now = workspace.now()
    model_id = f"mdl-{outcome.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    progress(0.7, "scoring every customer")
    profiles = workspace.current(PROFILES)
    scores = _score_everybody(workspace, learned.model, profiles, model_id)
    evidence = _keep_evidence(workspace, learned, rows, model_id)
    card = {
        "model_id": model_id,
        "outcome": outcome.model_dump(mode="json"),
        "campaigns": [campaign.model_dump(mode="json") for campaign in campaigns],
        "created_at": now.isoformat(),
        "profiles_id": profiles.id,
        "exposures_ids": [workspace.current(f"exposures@{c.campaign_id}").id for c in campaigns],
        "currency": workspace.settings.currency,
        "options": {"seed": options.seed, "folds": options.folds},
        "features": list(rows.dataset.X.columns),
        "tournament": None if choice is None else choice.to_json(),
        "economics": economics.to_json(),
        "remarks": remarks,
        "profile_scores": {
            "evaluations": profiles.meta.get("scores", {}),
            "without": profiles.meta.get("unscored", {}),
        },
        "evaluation": learned.evaluation.to_json(),
    }
    progress(0.9, "writing the model card")
    _keep_model(workspace.root / "models", model_id, learned, card)
    record = ModelRecord(model_id, outcome.name, True, now, scores.id, evidence.id, 1, card)
    with workspace.control.write() as session:
        models.add(session, record)
        audit.append(
            session,
            at=now,
            actor=actor,
            action="train",
            subject=model_id,
            detail={
                "outcome": outcome.name,
                "campaigns": [campaign.campaign_id for campaign in campaigns],
                "profiles": profiles.id,
                "scores": scores.id,
                "verdict": learned.evaluation.verdict,
            },
        )
    progress(1.0, "done")
    return record


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


def list_models(workspace: Workspace) -> list[ModelRecord]:
    """Every model, the oldest first."""
    with workspace.control.read() as session:
        return models.listed(session)


def load_model(workspace: Workspace, model_id: str, n_jobs: int = 2) -> UpliftModel:
    return UpliftModel.load(workspace.root / "models" / model_id, n_jobs=n_jobs)


def load_groups(workspace: Workspace, model_id: str) -> EffectGroups:
    path = workspace.root / "models" / model_id / "groups.json"
    return EffectGroups.from_json(json.loads(path.read_text("utf-8")))


def score_columns(model: UpliftModel, scores: Scores) -> dict[str, pa.Array]:
    """Scores as the columns that criteria name; a trigger that was not judged has no column."""
    columns: dict[str, pa.Array] = {}
    for place, trigger in enumerate(model.arms[1:]):
        if trigger in model.judged:
            columns[f"uplift_score_for_{trigger}"] = pa.array(scores.effects[:, place])
            columns[f"net_value_for_{trigger}"] = pa.array(scores.net_values[:, place])
    arms = np.asarray(model.arms, dtype=object)
    columns["best_trigger"] = pa.array(arms[scores.best], pa.string())
    columns[BASELINE] = pa.array(scores.baseline)
    return columns


def _score_everybody(
    workspace: Workspace, model: UpliftModel, profiles: Snapshot, model_id: str
) -> Snapshot:
    schema = workspace.schema()

    def scored() -> Iterator[tuple[int, pa.Table]]:
        for bucket in sorted(profiles.files):
            table = profiles.read(bucket)
            assert table is not None
            present = [schema[name] for name in table.column_names if name in schema]
            scores = model.score(feature_frame(table, present))
            ids = table.column("customer_id")
            yield bucket, pa.table({"customer_id": ids, **score_columns(model, scores)})

    return workspace.snapshots.write("scores", scored(), meta={"model_id": model_id})


def _keep_evidence(
    workspace: Workspace, learned: Learned, rows: TrainingRows, model_id: str
) -> Snapshot:
    """AIPW scores of the reporting exposures, beside each customer's profile as of then and what
    the model says of it: what every later estimate is made from."""
    reporting = rows.dataset.take(rows.reporting)
    columns = {
        ARM: pa.array(reporting.arm),
        CLUSTER: pa.array(np.asarray(reporting.unit).astype(str), pa.string()),
        **score_columns(learned.model, learned.reporting_delivered),
    }
    for place, arm in enumerate(reporting.arms):
        columns[f"{AIPW}{arm}"] = pa.array(learned.reporting_scores[:, place])
        columns[f"{NET}{arm}"] = pa.array(learned.reporting_net_scores[:, place])
    table = rows.profiles.filter(pa.array(rows.reporting))
    for name, column in columns.items():
        table = table.append_column(name, column)
    meta: dict[str, Any] = {
        "model_id": model_id,
        "campaigns": [campaign.campaign_id for campaign in rows.campaigns],
        "arms": list(reporting.arms),
    }
    return workspace.snapshots.write("evidence", [(0, table.sort_by("customer_id"))], meta=meta)


def _keep_model(folder: Path, model_id: str, learned: Learned, card: dict[str, Any]) -> None:
    temporary = folder / f".writing-{model_id}"
    temporary.mkdir(parents=True)
    try:
        learned.model.save(temporary)
        groups = json.dumps(learned.groups.to_json(), indent=1)
        (temporary / "groups.json").write_text(groups, encoding="utf-8")
        (temporary / "card.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
        (temporary / "card.html").write_text(card_page(card), encoding="utf-8")
        temporary.rename(folder / model_id)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
