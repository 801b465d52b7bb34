"""How often one caller may ask, said in every answer (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from activation_api.problems import problem

WINDOW_SECONDS = 60
DEFAULT_LIMIT = 30_000
"""Requests a minute of one key, to one process of the server."""
REFUSALS = 60
"""Refused keys a minute from one address, before refusals are no longer explained but put off."""
_CALLERS = 10_000


@dataclass(frozen=True)
class Standing:
    """What is left of a caller's quota, and the seconds until it is whole again."""

    allowed: bool
    remaining: int
    resets_in: int


class Quota:
    """So many a window for each caller; the callers seen last are remembered."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._spent: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def spend(self, caller: str) -> Standing:
        now = self._clock()
        ends, spent = self._spent.get(caller, (0.0, 0))
        if now >= ends:
            ends, spent = now + WINDOW_SECONDS, 0
        allowed = spent < self._limit
        spent += allowed
        self._spent[caller] = (ends, spent)
        self._spent.move_to_end(caller)
        while len(self._spent) > _CALLERS:
            self._spent.popitem(last=False)
        return Standing(allowed, self._limit - spent, math.ceil(ends - now))


class Rates:
    """429 past the quota of a key. A caller without one is counted by address; so are refused keys,
    so that guessing is slow, while a valid key from the same address is never held up."""

    def __init__(
        self,
        app: ASGIApp,
        limit: int = DEFAULT_LIMIT,
        refusals: int = REFUSALS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._limit = app, limit
        self._quota, self._refusals = Quota(limit, clock), Quota(refusals, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("unknown", 0))[0]
        standing = self._quota.spend(_caller(Headers(scope=scope), address))
        headers = {
            "RateLimit-Policy": f'"requests";q={self._limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"requests";r={standing.remaining};t={standing.resets_in}',
        }
        if not standing.allowed:
            limit = f"{self._limit:,} requests in {WINDOW_SECONDS} seconds"
            await _later(f"This is more than {limit}.", standing, headers)(scope, receive, send)
            return
        put_off = False

        async def sending(message: Message) -> None:
            nonlocal put_off
            if put_off:
                return
            if message["type"] == "http.response.start":
                refused = self._refusals.spend(address) if message["status"] == 401 else None
                if refused is not None and not refused.allowed:
                    put_off = True
                    words = "Too many requests without a valid key came from this address."
                    await _later(words, refused, headers)(scope, receive, send)
                    return
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, sending)


def _later(words: str, standing: Standing, headers: dict[str, str]) -> ASGIApp:
    wait = max(1, standing.resets_in)
    return problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        words,
        remedy=f"Wait {wait} seconds.",
        headers=headers | {"Retry-After": str(wait)},
    )


def _caller(headers: Headers, address: str) -> str:
    """By the whole text of the key, so that nobody can spend the quota of a key whose id he saw."""
    text = headers.get("x-api-key") or headers.get("authorization")
    return f"address {address}" if not text else hashlib.sha256(text.encode()).hexdigest()
