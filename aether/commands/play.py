"""`aether synth` and `aether simulate`: a company to play with, and campaigns on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aether.commands.opening import ClusterOption, WorkspaceOption, open_workspace, read_settings


def simulate(
    segment: Annotated[str, typer.Option(help="The segment to send to.")],
    workspace: WorkspaceOption = None,
    out: Annotated[Path, typer.Option(help="Folder of the outcomes file and its mapping.")] = Path(
        "simulated"
    ),
    holdout: Annotated[float, typer.Option(min=0.01, max=0.99, help="Share held out.")] = 0.2,
    seed: Annotated[int, typer.Option(help="The same seed plays the same campaign.")] = 0,
) -> None:
    """Play a campaign on synthetic customers; its outcomes can be imported again."""
    from aether import screen
    from workflows.simulation import simulate_segment

    screen.simulated(
        simulate_segment(open_workspace(workspace), segment, out, holdout=holdout, seed=seed)
    )


def synth(
    workspace: WorkspaceOption = None,
    size: Annotated[
        str, typer.Option(help="small (10k), demo (100k), large (1M), or a number of customers.")
    ] = "demo",
    seed: Annotated[int, typer.Option(help="The same seed makes the same customers.")] = 1,
    months: Annotated[int, typer.Option(help="Length of the history.")] = 24,
    locale: Annotated[
        list[str] | None, typer.Option(help="Where customers live, such as de_DE; may be repeated.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write a page of plots here (HTML).")
    ] = None,
    cluster: ClusterOption = None,
) -> None:
    """Make a synthetic company whose true effects are known."""
    from aether import screen
    from workflows.engine import engine_of
    from workflows.synthesis import buckets_for, recipe_of, report_page, synthesise
    from workflows.workspace import Workspace

    settings = read_settings()
    root = workspace or settings.workspace
    recipe = recipe_of(size, seed, months=months, locales=tuple(locale or ()))
    made = Workspace.create(
        root,
        margin_rate=0.4,
        buckets=buckets_for(recipe),
        database_url=settings.database_url,
    )
    engine = engine_of(cluster or settings.cluster, settings.threads)
    with screen.progress("Making customers") as progress:
        synthesise(made, recipe, engine=engine, progress=progress)
    if report is not None:
        report.write_text(report_page(made), encoding="utf-8")
        screen.line(f"The report is {report}.")
    screen.line(f"A synthetic company lies in {root}. Next: aether train --workspace {root}")
