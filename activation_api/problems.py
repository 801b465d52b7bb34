"""Errors as `application/problem+json` (RFC 9457), with the field at fault."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.errors import (
    AetherError,
    BadExpression,
    BadObjective,
    BadRequest,
    Conflict,
    NoEvidence,
    NotFound,
    Unavailable,
    UnknownField,
    WrongType,
)

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong, in the form of RFC 9457."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no segment 'seg_x'."])
    remedy: str | None = Field(None, examples=["See the list of segments."])
    field: str | None = Field(None, examples=["segment_id"])


_STATUS: tuple[tuple[type[AetherError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (NoEvidence, HTTPStatus.CONFLICT),
    (BadRequest, HTTPStatus.BAD_REQUEST),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (BadExpression, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadObjective, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnknownField, HTTPStatus.UNPROCESSABLE_ENTITY),
    (WrongType, HTTPStatus.UNPROCESSABLE_ENTITY),
    (AetherError, HTTPStatus.BAD_REQUEST),
)

_MEANING = {
    400: "A parameter can't be read.",
    401: "No valid API key was given.",
    403: "The key lacks the scope that this needs.",
    404: "There is no such thing.",
    409: "It does not fit the present state: open questions, or no model yet.",
    408: "The body came too slowly.",
    413: "The body is too large.",
    422: "A value is not of the form that is described here.",
    429: "More requests than the key has in a minute.",
    503: "It can't be done now.",
}


_UNMET = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take that method; `Allow` says which.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """OpenAPI's `responses` of the given error statuses."""
    return {
        status: {
            "description": _MEANING[status],
            "model": Problem,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    remedy: str | None = None,
    field: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body = Problem(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        detail=detail,
        remedy=remedy,
        field=field,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status.value,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def install(app: FastAPI) -> None:
    """Answer every error of this application as a problem."""

    @app.exception_handler(AetherError)
    async def _known(request: Request, error: AetherError) -> JSONResponse:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        headers = {"Retry-After": "30"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
        return problem(
            status, error.message, remedy=error.remedy or None, field=error.field, headers=headers
        )

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        # Where a body is no JSON its place is a number of characters, which names no field.
        place = () if first["type"] == "json_invalid" else first["loc"]
        field = ".".join(str(part) for part in place if part not in ("body", "query", "path"))
        detail = f"{field or 'The body'}: {first['msg']}."
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, field=field or None)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        status = HTTPStatus(error.status_code)
        detail = _UNMET.get(status, "") if error.detail == status.phrase else str(error.detail)
        return problem(status, detail or str(error.detail), headers=headers)
