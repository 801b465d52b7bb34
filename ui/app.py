"""The pages mounted on the API's application, below `/ui`. They keep their state in one process."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from nicegui import app as gui
from nicegui import core, ui
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import AetherError
from workflows.briefs import ObjectiveReader
from workflows.counting import AudienceCounter
from workflows.discovery import Completer
from workflows.workspace import Workspace

from . import exports, signin
from .desk import Desk, House
from .pages import (
    brief,
    copytext,
    data,
    discover,
    home,
    models,
    programme,
    segment,
    segments,
    triggers,
    why,
)
from .parts.markup import BASE
from .session import COOKIE, LIFETIME_SECONDS, sign_in_path, visitor_of

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9" '
    'fill="none" stroke="#0e6a4f" stroke-width="3"/><path d="M12 3a9 9 0 0 1 9 9h-9z" '
    'fill="#0e6a4f"/></svg>'
)
_HEAD = (
    "<script>document.documentElement.dataset.theme = localStorage.getItem('aether-theme') || "
    "(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');</script>"
    '<link rel="stylesheet" href="{base}/theme.css?v={version}">'
    '<script src="{base}/page.js?v={version}"></script>'
)
_FILES = ("theme.css", "page.js")
PAGES = (home, brief, triggers, copytext, segments, programme, segment, why, discover, data, models)
"""The modules of pages: each has `ROUTES`, its paths and what builds them."""


def mount(
    app: FastAPI,
    workspace: Workspace,
    *,
    version: str = "0",
    llm: ObjectiveReader | None = None,
    completer: Completer | None = None,
) -> None:
    """Serve the pages from an application that is about to be run, and lead `/` to them.

    The session's cookie is signed with the workspace's secret. Websockets are taken from pages of
    the same origin only."""
    house = House(workspace, AudienceCounter(workspace), llm, completer)
    files = [Path(__file__).with_name(name) for name in _FILES]
    for file in files:
        gui.add_static_file(local_file=file, url_path=f"/{file.name}", max_cache_age=3600)
    stamp = f"{version}-{max(int(file.stat().st_mtime) for file in files)}"
    ui.add_head_html(_HEAD.format(base=BASE, version=stamp), shared=True)
    signin.install(workspace)
    exports.install(workspace)
    for module in PAGES:
        for path, build in module.ROUTES.items():
            _route(house, path, build)

    @app.get("/", include_in_schema=False)
    def _first() -> RedirectResponse:
        return RedirectResponse(f"{BASE}/")

    async def _warm() -> None:
        # The first brief would wait for the reader to be loaded; now it is before anybody asks.
        with suppress(AetherError):
            await asyncio.to_thread(house.example_briefs)

    gui.on_startup(_warm)
    core.sio.eio.cors_allowed_origins = None
    gui.add_middleware(_Guarded)
    ui.run_with(
        app,
        mount_path=BASE,
        title="AetherSegment",
        favicon=_ICON,
        language="en-US",
        tailwind=False,
        reconnect_timeout=120.0,
        show_welcome_message=False,
        storage_secret=hashlib.sha256(
            b"browser sessions " + workspace.settings.secret.encode()
        ).hexdigest(),
        session_middleware_kwargs={
            "session_cookie": COOKIE,
            "max_age": LIFETIME_SECONDS,
            "same_site": "lax",
        },
    )


def _route(house: House, path: str, build: Callable[..., Awaitable[None]]) -> None:
    """A page that only who is signed in can see."""

    async def show(request: Request) -> Any:
        visitor = await run_in_threadpool(visitor_of, request, house.workspace)
        if visitor is None:
            return RedirectResponse(BASE + sign_in_path(request), 303)
        await build(Desk(house, visitor), **request.path_params)
        return None

    ui.page(path, response_timeout=30)(show)


class _Guarded:
    """No other site may frame the pages, and no browser guesses what a file is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(
                    {
                        "Content-Security-Policy": "frame-ancestors 'none'; object-src 'none'; "
                        "base-uri 'self'; form-action 'self'; connect-src 'self'; "
                        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
                        "X-Content-Type-Options": "nosniff",
                        "Referrer-Policy": "same-origin",
                    }
                )
            await send(message)

        await self._app(scope, receive, sending)
