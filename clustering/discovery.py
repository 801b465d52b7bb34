"""The statistical tier: clusters of all rows, each a card that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clustering.algorithms import DENSITY_SETTINGS, Fit, FloatArray, IntArray, hdbscan, kmeans
from clustering.cards import Grouped, Meets, cards_of
from clustering.choosing import METRIC, Choice, Thoroughness, choose_clusters
from clustering.preparing import Prepared, between_share
from clustering.treerules import questions, tree_rule
from domain.criteria import Expression
from domain.customer import Schema
from domain.discovery import Algorithm, DiscoveryParameters, Quality, SegmentCard

KMEANS_ROWS, DENSITY_ROWS = 200_000, 10_000
"""Most rows that the final clustering learns from; all rows are then assigned."""

LEAST_ROWS = 50
"""Fewer rows than this tell nothing of segments."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Found:
    """What a tier found: `labels` (n,) say which of the cards each row has, -1 none."""

    cards: tuple[SegmentCard, ...]
    labels: IntArray
    quality: Quality | None
    message: str
    warnings: tuple[str, ...] = ()


def discover_statistically(
    table: pa.Table,
    prepared: Prepared,
    schema: Schema,
    parameters: DiscoveryParameters,
    meets: Meets,
    *,
    row_name: str = "customers",
    thoroughness: Thoroughness | None = None,
    progress: Progress = lambda share, message: None,
) -> Found:
    """Cluster the rows of a table (n); `meets` says which rows meet criteria, by the one engine
    that compiles these. Without natural segments there are no cards, and the message says so."""
    rng = np.random.default_rng(parameters.seed)
    n = table.num_rows
    if n < LEAST_ROWS:
        return _nothing(n, f"No natural segments: {n} {row_name} are too few to tell any.")
    progress(0.1, "choosing the number of segments")
    settings, fit = _settings(parameters)
    choice = choose_clusters(
        prepared.X,
        settings,
        fit,
        rng,
        groups=prepared.groups,
        clusters=range(parameters.min_clusters, parameters.max_clusters + 1),
        thoroughness=thoroughness,
    )
    if choice.best is None:
        return _nothing(n, choice.reason, quality_of(choice, 0.0))
    progress(0.6, "assigning everybody")
    most = DENSITY_ROWS if parameters.algorithm is Algorithm.HDBSCAN else KMEANS_ROWS
    labels = by_size(assign_all(prepared.X, fit, choice.best.setting, most, rng))
    progress(0.7, "finding rules")
    rules = cluster_rules(table, prepared, labels, rng)
    progress(0.8, "measuring rules")
    grouped = [Grouped(labels == place, rule, "") for place, rule in enumerate(rules)]
    cards = cards_of(table, prepared.usable, schema, grouped, meets, row_name=row_name)
    quality = quality_of(choice, between_share(prepared.X, labels))
    return Found(cards, labels, quality, choice.reason)


def assign_all(
    X: FloatArray, fit: Fit, setting: int, most: int, rng: np.random.Generator
) -> IntArray:
    """Every row's cluster (n,), learned from at most `most` rows."""
    rows = X if len(X) <= most else X[np.sort(rng.choice(len(X), most, replace=False))]
    return fit(rows, setting, int(rng.integers(2**31)))(X)


def by_size(labels: IntArray) -> IntArray:
    """The same clusters, numbered from the largest; outliers stay -1."""
    inside = labels >= 0
    names, codes, counts = np.unique(labels[inside], return_inverse=True, return_counts=True)
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(names))
    numbered = np.full(len(labels), -1, dtype=np.int64)
    numbered[inside] = rank[codes]
    return numbered


def cluster_rules(
    table: pa.Table, prepared: Prepared, labels: IntArray, rng: np.random.Generator
) -> list[Expression]:
    """A rule for each cluster, `NOBODY` where none tells it."""
    asked = questions(table, prepared.usable)
    return [tree_rule(asked, labels == place, rng) for place in range(int(labels.max()) + 1)]


def quality_of(choice: Choice, explained: float) -> Quality:
    """What is known of a choice, for people to judge it by."""
    best = choice.best
    return Quality(
        metric=METRIC,
        sample_rows=choice.judge_rows,
        silhouette=None if best is None else best.silhouette,
        stability=None if best is None else best.stability,
        explained=explained,
        candidates=choice.candidates,
        resamples=choice.resamples,
        shuffles=choice.shuffles,
    )


def _settings(parameters: DiscoveryParameters) -> tuple[Sequence[int], Fit]:
    if parameters.algorithm is Algorithm.HDBSCAN:
        return DENSITY_SETTINGS, hdbscan
    return range(parameters.min_clusters, parameters.max_clusters + 1), kmeans


def _nothing(rows: int, message: str, quality: Quality | None = None) -> Found:
    labels: NDArray[np.int64] = np.full(rows, -1, dtype=np.int64)
    return Found((), labels, quality, message)


__all__ = ["LEAST_ROWS", "Found", "discover_statistically"]
