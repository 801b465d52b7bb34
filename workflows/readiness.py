"""Can the server answer?"""

from __future__ import annotations

from workflows.workspace import Workspace


def is_ready(workspace: Workspace) -> bool:
    """Whether both stores answer."""
    return workspace.control.answers() and workspace.snapshots.root.is_dir()
