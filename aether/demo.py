"""The main job, once, from data to a served segment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aether import modelscreen, screen
from aether.serve import serve
from aether.settings import Settings
from domain.errors import BadRequest
from domain.scopes import Scope
from workflows.briefs import read_brief
from workflows.campaign import build_segments
from workflows.engine import engine_of
from workflows.importing import import_file
from workflows.keys import create_key
from workflows.mapping import read_mapping
from workflows.promotion import list_models
from workflows.segmentlife import list_segments
from workflows.synthesis import buckets_for, is_synthetic, recipe_of, synthesise
from workflows.training import TrainingOptions, outcomes_to_train, train
from workflows.workspace import SETTINGS_FILE, Workspace

SYNTHETIC_BRIEF = "Win back customers who have not purchased in 60 days"
SYNTHETIC_OUTCOME = "converted"
DEMO_KEY_LIFETIME = timedelta(days=7)
OWN_BRIEF = "Bring customers back to the shop: more visits"


def run(
    settings: Settings,
    *,
    workspace: Path | None,
    data: Path | None,
    mapping: Path | None,
    size: str,
    port: int,
    text: str | None,
    stay: bool,
    version: str,
) -> None:
    """Build the workspace if it is not there, read one brief, print a key, and serve."""
    if data is not None and mapping is None:
        raise BadRequest("Data need a mapping.", remedy="Give --mapping MAP.toml.", field="mapping")
    root = workspace or settings.workspace
    engine = engine_of(settings.cluster, settings.threads)
    if (root / SETTINGS_FILE).exists():
        opened = Workspace.open(root, database_url=settings.database_url)
        screen.line(f"The workspace {root} is there already; delete it to begin anew.")
    elif data is not None and mapping is not None:
        opened, done = import_file(
            root, data, read_mapping(mapping), database_url=settings.database_url
        )
        screen.imported(done)
    else:
        recipe = recipe_of(size, seed=1)
        opened = Workspace.create(
            root,
            margin_rate=0.4,
            buckets=buckets_for(recipe),
            database_url=settings.database_url,
        )
        with screen.progress("Making customers") as progress:
            synthesise(opened, recipe, engine=engine, progress=progress)
    synthetic = is_synthetic(opened)
    if not list_models(opened):
        for outcome in outcomes_to_train(opened, SYNTHETIC_OUTCOME if synthetic else None):
            with screen.progress(f"Learning {outcome.name}") as progress:
                options = TrainingOptions(
                    n_jobs=settings.threads,
                    engine=engine,
                    tracking_uri=settings.mlflow_tracking_uri,
                )
                record = train(opened, outcome, options, progress=progress)
            modelscreen.trained(record, root)
    brief = text or (SYNTHETIC_BRIEF if synthetic else OWN_BRIEF)
    if text is not None or not list_segments(opened):
        screen.line(f"\nBrief: {brief}")
        reading = read_brief(brief, opened)
        screen.objective(reading, opened.schema())
        made = build_segments(opened, reading.objective)
        screen.plan(made, opened.outcomes()[made.outcome].kind, opened.settings.currency)
    if not stay:
        return
    _, key = create_key(opened, "demo", (Scope.ADMIN,), lifetime=DEMO_KEY_LIFETIME, demo=True)
    largest = max(list_segments(opened), key=lambda version: version.size, default=None)
    path = f"/segments/{largest.segment_id}/customers?limit=3" if largest else "/segments"

    def ready() -> None:
        address = f"http://127.0.0.1:{port}"
        screen.line(f"\nServing at {address} (documents at {address}/docs). Stop with Ctrl+C.")
        screen.line(f"API key: {key}")
        screen.line(f"Open {address}/ in a browser and sign in with it, or try:")
        screen.line(f'curl -s -H "X-API-Key: {key}" "{address}/api/v1{path}"')

    serve(
        opened,
        settings.model_copy(update={"workspace": root, "log": "warning"}),
        host="127.0.0.1",
        port=port,
        release=version,
        ready=ready,
    )
