"""What every route may ask for: the workspace, and a caller with a valid key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from workflows.activation import verify_key
from workflows.briefs import ObjectiveReader
from workflows.workspace import Workspace

_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False)
_BEARER = HTTPBearer(auto_error=False)


def workspace_of(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace


def caller(
    workspace: Annotated[Workspace, Depends(workspace_of)],
    header: Annotated[str | None, Security(_HEADER)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> str:
    """The name under which the caller's deeds are logged; 401 without a valid key."""
    text = header or (bearer.credentials if bearer else None)
    key = verify_key(workspace, text) if text else None
    if key is None:
        raise HTTPException(
            401,
            "Give a valid API key as X-API-Key or as bearer token."
            if text is None
            else "This API key is not valid, or was revoked.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return f"key:{key.id}"


def llm_of(request: Request) -> ObjectiveReader | None:
    """The LLM reader that the server was started with, if any."""
    reader: ObjectiveReader | None = request.app.state.llm
    return reader


OpenWorkspace = Annotated[Workspace, Depends(workspace_of)]
Caller = Annotated[str, Depends(caller)]
Llm = Annotated[ObjectiveReader | None, Depends(llm_of)]
