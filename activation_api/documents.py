"""The OpenAPI document, with what holds for every operation said at each."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from activation_api.idempotency import HEADER as IDEMPOTENCY_KEY
from activation_api.idempotency import MAX_LENGTH
from activation_api.problems import Problem, documented

_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "Names this request in the server's log; a plain one of yours is kept.",
        "schema": {"type": "string", "examples": ["8f14e45fceea167a"]},
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) a key has in a window of `w` seconds.",
        "schema": {"type": "string", "examples": ['"requests";q=30000;w=60']},
    },
    "RateLimit": {
        "description": "How many are left (`r`) for the next `t` seconds.",
        "schema": {"type": "string", "examples": ['"requests";r=29999;t=60']},
    },
}
_RETRY_AFTER = {
    "description": "Seconds to wait.",
    "schema": {"type": "integer", "examples": [12]},
}
_IDEMPOTENCY = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": "A word of your own for this request. Sent again with the same body within 24 "
    "hours, it is answered as before and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
    "example": "b7c0f7b2-6d3b-4b0e-9a37-1d5f0c2a9b7d",
}


def install(app: FastAPI) -> None:
    """Let the application describe itself so, once it is asked."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            app.openapi_schema = _completed(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas.setdefault("Problem", Problem.model_json_schema())
    components["headers"] = _HEADERS
    for path in document["paths"].values():
        for verb, operation in path.items():
            _complete(verb, operation)
    return document


def _complete(verb: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    usual = {429, 503}
    if verb != "get":
        usual |= {408, 413}
    if verb == "post":
        usual |= {400, 409, 422}
        operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    if "422" in responses and "application/json" in responses["422"].get("content", {}):
        usual.add(422)
        del responses["422"]
    if operation.get("parameters") or "requestBody" in operation:
        usual.add(400)
    for status, response in documented(*usual).items():
        plain = {key: value for key, value in response.items() if key != "model"}
        responses.setdefault(str(status), plain)
    for status, response in responses.items():
        references = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
        extra = {"Retry-After": _RETRY_AFTER} if status in ("429", "503") else {}
        response["headers"] = references | response.get("headers", {}) | extra
    operation["responses"] = dict(sorted(responses.items()))
