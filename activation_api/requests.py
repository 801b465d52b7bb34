"""Each request gets an id, one line of log without personal data, and its place in the metrics."""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from activation_api.metrics import Metrics
from activation_api.problems import problem

LOG = logging.getLogger("aether.requests")
HEADER = "X-Request-ID"
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Requests:
    """The outermost layer, so that failures of all others are answered and logged too.

    A line names the route, never the path or the query, which may hold a customer's id, and of a
    failure where it happened, never its message, which may hold anything. A caller's own
    `X-Request-ID` is kept where it is plain."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        identity = given if _PLAIN_ID.fullmatch(given) else secrets.token_hex(8)
        state = scope.setdefault("state", {})
        state["request_id"] = identity
        began, status, sent = time.perf_counter(), 0, 0

        async def sending(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = identity
            else:
                sent += len(message.get("body", b""))
            await send(message)

        failure: Exception | None = None
        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            failure = error
            if status == 0:
                detail = f"The server failed; its log says at what, at request {identity}."
                answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
                await answer(scope, receive, sending)
        seconds = time.perf_counter() - began
        route = route_of(scope)
        self._metrics.answered(scope["method"], route, status, seconds)
        _log(scope["method"], route, status, seconds, sent, state, failure)


def route_of(scope: Scope) -> str:
    """The template of the route that was met, such as `/api/v1/segments/{segment_id}`."""
    return getattr(scope.get("route"), "path", "") or "none"


def _log(
    method: str,
    route: str,
    status: int,
    seconds: float,
    sent: int,
    state: dict[str, object],
    failure: Exception | None,
) -> None:
    line: dict[str, object] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": state["request_id"],
        "key": state.get("key_id"),
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "bytes": sent,
    }
    if failure is None:
        LOG.info(json.dumps(line))
        return
    frames = traceback.extract_tb(failure.__traceback__)
    line["failure"] = type(failure).__name__
    line["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    LOG.error(json.dumps(line))
