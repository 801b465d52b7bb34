"""Rows on a cluster of two workers beside the same rows in this process."""

from collections.abc import Iterator

import lightgbm as lgb
import numpy as np
import pytest
from distributed import Client

from uplift.boosting import BinnedRows, Shape
from uplift.clusterrows import ClusterRows, Partition
from uplift.crew import Crew

N = 6_000
CUTS = (0, 1_000, 1_000, 2_500, 4_500, N)
HOMES = (0, 0, 0, 1, 1)
SHAPE = Shape(rows=50)


def table() -> tuple[np.ndarray, np.ndarray]:
    """Five numeric columns, one with gaps, and one of codes; an outcome that depends on three."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 6)).astype(np.float32)
    X[:, 5] = rng.integers(0, 5, N)
    X[rng.random(N) < 0.1, 3] = np.nan
    y = 0.5 * X[:, 0] + 0.4 * np.nan_to_num(X[:, 3]) + 0.8 * (X[:, 5] == 2)
    return X, y + 0.5 * rng.normal(size=N)


X, Y = table()
INDEX = np.flatnonzero(np.random.default_rng(1).random(N) < 0.7)
WEIGHT = np.random.default_rng(2).uniform(0.5, 1.5, len(INDEX))


@pytest.fixture(scope="module")
def crew(cluster: str) -> Iterator[Crew]:
    with Client(cluster) as client:
        yield Crew(client, cluster)


def on_cluster(crew: Crew, homes: tuple[int, ...] = HOMES, least: int = 500) -> ClusterRows:
    spans = zip(CUTS, CUTS[1:], homes, strict=False)
    parts = [Partition(crew.put(X[a:b], home), home, b - a) for a, b, home in spans]
    return ClusterRows(crew, parts, X.shape[1], (5,), context=(4,), least=least)


def here(rows: np.ndarray = X) -> BinnedRows:
    return BinnedRows(rows, (5,), 63, 1)


def trees(booster: lgb.Booster) -> str:
    return booster.model_to_string().split("\nparameters:")[0]


@pytest.mark.slow
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_two_workers_learn_what_one_process_learns(crew, weight):
    rows = on_cluster(crew)
    found = rows.fit(INDEX, Y[INDEX], weight, SHAPE, 0)
    expected = here().fit(INDEX, Y[INDEX], weight, SHAPE, 0)
    assert np.corrcoef(found.predict(X), expected.predict(X))[0, 1] > 0.99
    assert trees(rows.fit(INDEX, Y[INDEX], weight, SHAPE, 0)) == trees(found)


def test_few_rows_are_learned_from_on_one_worker_as_they_would_be_alone(crew):
    found = on_cluster(crew, least=N).fit(INDEX, Y[INDEX], WEIGHT, SHAPE, 0)
    alone = here(X[INDEX]).fit(np.arange(len(INDEX)), Y[INDEX], WEIGHT, SHAPE, 0)
    assert trees(found) == trees(alone)


def test_a_worker_without_rows_takes_no_part(crew):
    rows = on_cluster(crew, homes=(1, 1, 1, 1, 1))
    found = rows.fit(INDEX, Y[INDEX], None, SHAPE, 0)
    alone = here(X[INDEX]).fit(np.arange(len(INDEX)), Y[INDEX], None, SHAPE, 0)
    assert trees(found) == trees(alone)


def test_scores_are_those_of_this_process_in_any_order(crew):
    models = [here().fit(INDEX, y[INDEX], None, SHAPE, 0) for y in (Y, -Y)]
    rows = on_cluster(crew)
    np.testing.assert_array_equal(rows.score(models), here().score(models))
    some = np.random.default_rng(3).integers(0, N, 500)
    np.testing.assert_array_equal(rows.score(models, some), here().score(models, some))


def test_rows_are_scored_as_if_a_column_held_one_value(crew):
    model = here().fit(INDEX, Y[INDEX], None, SHAPE, 0)
    changed = X.copy()
    changed[:, 5] = 2
    rows = on_cluster(crew)
    np.testing.assert_array_equal(rows.where(5, 2).score([model]), here(changed).score([model]))
    np.testing.assert_array_equal(rows.score([model]), here().score([model]))
    np.testing.assert_array_equal(rows.column(3), X[:, 3])


def test_models_are_blind_where_asked(crew):
    rows = on_cluster(crew)
    assert rows.context == (4,)
    found = rows.fit(INDEX, Y[INDEX], None, SHAPE, 0, blind=(0,))
    used = found.feature_importance("split")
    assert used[0] == 0
    assert used[3] > 0


def test_a_model_does_not_tell_where_it_was_trained(crew, cluster):
    text = on_cluster(crew).fit(INDEX, Y[INDEX], None, SHAPE, 0).model_to_string()
    assert "parameters:" in text
    assert "machines:" not in text
    assert cluster.split("//")[1].split(":")[0] not in text
