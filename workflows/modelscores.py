"""What a model says of customers, as columns beside their profiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from storage.models import ModelRecord
from storage.snapshots import Snapshot
from uplift.model import Scores, UpliftModel
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.workspace import PROFILES, Workspace

ARM, CLUSTER, BASELINE, AIPW, NET = "@arm", "@cluster", "@baseline", "@aipw_", "@net_"
"""Columns, and prefixes of columns, of scores and evidence that are no fields of the schema. No
field's name begins with `@`, so that a company's own column can't be taken for one."""


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
    workspace: Workspace, model: UpliftModel, profiles: Snapshot, model_id: str
) -> Snapshot:
    """A snapshot of every customer's scores, in the profiles' buckets."""
    schema = workspace.schema()
    levels = {name: list(known) for name, known in model.features.levels.items()}

    def scored() -> Iterator[tuple[int, pa.Table]]:
        for bucket in sorted(profiles.files):
            table = profiles.read(bucket)
            assert table is not None
            present = [schema[name] for name in table.column_names if name in schema]
            scores = model.score(feature_frame(table, present, levels))
            ids = table.column("customer_id")
            yield bucket, pa.table({"customer_id": ids, **score_columns(model, scores)})

    meta = {"model_id": model_id, "profiles_id": profiles.id}
    return workspace.snapshots.write("scores", scored(), meta=meta)


def current_scores(workspace: Workspace, record: ModelRecord, n_jobs: int = 2) -> Snapshot:
    """A model's scores of today's profiles: those it has, or made anew where profiles are newer.

    Raises BadFeature where the profiles lack a column that the model needs."""
    profiles = workspace.current(PROFILES)
    scores = workspace.snapshots.open(record.scores_id)
    if scores.meta.get("profiles_id") == profiles.id:
        return scores
    model = load_model(workspace, record.id, n_jobs)
    return score_everybody(workspace, model, profiles, record.id)
