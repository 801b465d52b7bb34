"""The command that says why a customer is in a segment, or is not."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace


def why(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    segment: Annotated[str, typer.Option(help="The segment's id.")],
    workspace: WorkspaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say why a customer is in a segment or not, and what would change it."""
    from aether import screen
    from workflows.why import why as ask

    found = ask(open_workspace(workspace), customer, segment)
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        screen.reasons(found)
