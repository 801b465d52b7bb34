"""Structure that is there is found, and none is invented; silhouettes against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score, silhouette_samples
from threadpoolctl import threadpool_limits

from clustering.axis_choice import (
    Candidate,
    best,
    centroids,
    consider,
    distances_between,
    nearest,
    silhouettes,
    squared_distances,
    stability,
)

Rows = np.ndarray
ROWS = 1_600


@pytest.fixture(autouse=True)
def _one_thread() -> object:
    with threadpool_limits(1):
        yield


def standardised(values: Rows) -> Rows:
    table = values.reshape(len(values), -1)
    cut = np.clip(table, *np.quantile(table, [0.01, 0.99], axis=0))
    return np.asarray((cut - cut.mean(axis=0)) / cut.std(axis=0))


def planted(centres: list[list[float]], rng: np.random.Generator) -> tuple[Rows, Rows]:
    truth = rng.integers(0, len(centres), ROWS)
    points = np.array(centres)[truth] + rng.normal(size=(ROWS, len(centres[0])))
    return standardised(points), truth


def lumps(rng: np.random.Generator) -> dict[str, Rows]:
    n = ROWS
    trials = rng.poisson(3, n) + 2
    share = (rng.binomial(trials, rng.beta(1, 3, n)) + rng.random(n)) / (trials + 1)
    return {
        "normal": rng.normal(size=(n, 3)),
        "correlated": rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], n),
        "exponential": rng.exponential(size=n),
        "uniform": rng.random((n, 2)),
        "counts": np.log(rng.poisson(rng.gamma(0.5, 4, n)) + 0.5 + rng.random(n)),
        "shares": share,
        "many zeros": np.where(rng.random(n) < 0.5, 0, rng.gamma(1, 1, n)),
    }


@pytest.mark.parametrize(
    "centres",
    [
        [[0.0], [6.0]],
        [[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]],
        [[0.0, 0.0, 0.0], [6.0, 0.0, 6.0], [0.0, 6.0, 6.0], [6.0, 6.0, 0.0]],
    ],
    ids=["two", "three", "four"],
)
def test_planted_segments_are_found(centres: list[list[float]]) -> None:
    rng = np.random.default_rng(4)
    values, truth = planted(centres, rng)
    found = best(consider(values, 5, rng))
    assert found is not None
    assert found.segments == len(centres)
    placed = nearest(values, centroids(values, found.segments, rng))
    assert adjusted_rand_score(truth, placed) >= 0.9


@pytest.mark.parametrize("name", lumps(np.random.default_rng(0)))
def test_one_lump_has_no_segments(name: str) -> None:
    rng = np.random.default_rng(8)
    assert best(consider(standardised(lumps(rng)[name]), 4, rng)) is None


def test_shuffled_columns_lose_their_segments() -> None:
    """Groups on a diagonal are only there jointly once the columns are spread by noise."""
    rng = np.random.default_rng(2)
    side = rng.integers(0, 2, ROWS)
    along = rng.normal(0, 3.0, ROWS)
    values = np.column_stack([along + 2.2 * side, along - 2.2 * side])
    values += rng.normal(0, 0.3, values.shape)
    shuffled = np.column_stack([rng.permutation(column) for column in values.T])
    assert best(consider(standardised(shuffled), 4, rng)) is None


def test_silhouettes_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(300, 2))
    labels = rng.integers(0, 4, 300)
    labels[0] = 4  # one alone in its cluster
    expected = silhouette_samples(values, labels)
    np.testing.assert_allclose(
        silhouettes(distances_between(values), labels), expected, rtol=1e-4, atol=1e-5
    )


def test_one_cluster_alone_has_no_silhouette() -> None:
    values = np.random.default_rng(0).normal(size=(20, 2))
    assert not silhouettes(distances_between(values), np.zeros(20, np.int64)).any()


def test_squared_distances_are_euclidean() -> None:
    rng = np.random.default_rng(1)
    values, centres = rng.normal(size=(50, 3)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(squared_distances(values, centres), cdist(values, centres) ** 2)


def test_stability_tells_real_groups_from_cuts() -> None:
    rng = np.random.default_rng(5)
    values, _ = planted([[0.0, 0.0], [8.0, 8.0]], rng)
    assert stability(values, 2, rng) > 0.98
    assert stability(rng.normal(size=(ROWS, 3)), 4, rng) < 0.8


def test_a_candidate_must_beat_chance_and_be_stable() -> None:
    good = Candidate(segments=2, silhouette=0.7, null=0.5, null_high=0.52, stability=0.95)
    near = good.model_copy(update={"silhouette": 0.53})
    shaky = good.model_copy(update={"segments": 3, "silhouette": 0.8, "stability": 0.6})
    assert best([near, shaky]) is None
    assert best([near, shaky, good]) is good
