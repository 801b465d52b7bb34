"""`aether keys`: who may pull from the API."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace

keys = typer.Typer(help="API keys.", no_args_is_help=True)


@keys.command("create")
def create(
    name: Annotated[str, typer.Option(help="Who will use it.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Make a key; its text is shown this once."""
    from aether import screen
    from workflows.activation import create_key

    key, text = create_key(open_workspace(workspace), name)
    screen.line(f"Key {key.id} ({key.name}), shown only now:")
    sys.stdout.write(text + "\n")


@keys.command("list")
def list_all(workspace: WorkspaceOption = None) -> None:
    """Every key, without its secret."""
    from aether import screen
    from workflows.activation import list_keys

    screen.keys(list_keys(open_workspace(workspace)))


@keys.command("revoke")
def revoke(identity: str, workspace: WorkspaceOption = None) -> None:
    """End a key at once."""
    from aether import screen
    from workflows.activation import revoke_key

    key = revoke_key(open_workspace(workspace), identity)
    screen.line(f"Key {key.id} ({key.name}) is revoked.")
