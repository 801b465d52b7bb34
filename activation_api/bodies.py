"""Bodies are read whole before anything else sees them: bounded in size, and in time."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from activation_api.problems import problem

MAX_BYTES = 4 << 20
MAX_SECONDS = 30.0


class TooLarge(Exception):
    """A body of more than the bytes that are allowed."""


class Bodies:
    """413 for a body that is too large, 408 for one that comes too slowly. The whole body is kept
    in `scope["state"]["body"]`."""

    def __init__(
        self, app: ASGIApp, max_bytes: int = MAX_BYTES, max_seconds: float = MAX_SECONDS
    ) -> None:
        self._app, self._max_bytes, self._max_seconds = app, max_bytes, max_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(self._body(scope, receive), self._max_seconds)
        except TooLarge:
            answer = problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The body is larger than {self._max_bytes:,} bytes.",
                remedy="Send it in several parts.",
                field="body",
                headers={"Connection": "close"},
            )
            await answer(scope, receive, send)
            return
        except TimeoutError:
            answer = problem(
                HTTPStatus.REQUEST_TIMEOUT,
                f"The body did not come within {self._max_seconds:g} seconds.",
                field="body",
                headers={"Connection": "close"},
            )
            await answer(scope, receive, send)
            return
        if body is None:  # the caller went away
            return
        scope.setdefault("state", {})["body"] = body
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise TooLarge
        parts: list[bytes] = []
        length = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            if length > self._max_bytes:
                raise TooLarge
            if not message.get("more_body", False):
                return b"".join(parts)
