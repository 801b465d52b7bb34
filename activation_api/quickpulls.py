"""Pages of members by the short way: what every platform asks for, over and over, is answered
before routing and dependencies. Whatever else a request is, or if anything is wrong with it, it
goes the long way by `routes.pulls`, which also says what is wrong.

Where nothing can be waited for, a page is made at once, between other requests: to hand it to a
thread and back takes as long as the page, because Python runs one thread at a time. The first page
of a segment after customers were imported is made in a thread, for their consents are read then;
so is every page where the control plane is another server, or a use of the key has to be noted."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as HttpScope

from activation_api.dependencies import key_text
from activation_api.pages import Asked, Pages
from domain.errors import AetherError
from domain.scopes import Scope, allows
from domain.triggers import Channel
from workflows.keys import ApiKey, noted_key, verify_key
from workflows.pulling import DEFAULT_LIMIT
from workflows.suppression import moment
from workflows.workspace import Workspace

_PATH = re.compile(r"/api/v1/segments/([A-Za-z0-9_-]{1,64})/customers")
_LIMIT = re.compile(r"[1-9][0-9]{0,3}")
_NAMES = {"limit", "cursor", "fields", "channel"}
_CHANNELS = set(Channel)
_LONGEST = 500
_MOST_KINDS = 10_000
_THREADS = 2
"""More would but wait for one another: Python runs one of them at a time."""


_Kind = tuple[str | None, str, Channel | None]


@dataclass(frozen=True)
class _Plain:
    """A request that the short way answers, unless something is wrong with it."""

    segment_id: str
    asked: Asked
    key: str
    headers: Headers


class QuickPulls:
    """The innermost layer. `route` is the long way's, under which requests are counted."""

    def __init__(self, app: ASGIApp, workspace: Workspace, pages: Pages, route: BaseRoute) -> None:
        self._app, self._workspace, self._pages, self._route = app, workspace, pages, route
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="pull")
        self._read: set[_Kind] = set()

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        plain = _read(scope)
        if plain is not None:
            response = await self._answer(plain, scope)
            if response is not None:
                scope["route"] = self._route
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(self, plain: _Plain, scope: HttpScope) -> Response | None:
        kind, response = self._at_once(plain, scope)
        if response is not None:
            return response
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, self._page, plain, scope)
        if kind is not None and response is not None:
            if len(self._read) >= _MOST_KINDS:
                self._read.clear()
            self._read.add(kind)
        return response

    def _at_once(self, plain: _Plain, scope: HttpScope) -> tuple[_Kind | None, Response | None]:
        """Of which kind a page is, so that those after the first of a kind read little, and the
        page if it waits for nobody; no kind where another server or a cap is asked each time."""
        workspace = self._workspace
        if not workspace.control.is_local:
            return None, None
        kind = None
        try:
            now = moment(workspace)
            if now is None:
                return None, None
            kind = (now.customers_id, plain.segment_id, plain.asked.channel)
            key = noted_key(workspace, plain.key) if kind in self._read else None
            return kind, None if key is None else self._given(plain, scope, key)
        except AetherError:
            return kind, None

    def _page(self, plain: _Plain, scope: HttpScope) -> Response | None:
        """None for what has to be explained."""
        try:
            key = verify_key(self._workspace, plain.key)
            return None if key is None else self._given(plain, scope, key)
        except AetherError:
            return None

    def _given(self, plain: _Plain, scope: HttpScope, key: ApiKey) -> Response | None:
        if not allows(key.scopes, Scope.SEGMENTS_READ):
            return None
        scope["state"]["key_id"] = key.id
        return self._pages.page(self._workspace, plain.segment_id, plain.asked, plain.headers)


def _read(scope: HttpScope) -> _Plain | None:
    """What a request asks for, if it is one for a page and all it says is of the usual form."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = _PATH.fullmatch(scope["path"])
    if path is None:
        return None
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    stated = dict(pairs)
    limit, channel = stated.get("limit", str(DEFAULT_LIMIT)), stated.get("channel")
    headers = Headers(scope=scope)
    key = key_text(headers)
    if (
        key is None
        or len(stated) != len(pairs)
        or not stated.keys() <= _NAMES
        or not _LIMIT.fullmatch(limit)
        or (channel is not None and channel not in _CHANNELS)
        or any(not text or len(text) > _LONGEST or "\0" in text for text in stated.values())
    ):
        return None
    asked = Asked(
        limit=int(limit),
        cursor=stated.get("cursor"),
        fields=stated.get("fields"),
        channel=None if channel is None else Channel(channel),
    )
    return _Plain(path[1], asked, key, headers)
