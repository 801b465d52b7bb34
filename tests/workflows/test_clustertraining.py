"""Training on a cluster of two workers: the rows lie there, the model is that of one process."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from domain.errors import BadRequest
from storage import models
from tests.workflows.company import MAPPING, OPTIONS, experiment, imported
from tests.workflows.test_pooling import with_two_campaigns
from uplift.context import with_context
from uplift.crew import ClusterFailed
from uplift.features import FeatureSpace
from uplift.histograms import histograms_of
from workflows.cluster import NoCluster
from workflows.clusterparts import matrix_of, read_part, space_of, summary_of
from workflows.clustertraining import cluster_training_rows
from workflows.engine import DaskCluster
from workflows.features import MAX_LEVELS
from workflows.modelfiles import load_model
from workflows.training import train
from workflows.trainingdata import choose_campaigns, find_outcome, sources_of, training_rows
from workflows.trainingsources import Assigned
from workflows.workspace import Workspace

ROWS = 2_500


def with_towns(table: pa.Table) -> pa.Table:
    """A text with more levels than a feature may have, but with fewer in each bucket."""
    towns = [f"town {i % (MAX_LEVELS + 1)}" for i in range(table.num_rows)]
    few = np.random.default_rng(0).permutation(table.num_rows) < 8 * MAX_LEVELS
    return table.append_column("town", pa.array(towns, mask=~few))


def by_customer(frame: pd.DataFrame, ids: np.ndarray) -> pd.DataFrame:
    return frame.set_axis(pd.Index(ids)).sort_index()


@pytest.mark.parametrize("make", [
    lambda folder: imported(folder, with_towns(experiment(ROWS))),
    with_two_campaigns,
], ids=["one campaign", "two campaigns"])  # fmt: skip
def test_parts_give_the_features_of_the_whole(make, tmp_path: Path) -> None:
    workspace = make(tmp_path)
    outcome = find_outcome(workspace, "converted")
    campaigns = choose_campaigns(workspace, outcome, None)
    whole = training_rows(workspace, campaigns, outcome)
    sources = sources_of(workspace, campaigns, outcome)
    parts = [read_part(sources.of([bucket])) for bucket in sources.buckets]
    assert len(parts) == 4
    summaries = [summary_of(part) for part in parts]
    space = space_of(summaries, sources)
    for reporting in (False, True):
        data = whole.dataset.take(whole.reporting == reporting)
        X = with_context(data)
        if not reporting:
            assert space == FeatureSpace.of(X)
            assert "town" not in space.names
        joined = Assigned.joined([one.assigned for one in summaries])
        chosen = joined.reporting == reporting
        found = np.concatenate([matrix_of(part, space, reporting) for part in parts])
        pd.testing.assert_frame_equal(
            by_customer(pd.DataFrame(found), joined.customer_id[chosen]),
            by_customer(pd.DataFrame(space.encode(X)), data.customer_id),
        )


@pytest.mark.slow
def test_the_rows_lie_on_the_workers_and_only_the_rest_is_here(
    cluster: str, tmp_path: Path
) -> None:
    workspace = with_two_campaigns(tmp_path)
    outcome = find_outcome(workspace, "converted")
    campaigns = choose_campaigns(workspace, outcome, None)
    here = training_rows(workspace, campaigns, outcome)
    with cluster_training_rows(workspace, campaigns, outcome, DaskCluster(cluster)) as rows:
        assert rows.dataset.X.shape == (here.dataset.n, 0)
        order, expected = (np.argsort(one.dataset.customer_id) for one in (rows, here))
        for name in ("customer_id", "arm", "outcome", "propensity", "campaign"):
            np.testing.assert_array_equal(
                getattr(rows.dataset, name)[order], getattr(here.dataset, name)[expected]
            )
        np.testing.assert_array_equal(rows.reporting[order], here.reporting[expected])
        tables = list(rows.features.reporting_profiles())
        assert len(tables) > 1
        ids = pa.concat_tables(tables, promote_options="permissive").column("customer_id")
        assert ids.to_pylist() == rows.dataset.customer_id[rows.reporting].tolist()

        learning, same = (one.dataset.take(~one.reporting) for one in (rows, here))
        assert histograms_of(rows.features.columns(learning)) == histograms_of(same.X.items())
        model = load_model(workspace, train(workspace, outcome, OPTIONS).id)
        assert model.campaign == 1
        found, said = rows.features.delivered(model, learning), model.score(same.X)
        order, expected = (np.argsort(one.customer_id) for one in (learning, same))
        for name in ("effects", "net_values", "baseline", "best"):
            np.testing.assert_array_equal(
                getattr(found, name)[order], getattr(said, name)[expected]
            )


def columns_of(workspace: Workspace, snapshot_id: str) -> dict[str, np.ndarray]:
    table = workspace.snapshots.open(snapshot_id).table().sort_by("customer_id")
    return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}


@pytest.mark.slow
def test_effects_are_those_of_one_process(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uplift.clusterrows.LEAST", 1_000)
    workspace = imported(tmp_path, experiment(30_000))
    outcome = find_outcome(workspace, "converted")
    here = train(workspace, outcome, OPTIONS)
    there = train(workspace, outcome, replace(OPTIONS, engine=DaskCluster(cluster)))
    expected, found = (columns_of(workspace, one.scores_id) for one in (here, there))
    np.testing.assert_array_equal(expected["customer_id"], found["customer_id"])
    for trigger in ("free_shipping", "gift_guide"):
        name = f"uplift_score_for_{trigger}"
        assert np.corrcoef(expected[name], found[name])[0, 1] > 0.99
    assert (expected["best_trigger"] == found["best_trigger"]).mean() > 0.97

    one, other = here.card["evaluation"], there.card["evaluation"]
    assert here.card["features"] == there.card["features"]
    assert here.card["histograms"]["features"] == there.card["histograms"]["features"]
    assert here.card["histograms"]["rows"] == there.card["histograms"]["rows"]
    assert one["reporting_rows"] == other["reporting_rows"]
    assert other["verdict"].startswith("Personalising pays")
    assert one["against_none"]["value"] == pytest.approx(other["against_none"]["value"], rel=0.02)
    assert (workspace.root / "models" / there.id / "card.html").is_file()
    before, after = (columns_of(workspace, record.evidence_id) for record in (here, there))
    for name in ("customer_id", "@arm", "@cluster", "basket", "region"):
        pd.testing.assert_series_equal(pd.Series(before[name]), pd.Series(after[name]))
    for name in ("@aipw_free_shipping", "uplift_score_for_free_shipping"):
        assert np.corrcoef(before[name], after[name])[0, 1] > 0.99


@pytest.mark.slow
def test_a_worker_that_dies_while_it_trains_ends_the_training_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster

    monkeypatch.setattr("uplift.clusterrows.LEAST", 1_000)
    workspace = imported(tmp_path, experiment(20_000))
    before = sorted(workspace.root.rglob("*"))
    outcome = find_outcome(workspace, "converted")
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as made,
        Client(made) as client,
    ):
        victim = sorted(client.run(os.getpid).values())[0]

        def kill() -> None:
            while not any("_train_part" in str(key) for key in list(made.scheduler.tasks)):
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()
        options = replace(OPTIONS, engine=DaskCluster(made.scheduler_address))
        with pytest.raises(ClusterFailed, match=r"lost the worker tcp://127\.0\.0\.1"):
            train(workspace, outcome, options)
    assert sorted(workspace.root.rglob("*")) == before
    with workspace.control.read() as session:
        assert models.listed(session) == []


def test_unknown_propensities_and_tournaments_are_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    stated = "[arm.probabilities]\nholdout = 0.3\nship = 0.35\nguide = 0.35"
    mapping = MAPPING.replace(stated, "").replace("[customer]", 'design = "targeted"\n\n[customer]')
    workspace = imported(tmp_path, experiment(ROWS), mapping)
    outcome = find_outcome(workspace, "converted")
    options = replace(OPTIONS, engine=DaskCluster("tcp://127.0.0.1:1"))
    with pytest.raises(BadRequest, match="propensities are not known"):
        train(workspace, outcome, options)
    with pytest.raises(BadRequest, match="tournament"):
        train(workspace, outcome, replace(options, method=None))


def test_an_address_without_a_scheduler_is_one_clear_error(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.cluster.PATIENCE_SECONDS", 1)
    options = replace(OPTIONS, engine=DaskCluster("tcp://127.0.0.1:1"))
    with pytest.raises(NoCluster, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1\."):
        train(own, find_outcome(own, "converted"), options)
