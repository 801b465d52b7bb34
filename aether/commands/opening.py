"""What every command begins with: the settings, and a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from aether.settings import Settings
    from workflows.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The workspace's folder.")
]
ClusterOption = Annotated[
    str | None, typer.Option(help="A Dask scheduler's address (extra \\[scale]).")
]


def read_settings() -> Settings:
    """The settings from the environment; a wrong one is named."""
    from pydantic import ValidationError

    from aether.settings import Settings
    from domain.errors import BadRequest

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "AETHER_" + "_".join(map(str, first["loc"])).upper()
        raise BadRequest(
            f"The setting {name} is {first['input']!r}: {first['msg']}.", field=name
        ) from None


def open_workspace(path: Path | None) -> Workspace:
    """The workspace in a folder, or the one that the settings name."""
    from workflows.workspace import Workspace

    settings = read_settings()
    return Workspace.open(path or settings.workspace, database_url=settings.database_url)
