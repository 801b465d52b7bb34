"""The work of one job, in a process of its own: `python -m workflows.running WORKSPACE JOB_ID`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from domain.discovery import DiscoveryParameters
from domain.errors import AetherError, BadRequest
from interpreter.completion import Completer
from interpreter.llm import LlmSettings
from storage import jobs
from storage.jobs import Job, JobState
from workflows.axisjobs import AXIS_JOBS, run_axis_job
from workflows.discovery import discover
from workflows.engine import DaskCluster
from workflows.erasure import ERASE, erase
from workflows.jobs import DISCOVER, LLM_TOLD, TRAIN
from workflows.training import TrainingOptions, outcomes_to_train, train
from workflows.workspace import Workspace


def run_job(
    workspace: Workspace,
    job: Job,
    tracking_uri: str | None = None,
    cluster: str | None = None,
    llm: LlmSettings | None = None,
) -> Mapping[str, Any]:
    """Do a job's work here, or on the cluster at an address, reporting progress into its row. Of
    each model the result says whether it was promoted, and why; of a discovery its id."""
    if job.kind == DISCOVER:
        return _run_discovery(workspace, job, llm)
    if job.kind in AXIS_JOBS:
        return run_axis_job(workspace, job, cluster, _reporter(workspace, job))
    if job.kind == ERASE:
        return _run_erasure(workspace, job)
    if job.kind == TRAIN:
        return _run_training(workspace, job, tracking_uri, cluster)
    raise BadRequest(f"There is no job of kind {job.kind!r}.")


def _reporter(workspace: Workspace, job: Job) -> Callable[[float, str], None]:
    """Writes a job's progress into its row."""

    def progress(share: float, message: str) -> None:
        with workspace.control.write() as session:
            jobs.report(session, job.id, workspace.now(), progress=share, message=message)

    return progress


def _run_erasure(workspace: Workspace, job: Job) -> Mapping[str, Any]:
    subject = str(job.arguments["subject"])
    return erase(workspace, subject, progress=_reporter(workspace, job), actor=f"job:{job.id}")


def _run_discovery(workspace: Workspace, job: Job, llm: LlmSettings | None) -> Mapping[str, Any]:
    found = discover(
        workspace,
        DiscoveryParameters.model_validate(job.arguments["parameters"]),
        table=job.arguments["table"],
        confirmed=True,
        completer=None if llm is None else Completer(llm),
        progress=_reporter(workspace, job),
        actor=f"job:{job.id}",
    )
    return {
        "discovery_id": found.discovery_id,
        "segments": len(found.cards),
        "message": found.message,
    }


def _run_training(
    workspace: Workspace, job: Job, tracking_uri: str | None, cluster: str | None
) -> Mapping[str, Any]:
    outcomes = outcomes_to_train(workspace, job.arguments["outcome"])
    options = TrainingOptions(
        campaign=job.arguments["campaign"],
        engine=None if cluster is None else DaskCluster(cluster),
        tracking_uri=tracking_uri,
    )
    trained = []
    report = _reporter(workspace, job)
    for place, outcome in enumerate(outcomes):

        def progress(
            share: float, message: str, place: int = place, name: str = outcome.name
        ) -> None:
            report((place + share) / len(outcomes), f"{name}: {message}")

        record = train(workspace, outcome, options, progress=progress, actor=f"job:{job.id}")
        ruling = record.ruling or {}
        trained.append(
            {
                "model_id": record.id,
                "outcome": record.outcome,
                "promoted": ruling.get("promoted", False),
                "why": ruling.get("words", ""),
                "tracking": record.tracking,
            }
        )
    return {"models": trained}


def main(arguments: list[str]) -> int:
    """Do a job that a worker has claimed, and keep its result or why it failed."""
    parser = argparse.ArgumentParser(prog="workflows.running")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("job_id")
    parser.add_argument("--database-url")
    parser.add_argument("--tracking-uri")
    parser.add_argument("--cluster")
    parser.add_argument(LLM_TOLD, action="store_true", help="read its settings as JSON from stdin")
    stated = parser.parse_args(arguments)
    workspace = Workspace.open(stated.workspace, database_url=stated.database_url)
    with workspace.control.read() as session:
        job = jobs.get(session, stated.job_id)
    if job.state is not JobState.RUNNING:
        return 0
    try:
        llm = LlmSettings(**json.load(sys.stdin)) if stated.llm_on_stdin else None
        result = run_job(workspace, job, stated.tracking_uri, stated.cluster, llm)
    except AetherError as error:
        with workspace.control.write() as session:
            jobs.fail(session, job.id, workspace.now(), str(error))
        return 0
    with workspace.control.write() as session:
        jobs.finish(session, job.id, workspace.now(), result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
