"""`Idempotency-Key` on POST: 409 in flight, 422 on another body, the answer again after."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from activation_api.dependencies import key_text
from activation_api.problems import problem
from workflows.idempotency import Answer, Known, begin, finish, forget, identity_of
from workflows.keys import verify_key
from workflows.workspace import Workspace

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
_NOT_KEPT = {401, 403, 408, 413, 429}
_KEPT_HEADERS = ("content-type", "location", "www-authenticate")


class Idempotency:
    """Sits below `Bodies`, whose whole body is part of a request's fingerprint. Answers of 500 and
    above, and refusals, are not kept: the same request may do better next time."""

    def __init__(self, app: ASGIApp, workspace: Workspace) -> None:
        self._app, self._workspace = app, workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        given = headers.get(HEADER)
        if scope["type"] != "http" or scope["method"] != "POST" or given is None:
            await self._app(scope, receive, send)
            return
        if not 1 <= len(given) <= MAX_LENGTH:
            words = f"{HEADER} must have 1 to {MAX_LENGTH} characters."
            answer = problem(HTTPStatus.BAD_REQUEST, words, field=HEADER)
            await answer(scope, receive, send)
            return
        text = key_text(headers)
        key = await run_in_threadpool(verify_key, self._workspace, text) if text else None
        if key is None:  # the application says why
            await self._app(scope, receive, send)
            return
        identity = identity_of(key.id, given)
        fingerprint = _fingerprint(scope)
        known = await run_in_threadpool(begin, self._workspace, identity, fingerprint)
        if known is not None:
            await _answer(known, fingerprint)(scope, receive, send)
            return
        await self._first(identity, scope, receive, send)

    async def _first(self, identity: str, scope: Scope, receive: Receive, send: Send) -> None:
        status, kept, parts = 0, {}, list[bytes]()

        async def sending(message: Message) -> None:
            nonlocal status, kept
            if message["type"] == "http.response.start":
                status, all_headers = message["status"], Headers(raw=message["headers"])
                kept = {name: all_headers[name] for name in _KEPT_HEADERS if name in all_headers}
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    # Before the caller hears of it: an answer that was heard is one that is kept.
                    await self._settle(identity, Answer(status, kept, b"".join(parts)))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except BaseException:
            await run_in_threadpool(forget, self._workspace, identity)
            raise

    async def _settle(self, identity: str, answer: Answer) -> None:
        if answer.status >= 500 or answer.status in _NOT_KEPT:
            await run_in_threadpool(forget, self._workspace, identity)
        else:
            await run_in_threadpool(finish, self._workspace, identity, answer)


def _answer(known: Known, fingerprint: str) -> Response:
    if known.fingerprint != fingerprint:
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"This {HEADER} came with another request before.",
            remedy="Use a new key for a new request.",
            field=HEADER,
        )
    if known.answer is None:
        return problem(
            HTTPStatus.CONFLICT,
            f"The request with this {HEADER} is still being worked on.",
            remedy="Ask again in a moment.",
            field=HEADER,
            headers={"Retry-After": "1"},
        )
    headers = {**known.answer.headers, "Idempotency-Replayed": "true"}
    return Response(known.answer.body, known.answer.status, headers)


def _fingerprint(scope: Scope) -> str:
    digest = hashlib.sha256()
    for part in (scope["path"].encode(), scope.get("query_string", b""), scope["state"]["body"]):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
