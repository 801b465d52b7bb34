"""Pulls over HTTP: pages a second, their latency, deep pages, and the whole segment as CSV.

`apt-get install wrk`, then `python -m benchmarks.pulls [members]` makes a workspace with one large
segment (a million members by default) and serves it by `aether serve --workers 2` on loopback, so
that server and callers share the machine. 16 platforms walk through the segment by pages of 100,
each over a connection of its own:

- apart: each in a part of its own, so that no page was asked for before;
- together: all through the same pages, which the server then has in memory;
- at half the rate: apart, with exponential pauses between a platform's requests so that about half
  as many pages are asked for. wrk does not ask on while it waits for an answer.

Then one platform walks alone through the first and through the last 500 pages, and one pulls all as
CSV. Memory is what the process that serves it takes more than before, at most. Prints JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.pulls_shop import SEGMENT, large
from tests.aether.test_serving import serving
from workflows.cursors import make_cursor
from workflows.workspace import Workspace

PLATFORMS, LIMIT, SECONDS, ALONE = 16, 100, 10, 500
PATH = f"/api/v1/segments/{SEGMENT}/customers"


def main(members: int) -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "shop"
        version, secret = large(root, members)
        urls = pages(root, version.version, members)
        listed = Path(folder) / "urls"
        listed.write_text("\n".join(urls))
        os.environ["AETHER_RATE_LIMIT"] = str(10**9)
        with serving(root, "--workers", "2") as address:
            for _ in range(20):  # over new connections, so that each process has read consents
                walk(address, urls[:1], secret)
            apart = wrk(address, listed, secret, apart=True)
            pause = PLATFORMS * 1_000 / (float(apart["pages_a_second"]) / 2)
            said = {
                "members": members,
                "apart": apart,
                "together": wrk(address, listed, secret, apart=False),
                "at_half_rate": wrk(
                    address, listed, secret, apart=True, pause=pause - float(apart["p50_ms"]) / 2
                ),
                "first_pages_ms": walk(address, urls[:ALONE], secret),
                "last_pages_ms": walk(address, urls[-ALONE:], secret),
                "csv": csv(address, secret),
            }
    print(json.dumps(said))


def pages(root: Path, version: int, members: int) -> list[str]:
    """The address of every page."""
    workspace = Workspace.open(root)
    secret = workspace.settings.secret
    workspace.close()
    cursors = [
        make_cursor("page", [SEGMENT, version, offset], secret)
        for offset in range(LIMIT, members, LIMIT)
    ]
    first = f"{PATH}?limit={LIMIT}"
    return [first, *(f"{first}&cursor={cursor}" for cursor in cursors)]


def wrk(
    address: str, listed: Path, secret: str, *, apart: bool, pause: float = 0
) -> dict[str, float]:
    stated = {
        "PULLS_URLS": str(listed),
        "PULLS_KEY": secret,
        "PULLS_THREADS": str(PLATFORMS),
        "PULLS_APART": "yes" if apart else "no",
        "PULLS_PAUSE": str(max(0.0, pause)),
    }
    script = Path(__file__).with_suffix(".lua")
    command = ["wrk", f"-t{PLATFORMS}", f"-c{PLATFORMS}", f"-d{SECONDS}s", "-s", str(script)]
    made = subprocess.run(
        [*command, address], env=os.environ | stated, check=True, capture_output=True, text=True
    )
    (line,) = [line for line in made.stdout.splitlines() if line.startswith("RESULT")]
    requests, microseconds, refused, median, slowest = map(int, line.split()[1:])
    assert refused == 0, made.stdout
    return {
        "pages_a_second": round(requests / microseconds * 1e6),
        "p50_ms": round(median / 1e3, 1),
        "p99_ms": round(slowest / 1e3, 1),
    }


def walk(address: str, urls: list[str], secret: str) -> dict[str, float]:
    """Milliseconds a page of one platform alone."""
    taken = []
    with httpx.Client(base_url=address, headers={"X-API-Key": secret}, timeout=60) as client:
        for url in urls:
            began = time.perf_counter()
            assert client.get(url).status_code == 200
            taken.append((time.perf_counter() - began) * 1e3)
    slow = sorted(taken)[int(len(taken) * 0.99)]
    return {"median": round(statistics.median(taken), 2), "p99": round(slow, 2)}


def csv(address: str, secret: str) -> dict[str, float]:
    """The whole segment in one answer, read away."""
    servers = below(os.getpid())
    before = {pid: memory(pid, "VmRSS") for pid in servers}
    for pid in servers:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from now on
    began, size, lines = time.perf_counter(), 0, 0
    with httpx.stream(
        "GET", f"{address}{PATH}?format=csv", headers={"X-API-Key": secret}, timeout=120
    ) as answer:
        assert answer.status_code == 200
        for part in answer.iter_bytes():
            size += len(part)
            lines += part.count(b"\n")
    grown = max(memory(pid, "VmHWM") - before[pid] for pid in servers)
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "lines": lines,
        "megabytes": round(size / 1e6),
        "memory_mb_more": round(grown / 1e3),
        "memory_mb_peak": round(max(memory(pid, "VmHWM") for pid in servers) / 1e3),
    }


def below(parent: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True)
    children = [int(one) for one in found.stdout.split() if Path(f"/proc/{one}").exists()]
    return children + [pid for child in children for pid in below(child)]


def memory(pid: int, name: str) -> int:
    """In kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
