"""`aether segments`: a segment's life, from its list to its archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace

segments = typer.Typer(help="Segments and their versions.", no_args_is_help=True)

SegmentArgument = Annotated[str, typer.Argument(help="The segment's id.")]


@segments.command("list")
def list_all(
    workspace: WorkspaceOption = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those archived instead.")] = False,
) -> None:
    """Every segment in use, in its current version."""
    from aether import segmentscreen
    from workflows.segmentlife import list_segments

    segmentscreen.segments(list_segments(open_workspace(workspace), archived=archived))


@segments.command()
def show(
    segment: SegmentArgument,
    version: Annotated[int | None, typer.Option(help="Another version than the current.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """One segment: who, what, why, and its versions."""
    from aether import segmentscreen
    from workflows.segmentlife import list_versions, show_segment, state_of

    opened = open_workspace(workspace)
    shown = show_segment(opened, segment, version)
    state = state_of(opened, segment)
    segmentscreen.segment(shown, list_versions(opened, segment), state)


@segments.command()
def create(
    criteria: Annotated[
        str | None, typer.Argument(help="A criteria expression (JSON), or @FILE that holds one.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(help="Instead of criteria: an approved rule's name or id.")
    ] = None,
    trigger: Annotated[
        str | None,
        typer.Option(help="What its members shall get; with --rule, what does most without it."),
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Whose model; chosen without it.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a segment of exactly those who meet criteria, or an approved rule."""
    from aether import segmentscreen
    from domain.errors import BadExpression, BadRequest
    from domain.parsing import parse
    from workflows.bycriteria import segment_by_criteria
    from workflows.byrule import segment_of_approved_rule

    opened = open_workspace(workspace)
    if rule is not None and criteria is None:
        made = segment_of_approved_rule(opened, rule, trigger=trigger, outcome=outcome)
        segmentscreen.made(made)
        return
    if criteria is None or rule is not None:
        raise BadRequest("Give either criteria or --rule.", field="criteria")
    if trigger is None:
        raise BadRequest(
            "Criteria alone don't say what to send.", remedy="Add --trigger.", field="trigger"
        )
    try:
        text = Path(criteria[1:]).read_text("utf-8") if criteria.startswith("@") else criteria
        raw = json.loads(text)
    except (OSError, ValueError) as error:
        raise BadExpression(
            f"The criteria can't be read: {error}.",
            remedy='Give JSON such as {"field": "lifetime_orders", "op": "gte", "value": 2}.',
        ) from None
    made = segment_by_criteria(opened, parse(raw, opened.schema()), trigger, outcome=outcome)
    segmentscreen.made(made)


@segments.command()
def approve(segment: SegmentArgument, workspace: WorkspaceOption = None) -> None:
    """Approve a segment's approximate rule: a segment of its own, of exactly those who meet it."""
    from aether import segmentscreen
    from workflows.bycriteria import segment_by_rule

    segmentscreen.made(segment_by_rule(open_workspace(workspace), segment))


@segments.command()
def diff(
    segment: SegmentArgument,
    before: Annotated[int, typer.Argument(help="The one version.")],
    after: Annotated[
        int | None, typer.Argument(help="The other; the current one without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Who entered and left between two versions, and what else differs."""
    from aether import segmentscreen
    from workflows.diffing import diff_versions

    segmentscreen.difference(diff_versions(open_workspace(workspace), segment, before, after))


@segments.command()
def refresh(segment: SegmentArgument, workspace: WorkspaceOption = None) -> None:
    """Make a new version by the current model and today's customers."""
    from aether import segmentscreen
    from workflows.diffing import diff_versions
    from workflows.refreshing import refresh_segment

    opened = open_workspace(workspace)
    fresh, before = refresh_segment(opened, segment)
    segmentscreen.difference(diff_versions(opened, segment, before.version, fresh.version))


@segments.command()
def rollback(
    segment: SegmentArgument,
    version: Annotated[
        int | None, typer.Argument(help="The version; the one before without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make an older version current again; nothing is lost."""
    from aether import screen
    from workflows.segmentlife import rollback_segment

    now, before = rollback_segment(open_workspace(workspace), segment, version)
    screen.line(
        f"Version {now.version} of {segment} is current, instead of {before.version}: "
        f"{now.size:,} customers."
    )


@segments.command()
def archive(
    segment: SegmentArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back into use.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take a segment out of use; nothing is lost."""
    from aether import screen
    from workflows.segmentlife import archive_segment

    archive_segment(open_workspace(workspace), segment, undo=undo)
    screen.line(f"{segment} is {'in use again' if undo else 'archived'}.")
