"""Clustering and re-assigning the axes as jobs, for callers who don't wait and for schedules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from storage import jobs
from storage.jobs import Job
from workflows.axes import AxesDone, cluster_axes, refresh_axes, require_axes
from workflows.engine import DaskCluster
from workflows.workspace import Workspace

CLUSTER, REFRESH = "axes_cluster", "axes_refresh"
AXIS_JOBS = (CLUSTER, REFRESH)


def submit_refresh(workspace: Workspace) -> Job:
    """Queue a re-assignment of everybody. Raises `NoCentroids` before the first clustering."""
    require_axes(workspace)
    with workspace.control.write() as session:
        return jobs.enqueue(session, REFRESH, {}, workspace.now())


def run_axis_job(
    workspace: Workspace, job: Job, cluster: str | None, progress: Callable[[float, str], None]
) -> Mapping[str, Any]:
    """Do the job here, or on the Dask cluster at an address."""
    engine = None if cluster is None else DaskCluster(cluster)
    work = cluster_axes if job.kind == CLUSTER else refresh_axes
    return told(work(workspace, engine=engine, progress=progress, actor=f"job:{job.id}"))


def told(done: AxesDone) -> dict[str, Any]:
    """What came of it as JSON."""
    return {
        "version": done.version,
        "as_of": done.as_of.isoformat(),
        "customers": done.customers,
        "counts": {axis: dict(counts) for axis, counts in done.counts.items()},
        "moved": [
            {"axis": axis, "before": before, "after": after, "customers": count}
            for axis, by_pair in done.moves.counts.items()
            for (before, after), count in by_pair.items()
        ],
        "segment_map": {axis: dict(kept) for axis, kept in done.kept.items() if kept},
    }
