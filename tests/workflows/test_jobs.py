"""Slow work in a process of its own: done, failed with its reason, or taken again."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from domain.discovery import DiscoveryParameters, Tier
from domain.errors import NoEvidence, NotFound
from storage import jobs, models
from storage.jobs import Job, JobState
from tests.workflows.company import NOW, copied
from workflows.discovery import show_discovery
from workflows.jobs import (
    DISCOVER,
    LEASE,
    MAX_ATTEMPTS,
    TRAIN,
    Worker,
    list_jobs,
    show_job,
    submit_discovery,
    submit_training,
)
from workflows.running import main
from workflows.workspace import Workspace

PATIENCE = 300


@contextmanager
def worker(workspace: Workspace) -> Iterator[Worker]:
    running = Worker(workspace, tracking_uri="nonsense://store")
    running.start()
    try:
        yield running
    finally:
        running.stop()


def waited(workspace: Workspace, job_id: str, until: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        job = show_job(workspace, job_id)
        if until(job):
            return job
        time.sleep(0.02)
    raise AssertionError(f"the job is still {show_job(workspace, job_id)}")


def ended(job: Job) -> bool:
    return job.state in (JobState.DONE, JobState.FAILED)


def process_of(workspace: Workspace, job_id: str) -> int:
    """The process that works on a job in this workspace."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if job_id.encode() in words and str(workspace.root).encode() in words:
                return int(folder.name)
        time.sleep(0.005)
    raise AssertionError("the job has no process")


@pytest.mark.slow
def test_a_training_runs_in_a_process_of_its_own_to_the_end(own: Workspace) -> None:
    job = submit_training(own, outcome="bought")
    assert (job.state, job.progress) == (JobState.QUEUED, 0.0)
    with worker(own):
        done = waited(own, job.id, ended)
    assert (done.state, done.progress, done.attempts) == (JobState.DONE, 1.0, 1)
    assert done.result is not None
    (model,) = done.result["models"]
    with own.control.read() as session:
        record = models.get(session, model["model_id"])
    assert record.ruling is not None
    assert (model["promoted"], model["why"]) == (record.current, record.ruling["words"])
    assert "against mdl-converted" in model["why"]
    assert model["tracking"] == record.tracking
    assert "nonsense" in model["tracking"], "the job's process knows where to log"
    assert (own.root / "models" / model["model_id"] / "card.json").is_file()


@pytest.mark.slow
def test_a_killed_job_is_tried_again_and_then_fails_visibly(own: Workspace) -> None:
    job = submit_training(own, outcome="converted")
    with worker(own):
        for attempt in range(1, MAX_ATTEMPTS + 1):
            waited(own, job.id, lambda j, n=attempt: j.attempts == n)  # type: ignore[misc]
            os.kill(process_of(own, job.id), signal.SIGKILL)
            waited(own, job.id, lambda j, n=attempt: j.attempts > n or ended(j))  # type: ignore[misc]
        failed = waited(own, job.id, ended)
    assert failed.state is JobState.FAILED
    assert failed.attempts == MAX_ATTEMPTS
    assert "-9" in failed.message
    with own.control.read() as session:
        assert len(models.listed(session)) == 1, "nothing half made is kept"


def test_a_job_that_can_not_be_done_fails_with_its_reason(own: Workspace) -> None:
    for kind, arguments, says in (
        (TRAIN, {"outcome": "converted", "campaign": "atlantis"}, "atlantis"),
        ("bake", {}, "'bake'"),
    ):
        with own.control.write() as session:
            jobs.enqueue(session, kind, arguments, own.now())
            job = jobs.lease(session, own.now(), LEASE, MAX_ATTEMPTS)
        assert job is not None
        assert main([str(own.root), job.id]) == 0
        failed = show_job(own, job.id)
        assert failed.state is JobState.FAILED
        assert says in failed.message


def test_a_job_trains_on_the_cluster_that_is_named(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.cluster.PATIENCE_SECONDS", 1)
    submit_training(own, outcome="bought")
    with own.control.write() as session:
        job = jobs.lease(session, own.now(), LEASE, MAX_ATTEMPTS)
    assert job is not None
    assert main([str(own.root), job.id, "--cluster", "tcp://127.0.0.1:1"]) == 0
    failed = show_job(own, job.id)
    assert failed.state is JobState.FAILED
    assert "No Dask scheduler answers at tcp://127.0.0.1:1." in failed.message


def test_a_discovery_job_is_told_of_the_llm_on_its_standard_input(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "api_key": "k", "retries": 0}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(told)))
    with own.control.write() as session:
        parameters = DiscoveryParameters(tier=Tier.LLM).model_dump(mode="json")
        jobs.enqueue(session, DISCOVER, {"table": "profiles", "parameters": parameters}, own.now())
        job = jobs.lease(session, own.now(), LEASE, MAX_ATTEMPTS)
    assert job is not None
    assert main([str(own.root), job.id, "--llm-on-stdin"]) == 0
    failed = show_job(own, job.id)
    assert failed.state is JobState.FAILED
    assert "The LLM can't be reached." in failed.message, "nobody answers at that port"


@pytest.mark.slow
def test_a_discovery_runs_in_a_process_of_its_own(own: Workspace) -> None:
    parameters = DiscoveryParameters(tier=Tier.HEURISTIC, fields=("basket",))
    job = submit_discovery(own, parameters, table="profiles")
    assert isinstance(job, Job)
    with worker(own):
        done = waited(own, job.id, ended)
    assert done.state is JobState.DONE, done.message
    assert done.result is not None
    assert show_discovery(own, done.result["discovery_id"]).cards


@pytest.mark.slow
def test_a_fault_of_ours_fails_the_job_and_not_the_worker(own: Workspace) -> None:
    with own.control.write() as session:
        job = jobs.enqueue(session, TRAIN, {}, own.now())
    with worker(own):
        failed = waited(own, job.id, ended)
    assert failed.state is JobState.FAILED
    assert "KeyError" in failed.message


def test_what_can_be_refused_is_refused_at_once(own: Workspace) -> None:
    with pytest.raises(NotFound):
        submit_training(own, outcome="clicks")
    with pytest.raises(NotFound):
        submit_training(own, outcome="converted", campaign="atlantis")
    empty = Workspace.create(own.root.parent / "empty")
    with pytest.raises(NoEvidence):
        submit_training(empty)
    assert list_jobs(own) == list_jobs(empty) == []


@pytest.mark.slow
def test_a_restart_takes_up_what_a_stopped_worker_left(company: Path, tmp_path: Path) -> None:
    own = copied(company, tmp_path)
    job = submit_training(own, outcome="converted")
    with worker(own):
        waited(own, job.id, lambda j: j.attempts == 1)
        process = process_of(own, job.id)
    assert not Path(f"/proc/{process}").exists(), "a stopped worker leaves no process behind"
    left = show_job(own, job.id)
    assert (left.state, left.attempts) == (JobState.RUNNING, 1)
    own.close()
    later = Workspace.open(own.root, now=lambda: NOW + LEASE + timedelta(seconds=1))
    with worker(later):
        done = waited(later, job.id, ended)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
