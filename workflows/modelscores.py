"""What a model says of customers, as columns beside their profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from domain.customer import Field
from storage.models import ModelRecord
from storage.snapshots import Snapshot
from uplift.model import Scores, UpliftModel
from workflows.covariates import Covariates, covariates_today, require_same_axes
from workflows.engine import Engine, InProcess, Processes, map_buckets
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.workspace import PROFILES, Workspace

ARM, CLUSTER, BASELINE, AIPW, NET = "@arm", "@cluster", "@baseline", "@aipw_", "@net_"
"""Columns, and prefixes of columns, of scores and evidence that are no fields of the schema. No
field's name begins with `@`, so that a company's own column can't be taken for one."""

WORTH_PROCESSES = 500_000
"""Customers from which on a pool of processes scores them faster than it starts."""


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


def score_everybody(
    workspace: Workspace,
    model: UpliftModel,
    profiles: Snapshot,
    model_id: str,
    *,
    engine: Engine | None = None,
    done: Callable[[int, int], None] = lambda count, total: None,
) -> Snapshot:
    """A snapshot of every customer's scores, in the profiles' buckets, a bucket at a time wherever
    the engine is."""
    engine = engine or InProcess()
    if isinstance(engine, Processes) and profiles.rows < WORTH_PROCESSES:
        engine = InProcess()
    threads = model.n_jobs if isinstance(engine, InProcess) else 1
    known = tuple(workspace.schema().values())
    folder = workspace.root.absolute() / "models"
    folder.mkdir(exist_ok=True)
    covariates = covariates_today(workspace, model.features.names)
    meta = {"model_id": model_id, "profiles_id": profiles.id}
    if covariates.axes_id is not None:
        meta["axes_id"] = covariates.axes_id
    with (
        TemporaryDirectory(dir=folder, prefix=".scoring-") as saved,
        workspace.snapshots.draft("scores", meta=meta) as draft,
    ):
        model.save(Path(saved))
        one = partial(_score_bucket, profiles, covariates, known, Path(saved), threads)
        for bucket, made in map_buckets(engine, one, sorted(profiles.files), done):
            draft.add(bucket, made["scores"])
        return draft.finish()


def _score_bucket(
    profiles: Snapshot,
    covariates: Covariates,
    known: tuple[Field, ...],
    folder: Path,
    threads: int,
    bucket: int,
) -> dict[str, pa.Table]:
    model = replace(_loaded(folder), n_jobs=threads)
    table = profiles.read(bucket)
    assert table is not None
    table = covariates.beside(table, bucket, threads)
    levels = {name: list(texts) for name, texts in model.features.levels.items()}
    scores = model.score(feature_frame(table, known, levels))
    ids = table.column("customer_id")
    return {"scores": pa.table({"customer_id": ids, **score_columns(model, scores)})}


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> UpliftModel:
    """A model, loaded once for all buckets that this process is given."""
    return UpliftModel.load(folder)


def current_scores(workspace: Workspace, record: ModelRecord, n_jobs: int = 2) -> Snapshot:
    """A model's scores of today's profiles: those it has, or made anew where profiles are newer.

    Raises NotFound where the model can't be read (it is of an older format, or gone), BadFeature
    where the profiles lack a column that it needs: such a model can't be current. Raises NoEvidence
    for a model that learned from axes which were clustered anew since."""
    require_same_axes(workspace, record)
    model = load_model(workspace, record.id, n_jobs)
    profiles = workspace.current(PROFILES)
    scores = workspace.snapshots.open(record.scores_id)
    axes_id = covariates_today(workspace, model.features.names).axes_id
    if scores.meta.get("profiles_id") == profiles.id and scores.meta.get("axes_id") == axes_id:
        return scores
    return score_everybody(workspace, model, profiles, record.id)
