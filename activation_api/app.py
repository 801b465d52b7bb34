"""The application: routes below `/api/v1`, errors as problems, documents at `/docs`."""

from __future__ import annotations

from fastapi import FastAPI

from activation_api import problems
from activation_api.routes import health, jobs, objectives, segments, triggers
from workflows.briefs import ObjectiveReader
from workflows.workspace import Workspace

DESCRIPTION = """
Causal customer segments for marketing platforms. Every segment names the trigger that works best
for its members, with the lift that was measured on customers the model never saw.

Give an API key as `X-API-Key` or as bearer token (`aether keys create --name crm`).
"""


def create_app(
    workspace: Workspace, *, version: str = "0", llm: ObjectiveReader | None = None
) -> FastAPI:
    """The application over a workspace; `llm` reads briefs where there is one."""
    app = FastAPI(title="AetherSegment", version=version, description=DESCRIPTION)
    app.state.workspace = workspace
    app.state.llm = llm
    problems.install(app)
    app.include_router(health.router)
    for router in (segments.router, objectives.router, triggers.router, jobs.router):
        app.include_router(router, prefix="/api/v1")
    return app
