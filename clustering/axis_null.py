"""What the same customers would look like without segments: the null that structure must beat.

k-means cuts anything into pieces, and skewed data into pieces with a good silhouette. So a
silhouette says something only beside that of data of one lump, as skewed and as correlated as
these: each feature is drawn from the unimodal distribution nearest to its own (a histogram that
rises to its mode and then falls, by isotonic regression; Silverman 1981 and Hartigan & Hartigan
1985 test against such nulls), and the features are joined by a Gaussian copula with their rank
correlations. A lump at zero is a mode like any other, so customers who never did a thing are no
segment of their own unless there is a gap to the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from sklearn.isotonic import isotonic_regression

Floats = NDArray[np.float64]

BINS = 40


class UnimodalNull:
    """Draws from the nearest data without segments. `values` (n, d) are those of the customers."""

    def __init__(self, values: Floats) -> None:
        n, features = values.shape
        self._edges, self._cumulative = [], []
        for place in range(features):
            counts, edges = np.histogram(values[:, place], bins=BINS)
            self._edges.append(edges)
            shares = unimodal(counts / n)
            self._cumulative.append(np.concatenate([[0.0], np.cumsum(shares / shares.sum())]))
        scores = ndtri((rankdata(values, axis=0) - 0.5) / n)
        correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False))
        # A copy of another feature makes it singular by a rounding error.
        self._root = np.linalg.cholesky(correlation + 1e-9 * np.eye(features))

    def draw(self, rows: int, rng: np.random.Generator) -> Floats:
        """Customers without segments, (rows, d)."""
        uniform = ndtr(rng.standard_normal((rows, len(self._edges))) @ self._root.T)
        columns = [
            np.interp(uniform[:, place], self._cumulative[place], self._edges[place])
            for place in range(len(self._edges))
        ]
        return np.column_stack(columns)


def unimodal(shares: Floats) -> Floats:
    """The histogram nearest to `shares` (least squares) that rises to a mode and then falls."""
    rising = [isotonic_regression(shares[: mode + 1]) for mode in range(len(shares))]
    falling = [isotonic_regression(shares[mode:], increasing=False) for mode in range(len(shares))]
    errors = [
        ((up - shares[: mode + 1]) ** 2).sum() + ((down - shares[mode:]) ** 2).sum()
        for mode, (up, down) in enumerate(zip(rising, falling, strict=True))
    ]
    best = int(np.argmin(errors))
    up, down = rising[best], falling[best]
    return np.concatenate([up[:-1], [max(up[-1], down[0])], down[1:]])
