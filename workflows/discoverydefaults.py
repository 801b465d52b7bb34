"""How a workspace discovers segments unless a run says otherwise."""

from __future__ import annotations

from typing import Any

from domain.discovery import DiscoveryParameters
from storage import audit, definitions
from workflows.workspace import Workspace

_KEY = "discovery"


def discovery_defaults(workspace: Workspace) -> DiscoveryParameters:
    """The workspace's saved defaults, or the product's."""
    with workspace.control.read() as session:
        saved = definitions.document(session, _KEY)
    return DiscoveryParameters() if saved is None else DiscoveryParameters.model_validate(saved)


def save_discovery_defaults(
    workspace: Workspace, *, actor: str = "cli", **values: Any
) -> DiscoveryParameters:
    """Change the saved defaults; what is None stays. Raises BadRequest for what can't be."""
    made = discovery_defaults(workspace).overridden(**values)
    with workspace.control.write() as session:
        definitions.put_document(session, _KEY, made.model_dump(mode="json"))
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="discovery defaults",
            subject=workspace.settings.name,
            detail=made.model_dump(mode="json"),
        )
    return made
