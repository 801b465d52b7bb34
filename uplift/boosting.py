"""LightGBM on rows that are binned once: every model trains on a subset of the same bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from uplift.dataset import FloatArray, IntArray
from uplift.scoring import Forest

MANY = 1_000_000
"""From so many rows on, LightGBM builds histograms row by row, which reads less memory; below,
column by column, which needs no second copy of the bins and does not depend on the threads."""


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
    ridge: float = 0.0

    def parameters(
        self, seed: int, n_jobs: int, rows: int, usable: Sequence[bool]
    ) -> dict[str, Any]:
        """LightGBM's own parameters for so many rows, deterministic for a seed; `usable` says of
        each column whether trees may split on it."""
        parameters = {
            "objective": "regression",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": self.rows,
            "min_sum_hessian_in_leaf": 0.0,
            "lambda_l2": self.ridge,
            "max_bin": self.bins,
            "cat_smooth": 20.0,
            "seed": seed,
            "num_threads": n_jobs,
            "deterministic": True,
            "force_row_wise" if rows >= MANY else "force_col_wise": True,
            "feature_pre_filter": False,
            "verbosity": -1,
        }
        if not all(usable):
            # A gain multiplied by 0 is never a split; the bins stay those that all models share.
            parameters["feature_contri"] = [float(one) for one in usable]
        return parameters


class Scored(Protocol):
    """Rows of features that can be scored, wherever they lie."""

    def score(self, boosters: Sequence[lgb.Booster], index: IntArray | None = None) -> FloatArray:
        """Predictions (rows, boosters) of all rows, or of those of `index` in its order."""
        ...


class Rows(Scored, Protocol):
    """Rows that can also be trained on.

    `context` are the places of columns that describe the campaign rather than the customer:
    outcome models may use them, effect models may not.
    """

    @property
    def context(self) -> tuple[int, ...]:
        """Places of the columns that effect models are blind to."""
        ...

    def fit(
        self,
        index: IntArray,
        label: FloatArray,
        weight: FloatArray | None,
        shape: Shape,
        seed: int,
        blind: tuple[int, ...] = (),
    ) -> lgb.Booster:
        """One regression by least squares on the rows `index` (ascending); `label` and `weight`
        (len(index),) are theirs. Columns at the places `blind` are not used."""
        ...


class ScoredRows:
    """A float32 matrix (n, features) to score, NaN and categories as they are."""

    def __init__(self, matrix: NDArray[np.float32], n_jobs: int = 1) -> None:
        self.matrix = matrix
        self.n_jobs = n_jobs

    def score(self, boosters: Sequence[lgb.Booster], index: IntArray | None = None) -> FloatArray:
        """Predictions (rows, boosters) of all rows, or of those of `index` in its order."""
        return Forest.of(boosters).score(self.matrix, index, self.n_jobs)


class BinnedRows(ScoredRows):
    """A float32 matrix (n, features) binned once by LightGBM; every model trains on a subset.

    `categorical` are the places of columns that hold codes, `context` those of columns that
    effect models are blind to. The matrix itself is kept, by reference, for predictions.
    """

    def __init__(
        self,
        matrix: NDArray[np.float32],
        categorical: tuple[int, ...],
        bins: int,
        n_jobs: int,
        context: tuple[int, ...] = (),
    ) -> None:
        super().__init__(matrix, n_jobs)
        self.context = context
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

    def fit(
        self,
        index: IntArray,
        label: FloatArray,
        weight: FloatArray | None,
        shape: Shape,
        seed: int,
        blind: tuple[int, ...] = (),
    ) -> lgb.Booster:
        """One regression by least squares on the rows `index` (ascending), see `Rows.fit`.

        Least squares even for a 0/1 outcome, because the effect is a difference of means. The
        subset is constructed at once: a label that is set before is lost to the reference's.
        """
        subset = self._dataset.subset([])
        # An array: LightGBM takes it as well, and a list of millions of ints would dwarf the bins.
        subset.used_indices = index.astype(np.int32)  # type: ignore[assignment]
        subset.construct()
        subset.set_label(label.astype(np.float32))
        subset.set_weight(None if weight is None else weight.astype(np.float32))
        usable = [place not in blind for place in range(self.matrix.shape[1])]
        parameters = shape.parameters(seed, self.n_jobs, len(index), usable)
        return lgb.train(parameters, subset, num_boost_round=shape.rounds)


def summed(first: lgb.Booster, second: lgb.Booster) -> lgb.Booster:
    """One booster that predicts the sum of two regressions on the same features."""
    head, tail = first.model_to_string().split("\nTree=0\n", 1)
    end = "\nend of trees"
    trees = [
        block.split("\n", 1)[1].strip("\n")
        for booster in (first, second)
        for block in booster.model_to_string().split(end, 1)[0].split("\nTree=")[1:]
    ]
    header = [line for line in head.split("\n") if not line.startswith("tree_sizes=")]
    numbered = [f"Tree={number}\n{tree}\n\n" for number, tree in enumerate(trees)]
    text = "\n".join([*header, *numbered]) + end + tail.split(end, 1)[1]
    return lgb.Booster(model_str=text)
