"""The server: the activation API over one workspace, with a worker for slow jobs."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from activation_api.app import create_app
from workflows.briefs import ObjectiveReader
from workflows.jobs import Worker
from workflows.workspace import Workspace

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection stays open: longer than a busy caller takes to read a page, so that
it does not find the connection shut when it asks for the next."""


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
    *,
    host: str,
    port: int,
    version: str,
    database_url: str | None = None,
    tracking_uri: str | None = None,
    cluster: str | None = None,
    llm: ObjectiveReader | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted."""
    worker = Worker(workspace, database_url, tracking_uri, cluster)
    worker.start()
    config = uvicorn.Config(
        create_app(workspace, version=version, llm=llm),
        host=host,
        port=port,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    try:
        _Server(config, ready).run()
    finally:
        worker.stop()
        workspace.close()
