"""The clusterings that discovery may use: a matrix in, a way to assign rows out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.neighbors import NearestNeighbors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Assign = Callable[[FloatArray], IntArray]
"""Rows (n, d) to clusters (n,) numbered from 0; -1 is an outlier."""

Fit = Callable[[FloatArray, int, int], Assign]
"""Learns from rows (n, d) with a setting and a seed."""

STARTS = 3
LEAST_ROWS = 5
DENSITY_SETTINGS = (10, 20, 40, 80, 120)
"""Least sizes of a cluster that HDBSCAN is tried with, per mille of the rows."""

OUTLIER = -1


def kmeans(X: FloatArray, setting: int, seed: int) -> Assign:
    """K-means with `setting` clusters, from the best of `STARTS` starts."""
    model = KMeans(n_clusters=min(setting, len(X)), n_init=STARTS, random_state=seed).fit(X)
    centroids = np.asarray(model.cluster_centers_, dtype=np.float64)
    return lambda rows: nearest(rows, centroids)


def nearest(X: FloatArray, centroids: FloatArray) -> IntArray:
    """(n,) which of the centroids (k, d) is nearest to each row, by Euclidean distance."""
    # The row's own square is the same for every centroid, so it may be left out.
    away = (centroids**2).sum(axis=1) - 2 * X @ centroids.T
    return np.asarray(away.argmin(axis=1), dtype=np.int64)


def hdbscan(X: FloatArray, setting: int, seed: int) -> Assign:
    """HDBSCAN (Campello, Moulavi and Sander 2013) with clusters of at least `setting` per mille of
    the rows. A new row gets what its nearest learned row got, which may be an outlier."""
    least = max(LEAST_ROWS, setting * len(X) // 1_000)
    found: NDArray[Any] = HDBSCAN(min_cluster_size=least, copy=True).fit_predict(X)
    labels = np.where(found < 0, OUTLIER, found).astype(np.int64)
    neighbours = NearestNeighbors(n_neighbors=1).fit(X)

    def assign(rows: FloatArray) -> IntArray:
        return np.asarray(labels[neighbours.kneighbors(rows, return_distance=False)[:, 0]])

    return assign
