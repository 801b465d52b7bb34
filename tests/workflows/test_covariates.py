"""Axes and kept discoveries as covariates: tried at training, used wherever a model is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import uplift.covariates
from domain.criteria import Condition, Op
from domain.discovery import DiscoveryParameters, Tier
from domain.errors import BadRequest, NoEvidence
from storage.models import ModelRecord
from storage.population import Population
from tests.workflows.axisshop import axis_shop
from tests.workflows.company import MAPPING, NOW, OPTIONS, copied, experiment, write_files
from workflows.axes import cluster_axes, current_memberships, refresh_axes
from workflows.bycriteria import segment_by_criteria
from workflows.comparing import compare_models
from workflows.covariates import covariates_of, covariates_today
from workflows.discovery import discover
from workflows.drift import drift_of
from workflows.engine import DaskCluster
from workflows.importing import import_experiment
from workflows.keeping import keep_discovery
from workflows.mapping import read_mapping
from workflows.modelscores import current_scores
from workflows.profiling import refresh_profiles
from workflows.promotion import promote, show_model
from workflows.training import train
from workflows.trainingdata import find_outcome
from workflows.why import why
from workflows.workspace import PROFILES, Workspace

TRYING = replace(OPTIONS, clusters=True)
FIELD = "cluster.baskets"


@pytest.fixture
def kept(own: Workspace) -> Workspace:
    """The company with a kept discovery."""
    found = discover(own, DiscoveryParameters(tier=Tier.HEURISTIC, fields=("basket",)))
    keep_discovery(own, found.discovery_id, "baskets", by="Ada")
    own.now = lambda: NOW + timedelta(hours=1)
    return own


def learned(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> ModelRecord:
    """A model that keeps every block, be it worth it or not."""
    monkeypatch.setattr(uplift.covariates, "falls", lambda trial: False)
    return train(workspace, find_outcome(workspace, "converted"), TRYING)


@pytest.mark.slow
def test_the_card_says_what_was_tried_and_what_was_kept(kept: Workspace) -> None:
    record = train(kept, find_outcome(kept, "converted"), TRYING)
    found = record.card["covariates"]
    (only,) = found["trials"]
    assert only["blocks"] == ["clusters"]
    assert only["gain"]["low"] <= only["gain"]["value"] <= only["gain"]["high"]
    assert found["rows"] == record.card["evaluation"]["learning_rows"]
    assert (FIELD in record.card["features"]) == (found["kept"] == ["clusters"])
    assert (found["kept"] == ["clusters"]) == (only["gain"]["value"] >= 0)
    page = (kept.root / "models" / record.id / "card.html").read_text("utf-8")
    assert "Axes and clusters as covariates" in page


def test_by_default_nothing_is_tried(kept: Workspace) -> None:
    record = train(kept, find_outcome(kept, "converted"), OPTIONS)
    assert record.card["covariates"] is None
    assert FIELD not in record.card["features"]


@pytest.mark.slow
def test_a_model_that_keeps_clusters_serves_like_any_other(
    kept: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = learned(kept, monkeypatch)
    assert FIELD in record.card["features"]
    promote(kept, record.id, forced_because="tested") if not record.current else None
    assert not [one for one in drift_of(kept, show_model(kept, record.id)) if one.index is None]
    small = Condition(field="basket", op=Op.LT, value=40)
    made = segment_by_criteria(kept, small, "free_shipping", outcome="converted")
    assert made.model_id == record.id
    members = kept.snapshots.open(made.members_id).table(["customer_id"])
    told = why(kept, members.column(0)[0].as_py(), made.segment_id)
    assert told.reasons
    comparison = compare_models(kept, record.id, record.ruling["against"])  # type: ignore[index]
    assert comparison.known > 0


def test_beside_profiles_are_the_values_of_the_one_engine(kept: Workspace) -> None:
    profiles = kept.current(PROFILES)
    covariates = covariates_today(kept, ("basket", FIELD))
    with Population(kept.schema(), [profiles]) as people:
        for bucket in profiles.files:
            table = profiles.read(bucket)
            assert table is not None
            beside = covariates.beside(table, bucket)
            assert beside.column_names == [*table.column_names, FIELD]
            some = Condition(field=FIELD, op=Op.NOT_NULL)
            asked = people.select(some, ["customer_id", FIELD]).to_pylist()
            known = {row["customer_id"]: row[FIELD] for row in asked}
            for row in beside.select(["customer_id", FIELD]).to_pylist():
                assert row[FIELD] == known.get(row["customer_id"])


def test_memberships_are_null_for_who_is_not_on_the_axes(own: Workspace) -> None:
    axes = pa.table({"customer_id": ["b", "a"], "axis.x": ["low", "high"], "axis.y": ["1", "2"]})
    snapshot = own.snapshots.write("axes", [(0, axes)])
    covariates = covariates_of(own.schema(), ("axis.x", "basket"), snapshot)
    people = pa.table({"customer_id": ["a", "c", "b"]})
    assert covariates.beside(people, 0).column("axis.x").to_pylist() == ["high", None, "low"]
    assert covariates.beside(people, 1).column("axis.x").to_pylist() == [None] * 3


def test_a_cluster_of_machines_can_not_try_them(kept: Workspace) -> None:
    options = replace(TRYING, engine=DaskCluster("tcp://127.0.0.1:1"))
    with pytest.raises(BadRequest) as error:
        train(kept, find_outcome(kept, "converted"), options)
    assert error.value.field == "clusters"


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Workspace]:
    """The planted shop with its axes and an experiment."""
    workspace = copied(axis_shop(tmp_path_factory.getbasetemp())[0], tmp_path)
    refresh_profiles(workspace)
    ids = current_memberships(workspace).table(["customer_id"]).column("customer_id")
    rows = experiment(len(ids))
    rows = rows.set_column(rows.schema.get_field_index("person"), "person", ids)
    files = write_files(tmp_path / "files", rows, MAPPING)
    import_experiment(workspace, files.data, read_mapping(files.mapping))
    yield workspace
    workspace.close()


@pytest.mark.slow
def test_axes_are_learned_as_of_the_campaign_and_scored_as_of_today(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = learned(shop, monkeypatch)
    features = record.card["features"]
    assert {"axis.price_sensitivity", "axis.price_sensitivity.strength"} <= set(features)
    assert record.card["covariates"]["kept"] == ["axes"]
    before = current_scores(shop, record)
    assert before.meta["axes_id"] == current_memberships(shop).id
    refresh_axes(shop, as_of=NOW + timedelta(days=200))
    after = current_scores(shop, record)
    assert after.meta["axes_id"] == current_memberships(shop).id != before.meta["axes_id"]
    assert np.isfinite(after.table().column("uplift_score_for_free_shipping").to_numpy()).all()
    cluster_axes(shop, seed=4, threads=1)
    with pytest.raises(NoEvidence, match="version 1 of the axes"):
        current_scores(shop, record)
