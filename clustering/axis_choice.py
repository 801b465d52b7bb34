"""How many segments an axis has, if any: by silhouette beside a null, and by stability.

- Silhouette (Rousseeuw 1987), the mean over a sample of customers, Euclidean distances between
  scaled features. It must lie above that of every draw of the null (`axis_null`), and by `MARGIN`
  above their mean.
- Stability (Ben-Hur et al. 2002; Lange et al. 2004): halves of the sample are clustered apart, each
  result places the whole sample, and the mean adjusted Rand index (Hubert & Arabie 1985) of these
  placements, two by two, must reach `STABLE`.

Of the numbers that pass both, that of the highest silhouette is taken; where none does, the axis
has no structure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from clustering.axis_null import UnimodalNull

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

SAMPLE = 4_000
"""Customers that k-means sees while the number of segments is chosen."""
MEASURED = 1_500
"""Of these, the customers that the silhouette is the mean of: it needs all their distances."""
NULLS = 5
HALVES = 6
MARGIN = 0.04
STABLE = 0.8
_STARTS = 4


class Candidate(BaseModel):
    """What speaks for and against a number of segments. `null` is the mean silhouette of data
    without segments, `null_high` the highest of its draws; `stability` is None where the silhouette
    ruled the number out already."""

    model_config = ConfigDict(frozen=True)

    segments: int
    silhouette: float
    null: float
    null_high: float
    stability: float | None = None

    @property
    def beats_null(self) -> bool:
        return self.silhouette > max(self.null_high, self.null + MARGIN)

    @property
    def passes(self) -> bool:
        return self.beats_null and self.stability is not None and self.stability >= STABLE


def consider(values: Floats, most: int, rng: np.random.Generator) -> tuple[Candidate, ...]:
    """Each number of segments from 2 to `most`, judged on customers' scaled values (n, d)."""
    measured = values[:MEASURED]
    distances = distances_between(measured)
    null = UnimodalNull(values)
    draws = [null.draw(len(values), rng) for _ in range(NULLS)]
    null_distances = [distances_between(draw[:MEASURED]) for draw in draws]
    found = []
    for count in range(2, most + 1):
        seen = silhouette(distances, nearest(measured, centroids(values, count, rng)))
        by_chance = [
            silhouette(apart, nearest(draw[:MEASURED], centroids(draw, count, rng, starts=2)))
            for draw, apart in zip(draws, null_distances, strict=True)
        ]
        candidate = Candidate(
            segments=count,
            silhouette=seen,
            null=float(np.mean(by_chance)),
            null_high=max(by_chance),
        )
        if candidate.beats_null:
            again = stability(values, count, rng)
            candidate = candidate.model_copy(update={"stability": again})
        found.append(candidate)
    return tuple(found)


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate to take, or None where none passes."""
    passing = [candidate for candidate in candidates if candidate.passes]
    return max(passing, key=lambda one: one.silhouette, default=None)


def centroids(
    values: Floats, count: int, rng: np.random.Generator, starts: int = _STARTS
) -> Floats:
    """k-means (Lloyd, from k-means++), the best of several starts: centroids (count, d)."""
    seed = int(rng.integers(2**31))
    fitted = KMeans(count, n_init=starts, max_iter=100, random_state=seed).fit(values)
    return np.asarray(fitted.cluster_centers_)


def nearest(values: Floats, centres: Floats) -> Labels:
    """The nearest centroid of each row, (n,)."""
    return np.asarray(squared_distances(values, centres).argmin(axis=1))


def squared_distances(values: Floats, centres: Floats) -> Floats:
    """Squared Euclidean distances (n, k)."""
    apart = np.zeros((len(values), len(centres)))
    for feature in range(values.shape[1]):
        apart += (values[:, feature, None] - centres[None, :, feature]) ** 2
    return apart


def silhouette(distances: NDArray[np.float32], labels: Labels) -> float:
    """The mean silhouette of rows whose distances (n, n) are given."""
    return float(silhouettes(distances, labels).mean())


def silhouettes(distances: NDArray[np.float32], labels: Labels) -> Floats:
    """Each row's silhouette (n,): (b - a) / max(a, b), with a its mean distance to the others of
    its cluster and b that to the nearest other cluster; 0 for one alone."""
    count = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=count)
    present = sizes > 0
    if present.sum() < 2:
        return np.zeros(len(labels))
    members = np.zeros((len(labels), count), np.float32)
    members[np.arange(len(labels)), labels] = 1
    sums = (distances @ members).astype(np.float64)
    rows = np.arange(len(labels))
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    means = np.where(present, sums / np.maximum(sizes, 1), np.inf)
    means[rows, labels] = np.inf
    other = means.min(axis=1)
    larger = np.maximum(own, other)
    value = np.where(larger > 0, (other - own) / np.where(larger > 0, larger, 1.0), 0.0)
    return np.where(sizes[labels] > 1, value, 0.0)


def stability(values: Floats, count: int, rng: np.random.Generator) -> float:
    """How alike the clusterings of random halves are: the mean adjusted Rand index of what two
    of them make of all rows, 1 for the same and 0 for chance."""
    placed = []
    for _ in range(HALVES):
        half = rng.choice(len(values), len(values) // 2, replace=False)
        placed.append(nearest(values, centroids(values[half], count, rng, starts=2)))
    pairs = zip(placed, placed[1:] + placed[:1], strict=True)
    return float(np.mean([adjusted_rand_score(one, other) for one, other in pairs]))


def distances_between(values: Floats) -> NDArray[np.float32]:
    """Euclidean distances of all rows, (n, n)."""
    return np.asarray(cdist(values, values), dtype=np.float32)
