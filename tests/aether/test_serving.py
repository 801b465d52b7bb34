"""A server of several processes: one port, one count of requests, jobs and messages done once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from domain.scopes import Scope
from tests.activation_api.little import customer, little, with_segment
from tests.aether.conftest import Run
from workflows.keys import create_key

MAIN = "from aether.cli import main; main()"


@contextmanager
def serving(root: Path, *words: str) -> Iterator[str]:
    """The address of `aether serve` over a workspace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-c", MAIN, "serve", "-w", str(root), "--port", port, *words]
    environment = os.environ | {"COLUMNS": "300"}
    log = (root.parent / "serve.log").open("w+")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment)
    assert process.stdout is not None
    said = process.stdout.readline().decode()
    try:
        assert "Serving" in said, said + Path(log.name).read_text()
        yield said.split(" at ")[1].split()[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        log.close()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_counts_and_works(tmp_path: Path, workers: int) -> None:
    workspace = little(tmp_path / "shop")
    with_segment(workspace)
    _, secret = create_key(workspace, "ops", tuple(Scope))
    workspace.close()
    with (
        serving(tmp_path / "shop", "--workers", str(workers)) as address,
        httpx.Client(base_url=address, headers={"X-API-Key": secret}, timeout=30) as api,
    ):
        for _ in range(20):
            page = api.get("/api/v1/segments/seg_little/customers", params={"limit": 5})
            assert page.status_code == 200
        job = api.delete(f"/api/v1/customers/{customer(3)}").json()
        assert job["state"] == "queued"
        deadline = time.monotonic() + 60
        while api.get(f"/api/v1/jobs/{job['job_id']}").json()["state"] != "done":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        text = api.get("/metrics").text
        labels = 'method="GET",route="/segments/{segment_id}/customers",status="200"'
        assert f"aether_requests_total{{{labels}}} 20.0" in text
    lines = (tmp_path / "serve.log").read_text().splitlines()
    pulls = [json.loads(line) for line in lines if "/customers" in line]
    assert sum(one["method"] == "GET" and one["status"] == 200 for one in pulls) == 20
    assert customer(3) not in "".join(lines)


def test_a_demo_key_is_not_served_to_others(tmp_path: Path, run: Run) -> None:
    workspace = little(tmp_path / "shop")
    create_key(workspace, "demo", demo=True)
    workspace.close()
    code, _, errors = run("serve", "-w", tmp_path / "shop", "--host", "0.0.0.0")
    assert code == 2
    assert "aether keys revoke" in errors
