"""`aether audit`: what was done, and whether the log of it is whole."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace

audit = typer.Typer(help="The log of deeds.", no_args_is_help=True)


@audit.command()
def verify(
    workspace: WorkspaceOption = None,
    head: Annotated[
        str | None, typer.Option(help="A head that was noted elsewhere, as NUMBER:HASH.")
    ] = None,
) -> None:
    """Check that no row was changed, put in or taken out, not even the last ones."""
    from aether import screen
    from domain.errors import BadData
    from workflows.auditing import read_head, verify_audit

    opened = open_workspace(workspace)
    found = verify_audit(opened, None if head is None else read_head(head))
    if found.fault is not None:
        raise BadData(
            f"The audit log is not whole. {found.fault}",
            remedy="Compare it with a copy from before.",
        )
    screen.line(f"The audit log is whole: {found.rows:,} rows.")
    if found.head is not None:
        screen.line(f"Its head, to be noted elsewhere: {found.head.id}:{found.head.hash}")


@audit.command("list")
def list_all(
    workspace: WorkspaceOption = None,
    subject: Annotated[
        str | None, typer.Option(help="Of one segment, model, campaign or key.")
    ] = None,
) -> None:
    """What was done, the oldest first."""
    from aether import screen
    from workflows.auditing import list_deeds

    table = screen.columns("row", "when", "who", "what", "on", "detail")
    for deed in list_deeds(open_workspace(workspace), subject):
        told = json.dumps(deed.detail, ensure_ascii=False)
        table.add_row(
            str(deed.id), f"{deed.at:%Y-%m-%d %H:%M}", deed.actor, deed.action, deed.subject, told
        )
    screen.console.print(table)
