"""The number of clusters: found where they were planted, and none where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, silhouette_score

from clustering.algorithms import DENSITY_SETTINGS, Fit, hdbscan, kmeans
from clustering.choosing import (
    Thoroughness,
    choose_clusters,
    distances,
    shuffled,
    silhouette,
    stability,
)
from tests.clustering.planted import blobs, shuffled_blobs

QUICK = Thoroughness(fit_rows=500, judge_rows=300, resamples=3, shuffles=3)


def choose(X: NDArray[np.float64], fit: Fit = kmeans, seed: int = 0):  # type: ignore[no-untyped-def]
    settings = DENSITY_SETTINGS if fit is hdbscan else range(2, 7)
    return choose_clusters(X, settings, fit, np.random.default_rng(seed), thoroughness=QUICK)


@pytest.mark.parametrize("fit", [kmeans, hdbscan])
@pytest.mark.parametrize("seed", [0, 1])
def test_planted_clusters_are_found(fit: Fit, seed: int) -> None:
    X, labels = blobs(900, seed)
    choice = choose(X, fit, seed)
    assert choice.best is not None
    assert choice.best.clusters == 3
    assert choice.best.stability > 0.9
    found = fit(X, choice.best.setting, 0)(X)
    assert adjusted_rand_score(labels, found) >= 0.9


@pytest.mark.parametrize("fit", [kmeans, hdbscan])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shuffled_columns_have_no_natural_segments(fit: Fit, seed: int) -> None:
    choice = choose(shuffled_blobs(900, seed), fit, seed)
    assert choice.best is None
    assert not any(one.admitted for one in choice.candidates)
    assert choice.reason.startswith("No natural segments")


def test_a_cloud_without_structure_has_no_natural_segments() -> None:
    cloud = np.random.default_rng(3).normal(size=(900, 4))
    assert choose(cloud).best is None


def test_one_field_alone_is_compared_with_a_normal_sample() -> None:
    rng = np.random.default_rng(4)
    assert choose(rng.normal(size=(900, 1))).best is None
    two = np.concatenate([rng.normal(0, 1, 500), rng.normal(12, 1, 400)])[:, None]
    best = choose(two).best
    assert best is not None
    assert best.clusters == 2


def test_clusters_out_of_bounds_are_not_admitted() -> None:
    X, _ = blobs(900)
    choice = choose_clusters(
        X,
        range(3, 6),
        kmeans,
        np.random.default_rng(0),
        clusters=range(5, 6),
        thoroughness=QUICK,
    )
    assert all(one.clusters == 5 for one in choice.candidates if one.admitted)


def test_what_is_not_found_again_is_not_admitted() -> None:
    """A clustering that tells the rows apart well and differently each time."""

    def moody(X: NDArray[np.float64], setting: int, seed: int):  # type: ignore[no-untyped-def]
        column = seed % X.shape[1]
        return lambda rows: (rows[:, column] > 3).astype(np.int64)

    X, _ = blobs(900)
    choice = choose_clusters(X, [2], moody, np.random.default_rng(0), thoroughness=QUICK)
    assert choice.best is None
    assert "resamples" in choice.reason


@pytest.mark.parametrize("seed", range(4))
def test_the_silhouette_is_scikit_learns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(120, 3))
    labels = rng.integers(0, 2 + seed, 120)
    labels[0] = labels.max() + 1  # alone in its cluster
    assert silhouette(distances(X), labels) == pytest.approx(silhouette_score(X, labels))
    outliers = rng.random(120) < 0.2
    told = silhouette(distances(X), np.where(outliers, -1, labels))
    assert told == pytest.approx(silhouette_score(X[~outliers], labels[~outliers]))


def test_the_silhouette_by_its_definition() -> None:
    X = np.array([[0.0], [1.0], [5.0], [6.0], [9.0]])
    labels = np.array([0, 0, 1, 1, 1])
    values = []
    for i in range(5):
        means = {
            label: np.mean(
                [abs(X[i, 0] - X[j, 0]) for j in range(5) if labels[j] == label and j != i]
            )
            for label in (0, 1)
        }
        a, b = means[labels[i]], means[1 - labels[i]]
        values.append((b - a) / max(a, b))
    assert silhouette(distances(X), labels) == pytest.approx(np.mean(values))
    assert silhouette(distances(X), np.zeros(5, dtype=np.int64)) == 0


def test_stability_against_a_slow_twin() -> None:
    """The adjusted Rand index by counting pairs of rows, over the same halves."""
    X, _ = blobs(240)
    learned, judged = X[:160], X[160:]

    def rand(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
        together = np.array(
            [
                [first[i] == first[j], second[i] == second[j]]
                for i in range(len(first))
                for j in range(i)
            ],
            dtype=float,
        )
        both = together.prod(axis=1).sum()
        one, two = together.sum(axis=0)
        expected = one * two / len(together)
        return float((both - expected) / ((one + two) / 2 - expected))

    rng = np.random.default_rng(5)
    slow = []
    for _ in range(3):
        order = rng.permutation(len(learned))
        seeds = rng.integers(2**31, size=2)
        halves = (order[:80], order[80:])
        first, second = (
            kmeans(learned[rows], 4, int(seed))(judged)
            for rows, seed in zip(halves, seeds, strict=True)
        )
        slow.append(rand(first, second))
    fast = stability(learned, judged, 4, kmeans, np.random.default_rng(5), 3)
    assert fast == pytest.approx(np.mean(slow))


def test_columns_of_one_field_are_shuffled_together() -> None:
    X = np.arange(60.0).reshape(20, 3)
    mixed = shuffled(X, np.array([0, 1, 1]), np.random.default_rng(0))
    assert np.array_equal(mixed[:, 2] - mixed[:, 1], np.ones(20))
    assert sorted(mixed[:, 0]) == sorted(X[:, 0])
    assert not np.array_equal(mixed[:, 0] + 1, mixed[:, 1])
