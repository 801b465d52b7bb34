"""`aether axes`: the behavioural axes, clustered, refreshed, shown and drawn."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from aether.commands.opening import ClusterOption, WorkspaceOption, open_workspace, read_settings

axes = typer.Typer(help="Segments of customers on thirteen behavioural axes.", no_args_is_help=True)

AsOfOption = Annotated[
    str | None, typer.Option(help="A date; the newest moment of the data without it.")
]
ScheduleOption = Annotated[
    str | None,
    typer.Option(
        help='Let the server do it at these times, UTC: "0 2 1 * *" is the first of each month at '
        "02:00. `off` ends it.",
    ),
]
MovedOption = Annotated[Path | None, typer.Option(help="Write the customers who moved here (CSV).")]


@axes.command()
def cluster(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    seed: Annotated[int, typer.Option(help="Seed of samples and starts.")] = 0,
    schedule: ScheduleOption = None,
    moved: MovedOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Find the segments of every axis anew, as a new version, and place everybody."""
    from workflows.axes import cluster_axes
    from workflows.axisjobs import CLUSTER

    if schedule is not None:
        _schedule(workspace, CLUSTER, schedule, "cluster the axes anew")
        return
    from aether import axesscreen, screen
    from workflows.engine import engine_of

    settings, opened = read_settings(), open_workspace(workspace)
    with screen.progress("Clustering the axes") as progress:
        done = cluster_axes(
            opened,
            as_of=_moment(as_of),
            seed=seed,
            engine=engine_of(cluster or settings.cluster, settings.threads),
            threads=settings.threads,
            progress=progress,
        )
    axesscreen.done(done)
    _write_moved(workspace, moved)


@axes.command()
def refresh(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    schedule: ScheduleOption = None,
    moved: MovedOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Place everybody anew with today's data; the segments stay as they are."""
    from workflows.axes import refresh_axes
    from workflows.axisjobs import REFRESH

    if schedule is not None:
        _schedule(workspace, REFRESH, schedule, "place everybody anew")
        return
    from aether import axesscreen, screen
    from workflows.engine import engine_of

    settings, opened = read_settings(), open_workspace(workspace)
    with screen.progress("Placing customers") as progress:
        done = refresh_axes(
            opened,
            as_of=_moment(as_of),
            engine=engine_of(cluster or settings.cluster, settings.threads),
            progress=progress,
        )
    axesscreen.done(done)
    _write_moved(workspace, moved)


@axes.command()
def show(
    customer: Annotated[
        str | None, typer.Argument(help="A customer's id; every axis without one.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show the segments of every axis, or one customer's place on each."""
    from activation_api.axes import AxisStatsOut, PlacementsOut
    from aether import axesscreen

    opened = open_workspace(workspace)
    if customer is not None:
        from workflows.axisassign import customer_segments

        placed = customer_segments(opened, customer)
        if as_json:
            _print(PlacementsOut.of(placed).model_dump(mode="json"))
        else:
            axesscreen.placements(placed)
        return
    from workflows.axisstats import axes_stats

    stats = axes_stats(opened)
    if as_json:
        _print(AxisStatsOut.of(stats).model_dump(mode="json"))
    else:
        axesscreen.stats(stats)


@axes.command()
def page(
    out: Annotated[Path, typer.Option(help="Where to write it.")] = Path("axes.html"),
    workspace: WorkspaceOption = None,
) -> None:
    """Draw every axis on one page (HTML): silhouettes, sizes, and profiles of the segments."""
    from aether import screen
    from workflows.axespage import axes_page

    out.write_text(axes_page(open_workspace(workspace)), encoding="utf-8")
    screen.line(f"The page is {out}.")


def _moment(text: str | None) -> datetime | None:
    from domain.criteria import moment
    from domain.errors import BadRequest

    try:
        return None if text is None else moment(text)
    except ValueError:
        raise BadRequest(
            f"{text!r} is no date.", remedy="Write it as 2026-01-31.", field="as_of"
        ) from None


def _schedule(workspace: Path | None, kind: str, expression: str, what: str) -> None:
    from aether import axesscreen, screen
    from workflows.schedules import drop_schedule, set_schedule

    opened = open_workspace(workspace)
    if expression == "off":
        ended = drop_schedule(opened, kind)
        screen.line(f"The server will no longer {what}." if ended else "There was no schedule.")
        return
    axesscreen.scheduled(set_schedule(opened, kind, expression), what)


def _write_moved(workspace: Path | None, path: Path | None) -> None:
    if path is None:
        return
    from aether import screen
    from workflows.axisstats import moved_csv

    path.write_bytes(moved_csv(open_workspace(workspace)))
    screen.line(f"Who moved is in {path}.")


def _print(plain: object) -> None:
    sys.stdout.write(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
