"""The server: the activation API over one workspace, with a worker for slow jobs and a sender of
messages. With several processes these two run in the first, and the others answer."""

from __future__ import annotations

import http.client
import logging
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from activation_api.app import create_app
from aether.commands.interpreter import llm_reader, llm_settings
from aether.commands.opening import read_settings
from aether.patience import PatientProtocol
from aether.settings import Settings
from interpreter.completion import Completer
from workflows.briefs import ObjectiveReader
from workflows.jobs import Worker
from workflows.keys import refuse_demo_key
from workflows.sending import Sender
from workflows.workspace import Workspace

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection stays open: longer than a busy caller takes to read a page, so that
it does not find the connection shut when it asks for the next."""
_READY_TRIES, _READY_SECONDS = 600, 0.1
_FACTORY = "aether.serve:application"


class _Server(uvicorn.Server):
    """Says when it is ready, so that what it prints is true."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._ready()


def serve(
    workspace: Workspace,
    settings: Settings,
    *,
    host: str,
    port: int,
    release: str,
    workers: int = 1,
    llm: ObjectiveReader | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted. Raises `Conflict` for an address that others can reach while the
    demo's key opens."""
    refuse_demo_key(workspace, host)
    worker = Worker(
        workspace,
        settings.database_url,
        settings.mlflow_tracking_uri,
        settings.cluster,
        llm_settings(settings),
    )
    sender = Sender(workspace, allow_private=settings.allow_private_urls, version=release)
    worker.start()
    sender.start()
    try:
        if workers == 1:
            app = _app(workspace, settings, release, llm)
            _mount_pages(app, workspace, settings, release, llm)
            _Server(_config(app, host, port, 1), ready).run()
        else:
            _serve_many(settings, host, port, workers, ready)
    finally:
        worker.stop()
        sender.stop()
        workspace.close()


def application() -> FastAPI:
    """The application of one of several processes, by the environment that the first one left."""
    settings = read_settings()
    workspace = Workspace.open(settings.workspace, database_url=settings.database_url)
    return _app(workspace, settings, version("aethersegment"), llm_reader(settings))


def _app(
    workspace: Workspace, settings: Settings, release: str, llm: ObjectiveReader | None
) -> FastAPI:
    _log_requests(settings.log)
    described = llm_settings(settings)
    return create_app(
        workspace,
        version=release,
        llm=llm,
        completer=None if described is None else Completer(described),
        rate_limit=settings.rate_limit,
        allow_private=settings.allow_private_urls,
    )


def _mount_pages(
    app: FastAPI,
    workspace: Workspace,
    settings: Settings,
    release: str,
    llm: ObjectiveReader | None,
) -> None:
    """The pages beside the API: only where one process serves, for they keep their state in it."""
    from ui.app import mount

    described = llm_settings(settings)
    completer = None if described is None else Completer(described)
    mount(app, workspace, version=release, llm=llm, completer=completer)


def _config(app: FastAPI | str, host: str, port: int, workers: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        workers=workers,
        factory=isinstance(app, str),
        http=PatientProtocol,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def _serve_many(
    settings: Settings, host: str, port: int, workers: int, ready: Callable[[], None]
) -> None:
    with tempfile.TemporaryDirectory(prefix="aether-metrics-") as shared:
        # Each process has its part of a key's quota, and they share what they count.
        os.environ["AETHER_WORKSPACE"] = str(settings.workspace)
        os.environ["AETHER_RATE_LIMIT"] = str(max(1, settings.rate_limit // workers))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        config = _config(_FACTORY, host, port, workers)
        listener = config.bind_socket()
        supervisor = Multiprocess(config, sockets=[listener])
        threading.Thread(
            target=_say_when_ready, args=(listener, ready), name="aether-ready", daemon=True
        ).start()
        supervisor.run()


def _say_when_ready(listener: socket.socket, ready: Callable[[], None]) -> None:
    """The socket is bound now, and answers once the first process listens at it."""
    host, port = listener.getsockname()[:2]
    for _ in range(_READY_TRIES):
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == HTTPStatus.OK:
                ready()
                return
        except OSError:
            time.sleep(_READY_SECONDS)
        finally:
            connection.close()


def _log_requests(level: str) -> None:
    """One line of JSON a request, on standard error."""
    log = logging.getLogger("aether.requests")
    log.setLevel(level.upper())
    log.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers[:] = [handler]
