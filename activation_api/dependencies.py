"""What every route may ask for: the workspace, and a caller whose key has the scope it needs.

All are `async`, because FastAPI hands each that is not to a thread of its own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import (
    APIKeyHeader,
    HTTPAuthorizationCredentials,
    HTTPBearer,
    SecurityScopes,
)
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from domain.errors import BadRequest, NotFound
from domain.scopes import Scope, allows
from workflows.axisassign import CustomerPlacer
from workflows.briefs import ObjectiveReader
from workflows.discovery import Completer
from workflows.keys import ApiKey, verify_key
from workflows.workspace import Workspace

_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False)
_BEARER = HTTPBearer(auto_error=False)


async def workspace_of(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace


async def without_nul(request: Request) -> None:
    """No name or value has a NUL byte, and not every database could look for one."""
    if "\x00" in request.scope["path"]:
        raise NotFound("There is nothing at this path.")
    if "%00" in request.url.query:
        raise BadRequest("A parameter has a NUL byte.")


async def key_of(
    request: Request,
    workspace: Annotated[Workspace, Depends(workspace_of)],
    header: Annotated[str | None, Security(_HEADER)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> ApiKey:
    """The caller's key; 401 without a valid one."""
    text = header or (bearer.credentials if bearer else None)
    key = await run_in_threadpool(verify_key, workspace, text) if text else None
    if key is None:
        raise HTTPException(
            401,
            "Give a valid API key as X-API-Key or as bearer token."
            if text is None
            else "This API key is not valid, has expired, or was revoked.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    request.state.key_id = key.id
    return key


async def caller(scopes: SecurityScopes, key: Annotated[ApiKey, Depends(key_of)]) -> str:
    """The name under which the caller's deeds are logged; 403 without every scope that the route
    needs. A route that names none needs `admin`, so that none is left open by mistake."""
    for needed in map(Scope, scopes.scopes or [Scope.ADMIN]):
        if not allows(key.scopes, needed):
            raise HTTPException(
                403,
                f"This needs a key with the scope {needed}; this one has "
                f"{', '.join(key.scopes) or 'none'}.",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'
                },
            )
    return f"key:{key.id}"


def key_text(headers: Headers) -> str | None:
    """The key in the headers of a request, read as `key_of` reads it."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    return headers.get("x-api-key") or (rest.strip() if scheme.lower() == "bearer" else None)


def needs(*scopes: Scope) -> Any:
    """The dependency of a route: `caller: Annotated[str, needs(Scope.SEGMENTS_READ)]`."""
    return Security(caller, scopes=[scope.value for scope in scopes])


async def llm_of(request: Request) -> ObjectiveReader | None:
    """The LLM reader that the server was started with, if any."""
    reader: ObjectiveReader | None = request.app.state.llm
    return reader


async def completer_of(request: Request) -> Completer | None:
    """The LLM for discoveries that the server was started with, if any."""
    completer: Completer | None = request.app.state.completer
    return completer


async def placer_of(request: Request) -> CustomerPlacer:
    """What places customers who are given as raw rows."""
    placer: CustomerPlacer = request.app.state.placer
    return placer


OpenWorkspace = Annotated[Workspace, Depends(workspace_of)]
Key = Annotated[ApiKey, Depends(key_of)]
Caller = Annotated[str, needs(Scope.ADMIN)]
SegmentReader = Annotated[str, needs(Scope.SEGMENTS_READ)]
SegmentWriter = Annotated[str, needs(Scope.SEGMENTS_WRITE)]
CustomerReader = Annotated[str, needs(Scope.CUSTOMERS_READ)]
OutcomeWriter = Annotated[str, needs(Scope.OUTCOMES_WRITE)]
Llm = Annotated[ObjectiveReader | None, Depends(llm_of)]
Completion = Annotated[Completer | None, Depends(completer_of)]
Placer = Annotated[CustomerPlacer, Depends(placer_of)]
