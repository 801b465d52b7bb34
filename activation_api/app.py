"""The application: routes below `/api/v1`, errors as problems, documents at `/docs`."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from activation_api import documents, problems
from activation_api.bodies import Bodies
from activation_api.dependencies import without_nul
from activation_api.idempotency import Idempotency
from activation_api.metrics import Metrics
from activation_api.pages import Pages
from activation_api.quickpulls import QuickPulls
from activation_api.rates import DEFAULT_LIMIT, REFUSALS, Rates
from activation_api.requests import Requests
from activation_api.routes import (
    audiences,
    axes,
    campaigns,
    customers,
    deliveries,
    discoveries,
    health,
    jobs,
    metrics,
    objectives,
    outcomes,
    programme,
    pulls,
    qualification,
    segments,
    subjects,
    suppressions,
    triggers,
    webhooks,
)
from workflows.axisassign import CustomerPlacer
from workflows.briefs import ObjectiveReader
from workflows.discovery import Completer
from workflows.workspace import Workspace

DESCRIPTION = """
Causal customer segments for marketing platforms. Every segment names the trigger that works best
for its members, with the lift that was measured on customers the model never saw.

Give an API key as `X-API-Key` or as bearer token (`aether keys create --name crm`). Each operation
names the scope that the key needs. Errors are `application/problem+json`.
"""


def create_app(
    workspace: Workspace,
    *,
    version: str = "0",
    llm: ObjectiveReader | None = None,
    completer: Completer | None = None,
    rate_limit: int = DEFAULT_LIMIT,
    refusal_limit: int = REFUSALS,
    allow_private: bool = False,
) -> FastAPI:
    """The application over a workspace; `llm` reads briefs and `completer` serves discoveries where
    there is one; `rate_limit` is how many requests a key has in a minute, `refusal_limit` how many
    refused keys one address; with `allow_private` webhooks may lead inside."""
    app = FastAPI(
        title="AetherSegment",
        version=version,
        description=DESCRIPTION,
        dependencies=[Depends(without_nul)],
    )
    app.state.workspace = workspace
    app.state.llm = llm
    app.state.completer = completer
    app.state.allow_private = allow_private
    app.state.metrics = Metrics()
    app.state.placer = CustomerPlacer(workspace)
    problems.install(app)
    documents.install(app)
    # The last one that is added sees a request first.
    app.state.pages = Pages()
    app.add_middleware(
        QuickPulls, workspace=workspace, pages=app.state.pages, route=pulls.page_route()
    )
    app.add_middleware(Idempotency, workspace=workspace)
    app.add_middleware(Bodies)
    app.add_middleware(Rates, limit=rate_limit, refusals=refusal_limit)
    app.add_middleware(Requests, metrics=app.state.metrics)
    app.include_router(health.router)
    app.include_router(metrics.router)
    for module in (
        segments,
        pulls,
        audiences,
        campaigns,
        programme,
        deliveries,
        outcomes,
        customers,
        objectives,
        triggers,
        axes,
        discoveries,
        qualification,
        suppressions,
        subjects,
        webhooks,
        jobs,
    ):
        app.include_router(module.router, prefix="/api/v1")
    return app
