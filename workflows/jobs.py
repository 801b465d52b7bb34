"""Slow work through the API: a leased row in the control plane, run in a subprocess of its own.

LightGBM runs at full speed only from a process's main thread, and a training that dies must not
take the server with it. A worker that is stopped leaves its job's lease to run out; the next
worker takes the job again. So is a job taken again whose process was killed (for want of memory,
say); after `MAX_ATTEMPTS` it fails where everybody can see.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.errors import AetherError, BadRequest
from storage import jobs
from storage.jobs import Job, JobState
from workflows.engine import DaskCluster
from workflows.erasure import ERASE, erase
from workflows.training import TrainingOptions, outcomes_to_train, train
from workflows.trainingdata import choose_campaigns
from workflows.workspace import Workspace

__all__ = ["Job", "Worker", "list_jobs", "run_job", "show_job", "submit_training"]

TRAIN = "train"
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 2
_POLL_SECONDS = 0.5
_LAST_WORDS = 2_000


def submit_training(
    workspace: Workspace, *, outcome: str | None = None, campaign: str | None = None
) -> Job:
    """Queue a training; what can be refused is refused now."""
    for one in outcomes_to_train(workspace, outcome):
        choose_campaigns(workspace, one, campaign)
    with workspace.control.write() as session:
        return jobs.enqueue(
            session, TRAIN, {"outcome": outcome, "campaign": campaign}, workspace.now()
        )


def show_job(workspace: Workspace, job_id: str) -> Job:
    with workspace.control.read() as session:
        return jobs.get(session, job_id)


def list_jobs(workspace: Workspace) -> list[Job]:
    with workspace.control.read() as session:
        return jobs.listed(session)


class Worker:
    """Takes jobs one at a time until it is stopped."""

    def __init__(
        self,
        workspace: Workspace,
        database_url: str | None = None,
        tracking_uri: str | None = None,
        cluster: str | None = None,
    ) -> None:
        self._workspace = workspace
        stated = {
            "--database-url": database_url,
            "--tracking-uri": tracking_uri,
            "--cluster": cluster,
        }
        self._options = [word for name, value in stated.items() if value for word in (name, value)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="aether-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the present look; a job that runs is ended and will be taken again."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def run(self) -> None:
        while not self._stop.is_set():
            with self._workspace.control.write() as session:
                job = jobs.lease(session, self._workspace.now(), LEASE, MAX_ATTEMPTS)
            if job is None:
                self._stop.wait(_POLL_SECONDS)
            else:
                self._supervise(job)

    def _supervise(self, job: Job) -> None:
        """Run one job in a subprocess, renewing its lease while it lives."""
        log = self._workspace.root / "jobs" / f"{job.id}.log"
        log.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "workflows.jobs", str(self._workspace.root), job.id]
        command += self._options
        with log.open("wb") as stream:
            process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
            while process.poll() is None:
                if self._stop.wait(_POLL_SECONDS):
                    process.terminate()
                    process.wait(timeout=10)
                    return
                with self._workspace.control.write() as session:
                    jobs.renew(session, job.id, self._workspace.now(), LEASE)
        if process.returncode < 0 and job.attempts < MAX_ATTEMPTS:
            with self._workspace.control.write() as session:
                words = f"its process was killed by signal {-process.returncode}; waiting to retry"
                jobs.release(session, job.id, self._workspace.now(), words)
        elif process.returncode != 0:
            words = log.read_text("utf-8", errors="replace").strip()[-_LAST_WORDS:]
            with self._workspace.control.write() as session:
                jobs.fail(
                    session,
                    job.id,
                    self._workspace.now(),
                    f"the job's process ended with code {process.returncode}: "
                    f"{words.splitlines()[-1] if words else 'it said nothing'}",
                )


def run_job(
    workspace: Workspace,
    job: Job,
    tracking_uri: str | None = None,
    cluster: str | None = None,
) -> Mapping[str, Any]:
    """Do a job's work here, or on the cluster at an address, reporting progress into its row. Of
    each model the result says whether it was promoted, and why."""
    if job.kind == ERASE:

        def erasing(share: float, message: str) -> None:
            with workspace.control.write() as session:
                jobs.report(session, job.id, workspace.now(), progress=share, message=message)

        subject = str(job.arguments["subject"])
        return erase(workspace, subject, progress=erasing, actor=f"job:{job.id}")
    if job.kind != TRAIN:
        raise BadRequest(f"There is no job of kind {job.kind!r}.")
    outcomes = outcomes_to_train(workspace, job.arguments["outcome"])
    options = TrainingOptions(
        campaign=job.arguments["campaign"],
        engine=None if cluster is None else DaskCluster(cluster),
        tracking_uri=tracking_uri,
    )
    trained = []
    for place, outcome in enumerate(outcomes):

        def progress(
            share: float, message: str, place: int = place, name: str = outcome.name
        ) -> None:
            with workspace.control.write() as session:
                jobs.report(
                    session,
                    job.id,
                    workspace.now(),
                    progress=(place + share) / len(outcomes),
                    message=f"{name}: {message}",
                )

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
    """`python -m workflows.jobs WORKSPACE JOB_ID`: the subprocess of one job."""
    parser = argparse.ArgumentParser(prog="workflows.jobs")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("job_id")
    parser.add_argument("--database-url")
    parser.add_argument("--tracking-uri")
    parser.add_argument("--cluster")
    stated = parser.parse_args(arguments)
    workspace = Workspace.open(stated.workspace, database_url=stated.database_url)
    with workspace.control.read() as session:
        job = jobs.get(session, stated.job_id)
    if job.state is not JobState.RUNNING:
        return 0
    try:
        result = run_job(workspace, job, stated.tracking_uri, stated.cluster)
    except AetherError as error:
        with workspace.control.write() as session:
            jobs.fail(session, job.id, workspace.now(), str(error))
        return 0
    with workspace.control.write() as session:
        jobs.finish(session, job.id, workspace.now(), result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
