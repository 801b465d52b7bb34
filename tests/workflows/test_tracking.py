"""A training in a real MLflow store, and a store that can't be used."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow.tracking import MlflowClient

from domain.errors import AetherError
from tests.workflows.company import OPTIONS, built, copied
from workflows.promotion import list_models, promote, show_model
from workflows.tracking import MODEL_TAG, metrics_of, parameters_of, track
from workflows.training import TrainingOptions, train
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty store, made once: MLflow takes seconds to make its tables."""
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)  # where it puts the artifacts
        yield f"sqlite:///{folder / 'mlflow.db'}"


@pytest.fixture(scope="module")
def logged(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose training of revenue was logged."""
    base = tmp_path_factory.getbasetemp()
    workspace = copied(built(base / "company"), tmp_path_factory.mktemp("logged"))
    options = TrainingOptions(seed=OPTIONS.seed, n_jobs=1, folds=3, tracking_uri=store)
    train(workspace, find_outcome(workspace, "revenue"), options)
    yield workspace
    workspace.close()


def runs_of(store: str, outcome: str) -> list[Any]:
    client = MlflowClient(tracking_uri=store)
    experiment = client.get_experiment_by_name(f"aether/shop/{outcome}")
    return [] if experiment is None else list(client.search_runs([experiment.experiment_id]))


@pytest.mark.slow
def test_a_training_is_a_run_with_its_parameters_and_metrics(logged: Workspace, store: str) -> None:
    record = list_models(logged)[-1]
    (run,) = runs_of(store, "revenue")
    assert record.tracking == (
        f"Logged to MLflow as run {run.info.run_id} of the experiment aether/shop/revenue."
    )
    assert (run.info.status, run.info.run_name) == ("FINISHED", record.id)
    assert run.data.tags[MODEL_TAG] == record.id
    assert run.data.tags["aether.promoted"] == "yes"
    evaluation = record.card["evaluation"]
    assert run.data.params["seed"] == str(OPTIONS.seed)
    assert run.data.params["capacity.name"] == evaluation["capacity"]["name"]
    assert run.data.params["capacity.effect.0.leaves"] == str(
        evaluation["capacity"]["effect"][0]["leaves"]
    )
    assert run.data.params["data.profiles"] == record.card["data"]["profiles"]
    assert run.data.params["code.package"] == record.card["code"]["package"]
    assert run.data.metrics["effects.gift_guide.low"] == evaluation["effects"]["gift_guide"]["low"]
    assert run.data.metrics["against_none.value"] == evaluation["against_none"]["value"]
    assert run.data.metrics["learning_rows"] == evaluation["learning_rows"]


def test_the_card_and_the_models_files_are_its_artifacts(
    logged: Workspace, store: str, tmp_path: Path
) -> None:
    record = list_models(logged)[-1]
    (run,) = runs_of(store, "revenue")
    client = MlflowClient(tracking_uri=store)
    copy = Path(client.download_artifacts(run.info.run_id, "model", str(tmp_path)))
    folder = logged.root / "models" / record.id
    assert {p.name: p.read_bytes() for p in copy.iterdir()} == {
        p.name: p.read_bytes() for p in folder.iterdir()
    }
    assert json.loads((copy / "card.json").read_text()) == record.card
    text = "".join(p.read_text() for p in copy.iterdir())
    assert "p00001" not in text, "no customer leaves the workspace"


def test_a_run_says_that_its_model_was_not_promoted(lived: Workspace, store: str) -> None:
    worse = list_models(lived)[-1]
    track(lived, worse.id, store)
    (run,) = runs_of(store, "converted")
    assert run.data.tags["aether.promoted"] == "no"
    assert "worse, beyond noise" in run.data.tags["aether.ruling"]


@pytest.mark.parametrize("uri", ["nonsense://me:secret@there", "file:///tmp"])
def test_a_store_that_fails_costs_the_log_and_not_the_model(own: Workspace, uri: str) -> None:
    options = TrainingOptions(seed=OPTIONS.seed, n_jobs=1, folds=3, tracking_uri=uri)
    record = train(own, find_outcome(own, "revenue"), options)
    assert record.current
    assert record.tracking.startswith("Not logged to MLflow, ")
    assert record.tracking.count("\n") == 0
    assert "secret" not in record.tracking
    assert show_model(own, record.id) == record
    with pytest.raises(AetherError, match="already"):
        promote(own, record.id)


def test_without_the_extra_it_says_what_to_install(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = builtins.__import__

    def without_mlflow(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("mlflow"):
            raise ModuleNotFoundError("No module named 'mlflow'")
        return plain(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without_mlflow)
    (record,) = list_models(own)
    words = track(own, record.id, "sqlite:///x.db")
    assert "pip install 'aethersegment[mlflow]'" in words
    assert show_model(own, record.id).tracking == words


def test_flat_names_hold_every_part_and_no_gap(trained: Workspace) -> None:
    (record,) = list_models(trained)
    metrics = metrics_of(record.card)
    assert all(isinstance(value, float) for value in metrics.values())
    assert {name for name in metrics if name.startswith("effects.")} == {
        f"effects.{trigger}.{part}"
        for trigger in ("free_shipping", "gift_guide")
        for part in ("value", "se", "low", "high")
    }
    parameters = parameters_of(record.card)
    assert parameters["minimum.control"] == str(record.card["parameters"]["minimum"]["control"])
    assert parameters["campaigns"] == "spring-26"
    assert max(len(value) for value in parameters.values()) <= 500
    assert len(parameters) <= 100, "what MLflow takes at once"
