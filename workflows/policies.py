"""What a model would have chosen for its learning customers, out of fold: kept so that a later
model can be compared with it on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from storage import buckets
from storage.snapshots import Snapshot
from uplift.dataset import FloatArray
from uplift.learning import Learned
from workflows.modelscores import CLUSTER, NET
from workflows.trainingdata import TrainingRows
from workflows.workspace import Workspace

CHOICE = "@choice"


@dataclass(frozen=True)
class Policy:
    """A model's learning rows (n,): whose they are, the arm chosen out of fold by its name, and the
    out-of-fold AIPW scores (n, arms) of the net value of each of `arms`."""

    campaign_id: NDArray[Any]
    customer_id: NDArray[Any]
    unit: NDArray[Any]
    choice: NDArray[Any]
    net_scores: FloatArray
    arms: tuple[str, ...]

    @classmethod
    def read(cls, snapshot: Snapshot) -> Self:
        """What `keep_policy` wrote."""
        table = snapshot.table()
        arms = tuple(snapshot.meta["arms"])

        def texts(name: str) -> NDArray[Any]:
            return np.asarray(table.column(name).to_numpy(zero_copy_only=False))

        return cls(
            texts("campaign_id"),
            texts("customer_id"),
            texts(CLUSTER),
            texts(CHOICE),
            np.column_stack([table.column(f"{NET}{arm}").to_numpy() for arm in arms]),
            arms,
        )

    def places_in(self, other: Policy) -> NDArray[np.int64]:
        """(n,) where each row of this policy stands in the other, -1 where it does not."""
        mine, others = self._keys(), other._keys()
        return np.asarray(others.get_indexer(mine), dtype=np.int64)

    def _keys(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_arrays([self.campaign_id, self.customer_id])


def keep_policy(
    workspace: Workspace, learned: Learned, rows: TrainingRows, model_id: str
) -> Snapshot:
    """A snapshot of the learning rows' policy, in the workspace's buckets."""
    learning = ~rows.reporting
    dataset = rows.dataset.take(learning)
    arms = np.asarray(dataset.arms, dtype=object)
    columns = {
        "campaign_id": pa.array(rows.campaign_ids[learning], pa.string()),
        "customer_id": pa.array(dataset.customer_id.astype(str), pa.string()),
        CLUSTER: pa.array(np.asarray(dataset.unit).astype(str), pa.string()),
        CHOICE: pa.array(arms[learned.learning_choice], pa.string()),
    }
    for place, arm in enumerate(dataset.arms):
        columns[f"{NET}{arm}"] = pa.array(learned.learning_net_scores[:, place])
    split = buckets.split(pa.table(columns), workspace.settings.buckets)
    meta = {"model_id": model_id, "arms": list(dataset.arms)}
    return workspace.snapshots.write("policy", split, meta=meta)
