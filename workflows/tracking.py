"""A trained model as a run in MLflow: parameters, metrics, the card and the model's files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storage import models
from storage.models import ModelRecord
from workflows.modelfiles import model_folder
from workflows.promotion import show_model
from workflows.workspace import Workspace

MODEL_TAG = "aether.model_id"
ESTIMATED = ("policy_value", "against_none", "against_best_single", "against_random")
BY_TRIGGER = ("effects", "qini", "auuc", "rate")
PARTS = ("value", "se", "low", "high")
DEFAULTS = {
    # MLflow would send its maker word of each use. A company's campaigns are its own business.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Its own default of 7 makes a training wait four minutes for a server that is down.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    # The words that `track` gives say enough; how MLflow makes its tables does not matter here.
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}
"""MLflow's own settings where the environment does not state them."""


def track(workspace: Workspace, model_id: str, uri: str) -> str:
    """Log a model to the MLflow store at `uri`, and keep with the model what became of it.

    The model is in the workspace already, so that a store that can't be reached costs nothing but
    the log: the words say why.
    """
    record = show_model(workspace, model_id)
    experiment = f"aether/{workspace.settings.name}/{record.outcome}"
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        run = _logged(uri, experiment, record, model_folder(workspace, model_id))
    except ImportError as error:
        words = f"Not logged to MLflow ({error}): pip install 'aethersegment[mlflow]'."
    except Exception as error:  # noqa: BLE001 - each kind of artifact store raises its own
        first = (str(error).strip() or repr(error)).splitlines()[0]
        words = _without_password(f"Not logged to MLflow, {type(error).__name__}: {first}", uri)
    else:
        words = f"Logged to MLflow as run {run} of the experiment {experiment}."
    with workspace.control.write() as session:
        models.put_tracking(session, model_id, words)
    return words


def parameters_of(card: Mapping[str, Any]) -> dict[str, str]:
    """What a model was made from and with, as flat names and texts."""
    data = {name: one for name, one in card["data"].items() if isinstance(one, str)}
    campaigns = ", ".join(campaign["campaign_id"] for campaign in card["campaigns"])
    stated = {**card["parameters"], "code": card["code"], "data": data, "campaigns": campaigns}
    return {name: str(value)[:500] for name, value in _leaves(stated)}


def metrics_of(card: Mapping[str, Any]) -> dict[str, float]:
    """Every estimate of the evaluation, with its error and interval, as flat names and numbers."""
    evaluation = card["evaluation"]
    found: dict[str, Any] = {name: evaluation[name] for name in ESTIMATED}
    for group in BY_TRIGGER:
        for trigger, one in evaluation[group].items():
            found[f"{group}.{trigger}"] = one
    metrics = {
        f"{name}.{part}": float(one[part])
        for name, one in found.items()
        for part in PARTS
        if one.get(part) is not None
    }
    for trigger, share in evaluation["recommended_share"].items():
        metrics[f"recommended_share.{trigger}"] = float(share)
    for name in ("learning_rows", "reporting_rows"):
        metrics[name] = float(evaluation[name])
    for name, value in evaluation["mixture"].items():
        metrics[name] = float(value)
    return metrics


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = dict(enumerate(value)).items()
    else:
        yield name, value
        return
    for key, item in items:
        yield from _leaves(item, f"{name}.{key}" if name else str(key))


def _without_password(words: str, uri: str) -> str:
    secret = urlsplit(uri).password
    return words.replace(secret, "***") if secret else words


def _logged(uri: str, experiment: str, record: ModelRecord, folder: Path) -> str:
    """The id of the finished run."""
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    known = client.get_experiment_by_name(experiment)
    home = client.create_experiment(experiment) if known is None else known.experiment_id
    run = client.create_run(home, run_name=record.id).info.run_id
    at = int(record.created_at.timestamp() * 1000)
    ruling = record.ruling or {}
    tags = {
        MODEL_TAG: record.id,
        "aether.outcome": record.outcome,
        "aether.promoted": "yes" if ruling.get("promoted") else "no",
        "aether.ruling": ruling.get("words", ""),
        "aether.verdict": record.card["evaluation"]["verdict"],
    }
    try:
        client.log_batch(
            run,
            metrics=[Metric(n, value, at, 0) for n, value in metrics_of(record.card).items()],
            params=[Param(n, value) for n, value in parameters_of(record.card).items()],
            tags=[RunTag(n, value) for n, value in tags.items()],
        )
        client.log_artifacts(run, str(folder), "model")
    except BaseException:
        client.set_terminated(run, status="FAILED")
        raise
    client.set_terminated(run)
    return str(run)
