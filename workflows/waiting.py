"""What waits to be done, counted for whoever watches the server."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.tables import JobRow, MessageRow
from workflows.workspace import Workspace


def waiting(workspace: Workspace) -> dict[str, int]:
    """Jobs and messages to webhooks by state."""
    counts = {
        "jobs_queued": (JobRow, "queued"),
        "jobs_running": (JobRow, "running"),
        "messages_pending": (MessageRow, "pending"),
        "messages_dead": (MessageRow, "dead"),
    }
    with workspace.control.read() as session:
        return {
            name: session.scalar(select(func.count()).where(table.state == state)) or 0
            for name, (table, state) in counts.items()
        }
