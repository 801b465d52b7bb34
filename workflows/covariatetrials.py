"""Axes and clusters tried as covariates of a training, on its learning rows alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from domain.clusters import PREFIX, ClusterField
from domain.customer import AXIS
from uplift.covariates import Trials, try_blocks
from uplift.dataset import UpliftDataset
from uplift.methods import Method
from uplift.policy import Economics
from workflows.axiswitnesses import AxesThen
from workflows.covariates import AXES, CLUSTERS, with_clusters
from workflows.trainingdata import Beside, TrainingRows
from workflows.workspace import Workspace


def covariates_beside(workspace: Workspace, then: AxesThen) -> Beside:
    """What adds the memberships and clusters of training rows, as of their campaigns' starts."""
    schema = workspace.schema()
    kept = [field for field in schema.values() if isinstance(field, ClusterField)]

    def beside(profiles: pa.Table, campaign_ids: NDArray[Any]) -> pa.Table:
        return then.beside(with_clusters(profiles, kept, schema), campaign_ids)

    return beside


def blocks_of(data: UpliftDataset) -> dict[str, list[str]]:
    """The covariates among the columns of X, by block."""
    blocks = {
        name: [str(column) for column in data.X.columns if str(column).startswith(prefix)]
        for name, prefix in ((AXES, AXIS), (CLUSTERS, PREFIX))
    }
    return {name: columns for name, columns in blocks.items() if columns}


def try_covariates(
    learning: UpliftDataset, method: Method, economics: Economics, *, seed: int, n_jobs: int
) -> Trials:
    """Whether the covariates among X are worth learning from; see `uplift.covariates`."""
    return try_blocks(learning, blocks_of(learning), method, economics, seed=seed, n_jobs=n_jobs)


def without_covariates(rows: TrainingRows, trials: Trials) -> TrainingRows:
    """The rows with the covariates that were kept, and no others."""
    blocks = blocks_of(rows.dataset)
    dropped = [name for block in blocks if block not in trials.kept for name in blocks[block]]
    X = rows.dataset.X.drop(columns=dropped)
    return replace(rows, dataset=replace(rows.dataset, X=X))


def said_of_covariates(found: Mapping[str, Any]) -> str:
    """What a card's trials say, in one sentence."""
    if not found["trials"]:
        return (
            "There were no axes and no kept discoveries to learn from: run `aether axes cluster`, "
            "or `aether discover keep`."
        )
    best = found["trials"][0]
    named = " and ".join(best["blocks"])
    basis = f"out of fold on {found['rows']:,} learning rows"
    if not found["kept"]:
        return f"Left out: with {named} the value falls {basis}."
    sure = "more than noise" if best["gain"]["low"] > 0 else "within noise"
    return f"Kept: {named}; the value does not fall {basis} (the difference is {sure})."
