"""What waits to be done, counted for whoever watches the server."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.tables import JobRow, MessageRow
from workflows.workspace import Workspace


def waiting(workspace: Workspace) -> dict[str, int]:
    """Jobs and messages to webhooks by state."""
    wanted = {
        "jobs_queued": JobRow.state == "queued",
        "jobs_running": JobRow.state == "running",
        "messages_pending": MessageRow.state == "pending",
        "messages_dead": MessageRow.state == "dead",
    }
    with workspace.control.read() as session:
        return {
            name: session.scalar(select(func.count()).where(which)) or 0
            for name, which in wanted.items()
        }
