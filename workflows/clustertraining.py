"""Past campaigns as rows on a Dask cluster: each worker reads its own buckets and keeps their
features; only what is known of the exposures beside them comes to this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from domain.errors import BadRequest
from domain.experiment import Campaign, Outcome
from uplift.clusterrows import ClusterRows, Partition
from uplift.context import CAMPAIGN
from uplift.crew import ClusterFailed, Crew
from uplift.dataset import UpliftDataset
from uplift.features import FeatureSpace
from uplift.model import Scores, UpliftModel
from uplift.rowsource import RowSource
from workflows.cluster import connected
from workflows.clusterparts import (
    Summary,
    matrix_of,
    read_part,
    reporting_profiles_of,
    space_of,
    summary_of,
)
from workflows.engine import DaskCluster
from workflows.profiling import Progress
from workflows.trainingdata import TrainingRows, rows_with, sources_of
from workflows.trainingsources import Assigned, Sources
from workflows.workspace import Workspace

if TYPE_CHECKING:
    from distributed import Future

PARTS = 4
"""Partitions a worker, so that it need not have room for all its rows as they are in the files."""


@contextmanager
def cluster_training_rows(
    workspace: Workspace,
    campaigns: tuple[Campaign, ...],
    outcome: Outcome,
    cluster: DaskCluster,
    progress: Progress = lambda share, message: None,
) -> Iterator[TrainingRows]:
    """The campaigns' rows, which lie on the cluster's workers until the end of the context. Raises
    BadRequest where propensities are not known, NoCluster where there is no cluster, and
    ClusterFailed where it can't read or loses a worker."""
    sources = sources_of(workspace, campaigns, outcome, engine=cluster, progress=progress)
    if not sources.propensities_known:
        raise BadRequest(
            "A campaign's propensities are not known, and they are estimated in one process only.",
            remedy="Import it with its probabilities, or train without a cluster.",
            field="propensity",
        )
    with connected(cluster.address) as client:
        crew = Crew(client, cluster.address)
        features, assigned = _placed(crew, sources)
        elsewhere = pd.DataFrame(index=pd.RangeIndex(len(assigned.arm)))
        yield rows_with(campaigns, outcome, sources, assigned, elsewhere, features)


@dataclass(frozen=True)
class FeaturesThere:
    """Features on the workers of a cluster. `groups` are the sources of each partition with the
    worker where it lies."""

    crew: Crew
    groups: Sequence[tuple[Sources, int]]
    source: RowSource
    learning: ClusterRows

    def rows_of(
        self, learning: UpliftDataset, reporting: UpliftDataset, bins: int, n_jobs: int
    ) -> RowSource:
        return self.source

    def columns(self, learning: UpliftDataset) -> Iterator[tuple[str, pd.Series[Any]]]:
        levels = self.source.features.levels
        for place, name in enumerate(self.source.features.names):
            if name == CAMPAIGN:
                continue
            values = self.learning.column(place)
            if name in levels:
                codes = np.nan_to_num(values, nan=-1).astype(np.int64)
                text = pd.Categorical.from_codes(codes, pd.Index(levels[name], dtype=object))
                yield name, pd.Series(text)
            else:
                yield name, pd.Series(values)

    def delivered(self, model: UpliftModel, learning: UpliftDataset) -> Scores:
        if model.campaign is None:
            return model.score_rows(self.learning)
        newest = model.features.levels[CAMPAIGN].index(str(model.campaign))
        place = model.features.names.index(CAMPAIGN)
        return model.score_rows(self.learning.where(place, newest))

    def reporting_profiles(self) -> Iterator[pa.Table]:
        for sources, home in self.groups:
            found = self.crew.submit(reporting_profiles_of, sources, worker=home)
            yield from _read(self.crew, [found])


def _placed(crew: Crew, sources: Sources) -> tuple[FeaturesThere, Assigned]:
    """Have the workers read the buckets, each its share."""
    buckets = sources.buckets
    count = min(len(buckets), PARTS * len(crew.workers))
    homes = [place * len(crew.workers) // count for place in range(count)]
    groups = [sources.of(few.tolist()) for few in np.array_split(buckets, count)]
    placed = list(zip(groups, homes, strict=True))
    parts = [crew.submit(read_part, group, worker=home) for group, home in placed]
    there = list(zip(parts, homes, strict=True))
    summaries: list[Summary] = _read(
        crew, [crew.submit(summary_of, part, worker=home) for part, home in there]
    )
    space = space_of(summaries, sources)
    context = tuple(place for place, name in enumerate(space.names) if name == CAMPAIGN)
    learning, reporting = (
        ClusterRows(
            crew,
            _partitions(crew, there, space, which),
            len(space.names),
            space.categorical,
            context,
        )
        for which in (False, True)
    )
    features = FeaturesThere(crew, placed, RowSource(space, learning, reporting), learning)
    return features, Assigned.joined([one.assigned for one in summaries])


def _partitions(
    crew: Crew, parts: Sequence[tuple[Future[Any], int]], space: FeatureSpace, reporting: bool
) -> list[Partition]:
    """The matrices of the rows to learn from, or to report on."""
    made = [
        (crew.submit(matrix_of, part, space, reporting, worker=home), home) for part, home in parts
    ]
    sizes = crew.gather([crew.submit(len, matrix, worker=home) for matrix, home in made])
    return [Partition(*one, rows) for one, rows in zip(made, sizes, strict=True)]


def _read(crew: Crew, futures: Sequence[Future[Any]]) -> list[Any]:
    try:
        return crew.gather(futures)
    except OSError as error:
        raise ClusterFailed(
            f"A worker can't read the workspace: {error}.",
            remedy="Its folder must lie at the same path on every worker.",
        ) from error
