"""The planted shop with its axes clustered, made once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from benchmarks.axes_workspace import planted_workspace
from workflows.axes import cluster_axes

CUSTOMERS, BUCKETS = 1_400, 2
Planted = dict[str, dict[str, bool]]


@cache
def axis_shop(folder: Path) -> tuple[Path, Planted]:
    """The folder of the workspace, not to be changed, and who is what."""
    workspace, planted = planted_workspace(folder / "axis-shop", CUSTOMERS, BUCKETS)
    cluster_axes(workspace, threads=1)
    workspace.close()
    return workspace.root, planted
