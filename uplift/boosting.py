"""LightGBM on rows that are binned once: every model trains on a subset of the same bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from uplift.dataset import FloatArray, IntArray


@dataclass(frozen=True)
class Shape:
    """The capacity of one boosted model.

    Few leaves are the point: an effect is a small signal in a large noise, and deep trees spend
    their splits on the noise. `rows` is the least number of rows in a leaf.
    """

    leaves: int = 4
    rounds: int = 100
    rate: float = 0.08
    rows: int = 200
    bins: int = 63

    def parameters(self, seed: int, n_jobs: int) -> dict[str, Any]:
        """LightGBM's own parameters, deterministic for a seed."""
        return {
            "objective": "regression",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": self.rows,
            "min_sum_hessian_in_leaf": 0.0,
            "max_bin": self.bins,
            "cat_smooth": 20.0,
            "seed": seed,
            "num_threads": n_jobs,
            "deterministic": True,
            "force_col_wise": True,
            "feature_pre_filter": False,
            "verbosity": -1,
        }


class BinnedRows:
    """A float32 matrix (n, features) binned once by LightGBM, NaN and categories as they are.

    `categorical` are the places of columns that hold codes. The matrix itself is kept, by
    reference, for predictions.
    """

    def __init__(
        self,
        matrix: NDArray[np.float32],
        categorical: tuple[int, ...],
        bins: int,
        n_jobs: int,
    ) -> None:
        self.matrix = matrix
        self._dataset = lgb.Dataset(
            matrix,
            categorical_feature=list(categorical),
            params={
                "max_bin": bins,
                "min_data_in_bin": 3,
                "feature_pre_filter": False,
                "num_threads": n_jobs,
                "verbosity": -1,
            },
            free_raw_data=True,
        ).construct()

    def subset(self, rows: IntArray) -> lgb.Dataset:
        """The bins of the rows (ascending), ready for labels.

        Constructed at once, because a label that is set before is lost to the reference's.
        """
        return self._dataset.subset(rows.tolist()).construct()


def fit_booster(
    subset: lgb.Dataset,
    label: FloatArray,
    weight: FloatArray | None,
    shape: Shape,
    seed: int,
    n_jobs: int,
) -> lgb.Booster:
    """One regression by least squares on a subset of binned rows.

    Least squares even for a 0/1 outcome, because the effect is a difference of means.
    """
    subset.set_label(label.astype(np.float32))
    subset.set_weight(None if weight is None else weight.astype(np.float32))
    return lgb.train(shape.parameters(seed, n_jobs), subset, num_boost_round=shape.rounds)
