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
    scopes: Annotated[
        str,
        typer.Option(
            help="What it may do: segments:read, segments:write, customers:read, pii:read, "
            "outcomes:write, admin; several with commas."
        ),
    ] = "segments:read",
    expires: Annotated[
        str | None, typer.Option(help="How long it lives: 12h, 90d, 52w; for ever without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a key; its text is shown this once."""
    from aether import screen
    from domain.scopes import parse_lifetime, parse_scopes
    from workflows.keys import create_key

    allowed = parse_scopes(scopes)
    lifetime = None if expires is None else parse_lifetime(expires)
    key, text = create_key(open_workspace(workspace), name, allowed, lifetime=lifetime)
    until = "" if key.expires_at is None else f" until {key.expires_at:%Y-%m-%d %H:%M} UTC"
    screen.line(f"Key {key.id} ({key.name}) for {', '.join(key.scopes)}{until}, shown only now:")
    sys.stdout.write(text + "\n")


@keys.command("list")
def list_all(workspace: WorkspaceOption = None) -> None:
    """Every key, without its secret."""
    from aether import screen
    from workflows.keys import list_keys

    screen.keys(list_keys(open_workspace(workspace)))


@keys.command("revoke")
def revoke(identity: str, workspace: WorkspaceOption = None) -> None:
    """End a key at once."""
    from aether import screen
    from workflows.keys import revoke_key

    key = revoke_key(open_workspace(workspace), identity)
    screen.line(f"Key {key.id} ({key.name}) is revoked.")
