"""Slow work through the API: a leased row in the control plane, run in a subprocess of its own.

LightGBM runs at full speed only from a process's main thread, and a training that dies must not
take the server with it. A worker that is stopped leaves its job's lease to run out; the next
worker takes the job again. So is a job taken again whose process was killed (for want of memory,
say); after `MAX_ATTEMPTS` it fails where everybody can see.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from domain.discovery import Comparison, DiscoveryParameters
from interpreter.completion import Completer
from interpreter.llm import LlmSettings
from storage import jobs
from storage.jobs import Job, JobState
from workflows.discovery import ConfirmationNeeded, check_discovery
from workflows.schedules import enqueue_due
from workflows.training import outcomes_to_train
from workflows.trainingdata import choose_campaigns
from workflows.workspace import Workspace

__all__ = [
    "Job",
    "JobState",
    "Worker",
    "list_jobs",
    "show_job",
    "submit_discovery",
    "submit_training",
]

TRAIN, DISCOVER = "train", "discover"
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 2
_POLL_SECONDS = 0.5
_LAST_WORDS = 2_000
LLM_TOLD = "--llm-on-stdin"


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


def submit_discovery(
    workspace: Workspace,
    parameters: DiscoveryParameters,
    *,
    table: str,
    confirmed: bool = False,
    completer: Completer | None = None,
) -> Job | Comparison:
    """Queue a discovery; what can be refused is refused now. Where an LLM is to be asked about many
    rows and nobody confirmed it, nothing is queued and the tiers are compared."""
    try:
        check_discovery(
            workspace, parameters, table=table, confirmed=confirmed, completer=completer
        )
    except ConfirmationNeeded as needed:
        return needed.comparison
    arguments = {"table": table, "parameters": parameters.model_dump(mode="json")}
    with workspace.control.write() as session:
        return jobs.enqueue(session, DISCOVER, arguments, workspace.now())


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
        llm: LlmSettings | None = None,
    ) -> None:
        self._workspace, self._llm = workspace, llm
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
                enqueue_due(session, self._workspace.now())
                job = jobs.lease(session, self._workspace.now(), LEASE, MAX_ATTEMPTS)
            if job is None:
                self._stop.wait(_POLL_SECONDS)
            else:
                self._supervise(job)

    def _supervise(self, job: Job) -> None:
        """Run one job in a subprocess, renewing its lease while it lives."""
        log = self._workspace.root / "jobs" / f"{job.id}.log"
        log.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "workflows.running", str(self._workspace.root), job.id]
        command += self._options
        with log.open("wb") as stream:
            process = self._begun(command, stream)
            while process.poll() is None:
                if self._stop.wait(_POLL_SECONDS):
                    process.terminate()
                    process.wait(timeout=10)
                    return
                with self._workspace.control.write() as session:
                    jobs.renew(session, job.id, self._workspace.now(), LEASE)
        self._look_back(job, process.returncode, log)

    def _begun(self, command: list[str], stream: BinaryIO) -> subprocess.Popen[bytes]:
        if self._llm is None:
            return subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
        # Not among the arguments, where every user of the machine could read the LLM's key.
        process = subprocess.Popen(
            [*command, LLM_TOLD],
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as told:
            told.write(json.dumps(asdict(self._llm)).encode())
        return process

    def _look_back(self, job: Job, code: int, log: Path) -> None:
        """What becomes of a job whose process has ended without saying so itself."""
        if code < 0 and job.attempts < MAX_ATTEMPTS:
            with self._workspace.control.write() as session:
                words = f"its process was killed by signal {-code}; waiting to retry"
                jobs.release(session, job.id, self._workspace.now(), words)
        elif code != 0:
            words = log.read_text("utf-8", errors="replace").strip()[-_LAST_WORDS:]
            with self._workspace.control.write() as session:
                jobs.fail(
                    session,
                    job.id,
                    self._workspace.now(),
                    f"the job's process ended with code {code}: "
                    f"{words.splitlines()[-1] if words else 'it said nothing'}",
                )
