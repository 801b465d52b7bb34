"""`aether campaigns`: from the control group to what was learned."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace

campaigns = typer.Typer(help="Campaigns on segments.", no_args_is_help=True)

CampaignArgument = Annotated[str, typer.Argument(help="The campaign's id.")]


@campaigns.command()
def begin(
    segment: Annotated[str, typer.Argument(help="The segment's id.")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    holdout: Annotated[float, typer.Option(help="Share held out at random.")] = 0.1,
    exploration: Annotated[
        float, typer.Option(help="Share who get a trigger at random; 0.05 is advised.")
    ] = 0.0,
    channel: Annotated[str | None, typer.Option(help="email, sms, push, web, ...")] = None,
    ends: Annotated[
        str | None, typer.Option(help="The declared end, 2026-05-31; in two weeks without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Activate a segment: hold out a control group, and freeze everybody's assignment."""
    from aether import campaignscreen
    from domain.triggers import Channel
    from workflows.activation import Declared, activate_segment

    if channel is not None and channel not in list(Channel):
        raise typer.BadParameter(f"{channel} is none of {', '.join(Channel)}")
    declared = Declared(
        name,
        holdout,
        exploration,
        None if channel is None else Channel(channel),
        None if ends is None else _moment(ends, "ends"),
    )
    opened = open_workspace(workspace)
    campaignscreen.begun(activate_segment(opened, segment, declared))


@campaigns.command("list")
def list_all(workspace: WorkspaceOption = None) -> None:
    """Every campaign on a segment, the newest first."""
    from aether import campaignscreen
    from workflows.activation import list_campaigns

    opened = open_workspace(workspace)
    campaignscreen.campaigns(list_campaigns(opened), opened.now())


@campaigns.command()
def show(campaign: CampaignArgument, workspace: WorkspaceOption = None) -> None:
    """One campaign as it was declared."""
    from aether import campaignscreen
    from workflows.activation import show_campaign

    campaignscreen.begun(show_campaign(open_workspace(workspace), campaign))


@campaigns.command()
def results(
    campaign: CampaignArgument,
    outcome: Annotated[
        str | None, typer.Option(help="Another outcome than it is judged by.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """What a campaign has shown so far, as assigned."""
    from aether import campaignscreen
    from workflows.measurement import campaign_results
    from workflows.trainingdata import find_outcome

    opened = open_workspace(workspace)
    found = campaign_results(opened, campaign, outcome)
    campaignscreen.results(found, find_outcome(opened, found.outcome).kind)


@campaigns.command()
def programme(
    outcome: Annotated[
        str | None, typer.Option(help="What to judge by; converted without it.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="A day, 2026-01-31; the first campaign's without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """What all campaigns together changed, by those whom none addresses."""
    from aether import campaignscreen
    from workflows.programme import programme_results
    from workflows.trainingdata import find_outcome

    opened = open_workspace(workspace)
    begin = None if since is None else _moment(since, "since")
    found = programme_results(opened, outcome, begin)
    campaignscreen.programme(found, find_outcome(opened, found.outcome).kind)


@campaigns.command()
def end(campaign: CampaignArgument, workspace: WorkspaceOption = None) -> None:
    """End a campaign before its declared end."""
    from aether import screen
    from workflows.activation import end_campaign

    ended = end_campaign(open_workspace(workspace), campaign)
    when = ended.ended_at or ended.ends_at
    screen.line(f"{ended.campaign_id} ({ended.name}) ended on {when:%Y-%m-%d %H:%M}.")


@campaigns.command()
def learn(campaign: CampaignArgument, workspace: WorkspaceOption = None) -> None:
    """Keep a finished campaign for the next training."""
    from aether import screen
    from workflows.recycling import learn_from

    opened = open_workspace(workspace)
    kept = learn_from(opened, campaign)
    screen.line(f"{kept.name} is one of the past campaigns now.")
    screen.line(f"Next: aether train --workspace {opened.root}")


def _moment(text: str, field: str) -> datetime:
    from domain.criteria import moment
    from domain.errors import BadRequest

    try:
        return moment(text)
    except ValueError:
        raise BadRequest(
            f"{text!r} is no date.", remedy="Write it as 2026-05-31.", field=field
        ) from None
