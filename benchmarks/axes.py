"""The axes: raw tables to stored memberships, and placing one customer; seconds and peak memory.

`python -m benchmarks.axes 93564` writes a planted shop of so many customers (12.8 order lines each)
and, in a process of its own, clusters every axis and places everybody from raw tables, in two
processes of one thread. Then it re-assigns everybody, and places a thousand of them one at a time
from their raw rows. Prints one JSON line; `agreement` is the adjusted Rand index of what was found
with what was planted. Beside the seconds on the clock stand processor seconds of all processes,
which other work on the machine disturbs less.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import adjusted_rand_score

from benchmarks.axes_workspace import planted_workspace
from workflows.axes import cluster_axes, current_memberships, refresh_axes
from workflows.axisassign import CustomerPlacer, RawCustomer, RawItem, RawOrder
from workflows.engine import Processes
from workflows.workspace import Workspace

BUCKET_CUSTOMERS = 12_000
ASSIGNED = 1_000


def measure(folder: Path) -> dict[str, object]:
    """Cluster, refresh and place; the workspace lies in the folder."""
    workspace = Workspace.open(folder)
    started, worked = time.perf_counter(), processor_seconds()
    done = cluster_axes(workspace, engine=Processes(2), threads=2)
    clustered, busy = time.perf_counter() - started, processor_seconds() - worked
    # Of the largest worker, two of which run at once, before and beside this process.
    peak = max(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        2 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    )
    started = time.perf_counter()
    refresh_axes(workspace, engine=Processes(2))
    refreshed = time.perf_counter() - started
    return {
        "customers": done.customers,
        "lines": workspace.current("order_items").rows,
        "cluster_seconds": round(clustered, 1),
        "cluster_processor_seconds": round(busy, 1),
        "refresh_seconds": round(refreshed, 1),
        "peak_gb": round(peak / 2**20, 2),
        "axes_with_segments": [axis.axis for axis in done.axes if axis.segments],
        **assign_times(workspace),
    }


def processor_seconds() -> float:
    """Of this process and all that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def assign_times(workspace: Workspace) -> dict[str, object]:
    """Milliseconds of placing one customer from raw rows, after the first, by the clock and of
    processor time."""
    orders, items = (workspace.current(name) for name in ("orders", "order_items"))
    bucket = min(orders.files)
    mine, lines = orders.read(bucket), items.read(bucket)
    assert mine is not None
    assert lines is not None
    chosen = pc.unique(mine.column("customer_id"))[:ASSIGNED]
    mine = mine.filter(pc.is_in(mine.column("customer_id"), chosen))
    given: dict[str, dict[str, list[object]]] = {}
    owner: dict[str, str] = {}
    for row in mine.to_pylist():
        owner[row["order_id"]] = row["customer_id"]
        names = ("order_id", "ordered_at", "total", "discount_amount")
        order = RawOrder(**{name: row[name] for name in names})
        given.setdefault(row["customer_id"], {"orders": [], "items": []})["orders"].append(order)
    lines = lines.filter(pc.is_in(lines.column("order_id"), pa.array(owner)))
    for row in lines.to_pylist():
        names = ("order_id", "product_id", "quantity", "returned_at")
        item = RawItem(**{name: row[name] for name in names})
        given[owner[row["order_id"]]]["items"].append(item)
    placer = CustomerPlacer(workspace)
    clock, worked = [], []
    for rows in given.values():
        customer = RawCustomer(orders=tuple(rows["orders"]), items=tuple(rows["items"]))  # type: ignore[arg-type]
        started, busy = time.perf_counter(), time.process_time()
        placer.place(customer)
        clock.append(1_000 * (time.perf_counter() - started))
        worked.append(1_000 * (time.process_time() - busy))
    half, most = np.percentile(clock[1:], [50, 99])
    busy_half, busy_most = np.percentile(worked[1:], [50, 99])
    return {
        "assign_ms_p50": round(float(half), 2),
        "assign_ms_p99": round(float(most), 2),
        "assign_processor_ms_p50": round(float(busy_half), 2),
        "assign_processor_ms_p99": round(float(busy_most), 2),
    }


def agreement(workspace: Workspace, planted: dict[str, dict[str, bool]]) -> dict[str, float]:
    """The adjusted Rand index of each planted trait with its axis."""
    table = current_memberships(workspace).table()
    ids = table.column("customer_id").to_pylist()
    return {
        axis: round(
            float(
                adjusted_rand_score(
                    [traits[one] for one in ids],
                    [name or "" for name in table.column(f"axis.{axis}").to_pylist()],
                )
            ),
            3,
        )
        for axis, traits in planted.items()
    }


def main(customers: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "shop"
        buckets = max(2, round(customers / BUCKET_CUSTOMERS))
        workspace, planted = planted_workspace(root, customers, buckets)
        workspace.close()
        command = [sys.executable, "-m", "benchmarks.axes", "--measure", str(root)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        workspace = Workspace.open(root)
        found["agreement"] = agreement(workspace, planted)
        workspace.close()
        print(json.dumps({"date": f"{datetime.now():%Y-%m-%d}", **found}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 93_564)
