"""Rows that lie on the workers of a Dask cluster, trained on by LightGBM's own Dask estimator."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from uplift.boosting import Shape
from uplift.crew import Crew
from uplift.dataset import FloatArray, IntArray
from uplift.scoring import Forest

if TYPE_CHECKING:
    from distributed import Client, Future

LEAST = 10_000
"""Rows for which a worker takes part in a fit. Each worker finds the bins of its share of the
columns from its own rows, so that few rows would make poor bins; and waiting for each other would
cost more than it saves."""

SKLEARN_NAMES = {
    "min_data_in_leaf": "min_child_samples",
    "min_sum_hessian_in_leaf": "min_child_weight",
    "lambda_l2": "reg_lambda",
    "seed": "random_state",
}
"""What the estimator calls LightGBM's parameters; it takes the others as they are."""

_QUIET = logging.getLogger(__name__)
_QUIET.setLevel(logging.ERROR)

NETWORK = ("machines", "local_listen_port", "num_machines", "time_out")


@dataclass(frozen=True)
class Partition:
    """A future of a float32 matrix (rows, features) on the worker with this place."""

    matrix: Future[Any]
    worker: int
    rows: int


Part = tuple[Partition, IntArray, NDArray[np.int32]]


class ClusterRows:
    """The rows of partitions, one after the other; only predictions come back to this process.

    `categorical` are the places of columns that hold codes, `context` those of columns that
    effect models are blind to. Partitions of one worker lie next to each other. A fit of less than
    `least` rows a worker (None: LEAST) is made on fewer of them. For a number of workers, a seed
    makes the same models.
    """

    def __init__(
        self,
        crew: Crew,
        partitions: Sequence[Partition],
        width: int,
        categorical: tuple[int, ...] = (),
        context: tuple[int, ...] = (),
        least: int | None = None,
    ) -> None:
        self.context = context
        self._crew = crew
        self._partitions = tuple(partitions)
        self._width = width
        self._categorical = categorical
        self._least = LEAST if least is None else least
        self._starts = np.cumsum([0, *(one.rows for one in self._partitions)])
        self._setting: tuple[int, float] | None = None

    def where(self, place: int, value: float) -> ClusterRows:
        """The same rows to be scored as if one column held this value everywhere."""
        other = copy(self)
        other._setting = (place, value)
        return other

    def column(self, place: int) -> NDArray[np.float32]:
        """One column (rows,) of all rows."""
        found = [
            self._crew.submit(_column, one.matrix, place, worker=one.worker)
            for one in self._partitions
        ]
        return np.concatenate(self._crew.gather(found))

    def score(self, boosters: Sequence[lgb.Booster], index: IntArray | None = None) -> FloatArray:
        """Predictions (rows, boosters) of all rows, or of those of `index` in its order."""
        forest = Forest.of(boosters)
        forests = {
            worker: self._crew.put(forest, worker)
            for worker in {one.worker for one in self._partitions}
        }
        places, futures = [], []
        for partition, mine, local in self._everything() if index is None else self._split(index):
            rows = None if local is None else self._crew.put(local, partition.worker)
            arguments = (forests[partition.worker], partition.matrix, rows, self._setting)
            futures.append(self._crew.submit(_scores, *arguments, worker=partition.worker))
            places.append(mine)
        found = np.empty((self._starts[-1] if index is None else len(index), len(boosters)))
        for mine, scores in zip(places, self._crew.gather(futures), strict=True):
            found[mine] = scores
        return found

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

        Bins are made anew from the rows of each fit. Raises ClusterFailed where the workers can't
        train together.
        """
        from dask.array import concatenate, from_delayed
        from lightgbm.dask import DaskLGBMRegressor

        parts = list(self._split(index))
        target = self._targets(parts)
        given = np.ones(len(index)) if weight is None else weight
        rows, labels, weights = [], [], []
        for partition, mine, local in parts:
            size, home, there = len(mine), partition.worker, target[partition.worker]
            sent = self._crew.put(
                (local, label[mine].astype(np.float32), given[mine].astype(np.float32)), home
            )
            taken = self._crew.submit(_taken, partition.matrix, sent, worker=home)
            if there != home:
                taken = self._crew.submit(_moved, taken, worker=there)
            own, heavy = (self._crew.submit(itemgetter(k), sent, worker=there) for k in (1, 2))
            rows.append(from_delayed(taken, (size, self._width), dtype=np.float32))
            labels.append(from_delayed(own, (size,), dtype=np.float32))
            weights.append(from_delayed(heavy, (size,), dtype=np.float32))
        usable = [place not in blind for place in range(self._width)]
        parameters = shape.parameters(seed, 1, len(index) // len(set(target.values())), usable)
        del parameters["num_threads"]  # as many as each worker has
        client: Any = _InOrder(self._crew.client)
        model = DaskLGBMRegressor(
            client=client,
            n_estimators=shape.rounds,
            **{SKLEARN_NAMES.get(name, name): value for name, value in parameters.items()},
        )
        lgb.register_logger(_QUIET)  # it would tell of ports on the terminal
        self._crew.during(
            lambda: model.fit(
                concatenate(rows),
                concatenate(labels),
                sample_weight=None if weight is None else concatenate(weights),
                categorical_feature=list(self._categorical),
            )
        )
        return _without_network(model.booster_)

    def _everything(self) -> Iterator[tuple[Partition, slice, None]]:
        for partition, start in zip(self._partitions, self._starts, strict=False):
            if partition.rows:
                yield partition, slice(start, start + partition.rows), None

    def _split(self, index: IntArray) -> Iterator[Part]:
        """The rows of each partition with any: their places in `index`, and in the partition."""
        owner = np.searchsorted(self._starts, index, side="right") - 1
        order = np.argsort(owner, kind="stable")
        ends = np.searchsorted(owner[order], np.arange(len(self._partitions) + 1))
        for place, partition in enumerate(self._partitions):
            mine = order[ends[place] : ends[place + 1]]
            if len(mine):
                yield partition, mine, (index[mine] - self._starts[place]).astype(np.int32)

    def _targets(self, parts: Sequence[Part]) -> dict[int, int]:
        """The worker on which the rows of each worker are trained on: itself, or where that would
        leave too few rows to one, the first of several neighbours."""
        sizes = Counter[int]()
        for partition, mine, _ in parts:
            sizes[partition.worker] += len(mine)
        homes = sorted(sizes)
        for count in range(len(homes), 0, -1):
            groups = [group.tolist() for group in np.array_split(homes, count)]
            if min(sum(sizes[home] for home in group) for group in groups) >= self._least:
                break
        return {home: group[0] for group in groups for home in group}


class _InOrder:
    """A Dask client that tells where parts are in the order in which it is asked.

    LightGBM ranks its workers, and lays a worker's parts one after the other, in the order of the
    answer; Dask's own has none, so that a seed would not make the same model twice.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def who_has(self, futures: Sequence[Future[Any]]) -> dict[Any, tuple[str, ...]]:
        found = self._client.who_has(futures)
        return {future.key: found[future.key] for future in futures}


def _scores(
    forest: Forest,
    matrix: NDArray[np.float32],
    rows: NDArray[np.int32] | None,
    setting: tuple[int, float] | None,
) -> FloatArray:
    if setting is not None:
        matrix = matrix.copy()
        matrix[:, setting[0]] = setting[1]
    return forest.score(matrix, None if rows is None else rows.astype(np.int64))


def _column(matrix: NDArray[np.float32], place: int) -> NDArray[np.float32]:
    return matrix[:, place].copy()


def _taken(matrix: NDArray[np.float32], sent: tuple[NDArray[Any], ...]) -> NDArray[np.float32]:
    return np.take(matrix, sent[0], axis=0)


def _moved(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows


def _without_network(booster: lgb.Booster) -> lgb.Booster:
    """The model without the addresses of those who trained it."""
    lines = booster.model_to_string().split("\n")
    kept = [line for line in lines if line.strip("[").split(":")[0] not in NETWORK]
    return lgb.Booster(model_str="\n".join(kept))
