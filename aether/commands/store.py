"""`aether backup`, `aether restore`, `aether doctor`: the workspace as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace, read_settings


def backup(
    out: Annotated[Path, typer.Argument(help="The file to write, such as shop.tar.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Write the whole workspace to one file, while servers go on."""
    from aether import screen
    from workflows.backup import back_up

    with screen.progress("Writing") as progress:
        done = back_up(open_workspace(workspace), out, progress=progress)
    screen.line(
        f"{done.path}: {done.files:,} files, {done.rows:,} rows, {done.bytes / 1e6:,.1f} MB. "
        "It holds personal data and the workspace's secret."
    )


def restore(
    archive: Annotated[Path, typer.Argument(help="A file that `aether backup` wrote.")],
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="A folder to make.")],
) -> None:
    """Make a workspace of a backup, and check it."""
    from aether import screen
    from workflows.backup import restore as restored

    with screen.progress("Restoring") as progress:
        done = restored(
            archive, workspace, database_url=read_settings().database_url, progress=progress
        )
    screen.line(
        f"{done.root}: {done.files:,} files, {done.rows:,} rows, {done.examined.snapshots:,} "
        "snapshots read in full; the audit is whole."
    )


def doctor(
    workspace: WorkspaceOption = None,
    deep: Annotated[bool, typer.Option("--deep", help="Read every value.")] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Remove what is left; only while nothing else runs.")
    ] = False,
) -> None:
    """Is the workspace whole? Exit code 1 where something in use is lost."""
    from aether import screen
    from workflows.doctor import examine

    with screen.progress("Looking") as progress:
        examined = examine(open_workspace(workspace), deep=deep, sweep=sweep, progress=progress)
    for one in examined.findings:
        screen.line(f"{one.severity}: {one.subject}: {one.words}")
    if examined.swept:
        screen.line(f"{examined.swept} swept.")
    if not examined.is_whole:
        raise typer.Exit(1)
    screen.line(f"Whole: {examined.snapshots:,} snapshots in use, the audit, the control plane.")
