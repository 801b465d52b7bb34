"""`aether discover`: segments before any campaign, and the rules that people approve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aether.commands.interpreter import llm_settings
from aether.commands.opening import WorkspaceOption, open_workspace, read_settings

if TYPE_CHECKING:
    from interpreter.completion import Completer

discover = typer.Typer(
    help="Discover segments, and approve rules made of them.", invoke_without_command=True
)

FieldsOption = Annotated[
    str | None, typer.Option("--fields", help="Names with commas between; chosen without it.")
]
LeastOption = Annotated[int | None, typer.Option("--min-clusters", help="2 to 20.")]
MostOption = Annotated[int | None, typer.Option("--max-clusters", help="2 to 50.")]
AlgorithmOption = Annotated[
    str | None, typer.Option("--algorithm", help="kmeans, or hdbscan: density, with outliers.")
]
TierOption = Annotated[str | None, typer.Option("--tier", help="statistical, llm or heuristic.")]
DiscoveryArgument = Annotated[str, typer.Argument(help="The discovery's id.")]


@discover.callback()
def run(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    table: Annotated[
        str, typer.Option(help="profiles, profiles@CAMPAIGN, or a raw table.")
    ] = "profiles",
    fields: FieldsOption = None,
    min_clusters: LeastOption = None,
    max_clusters: MostOption = None,
    algorithm: AlgorithmOption = None,
    tier: TierOption = None,
    seed: Annotated[int | None, typer.Option(help="The same seed finds the same.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Ask an LLM about many rows.")] = False,
    page: Annotated[Path | None, typer.Option(help="Also write a page with plots (HTML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Find segments in profiles or a raw table, and say what is known of each."""
    if context.invoked_subcommand is not None:
        return
    from aether import discoveryscreen, screen
    from workflows.discovery import ConfirmationNeeded
    from workflows.discovery import discover as find
    from workflows.discoverydefaults import discovery_defaults

    opened = open_workspace(workspace)
    parameters = discovery_defaults(opened).overridden(
        fields=_names(fields),
        min_clusters=min_clusters,
        max_clusters=max_clusters,
        algorithm=algorithm,
        tier=tier,
        seed=seed,
    )
    try:
        with screen.progress("Discovering") as progress:
            found = find(
                opened,
                parameters,
                table=table,
                confirmed=confirm,
                completer=_completer(),
                progress=progress,
            )
    except ConfirmationNeeded as needed:
        discoveryscreen.comparison(needed.comparison)
        needed.remedy = "Add --confirm to run it."
        raise
    if page is not None:
        _write_page(page, found.discovery_id, workspace)
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        discoveryscreen.discovery(found)


@discover.command("list")
def list_all(workspace: WorkspaceOption = None) -> None:
    """Every discovery, the newest first."""
    from aether import discoveryscreen
    from workflows.discovery import list_discoveries

    discoveryscreen.discoveries(list_discoveries(open_workspace(workspace)))


@discover.command()
def show(
    identity: DiscoveryArgument,
    workspace: WorkspaceOption = None,
    page: Annotated[Path | None, typer.Option(help="Also write a page with plots (HTML).")] = None,
) -> None:
    """The cards of a discovery again."""
    from aether import discoveryscreen
    from workflows.discovery import show_discovery

    found = show_discovery(open_workspace(workspace), identity)
    if page is not None:
        _write_page(page, identity, workspace)
    discoveryscreen.discovery(found)


@discover.command()
def apply(
    identity: DiscoveryArgument,
    segment: Annotated[str, typer.Argument(help="A card's key or name.")],
    name: Annotated[
        str | None, typer.Option(help="The rule's name; the card's without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a recommendation of a card, and its rules a draft to be approved."""
    from aether import discoveryscreen
    from workflows.qualification import apply_card

    discoveryscreen.recommendation(
        apply_card(open_workspace(workspace), identity, segment, name=name)
    )


@discover.command()
def approve(
    rule: Annotated[str, typer.Argument(help="The rule's id.")],
    by: Annotated[str, typer.Option(help="The person who approves it.")],
    version: Annotated[int | None, typer.Option(help="A version; the newest without it.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Approve a draft rule, so that briefs may use it."""
    from aether import discoveryscreen
    from workflows.qualification import approve_rule

    discoveryscreen.approved(approve_rule(open_workspace(workspace), rule, by=by, version=version))


@discover.command()
def keep(
    identity: DiscoveryArgument,
    name: Annotated[str, typer.Argument(help="The field's name: best_customers.")],
    by: Annotated[str, typer.Option(help="The person who answers for it.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Keep all segments of a discovery as a field of criteria: cluster.NAME."""
    from aether import discoveryscreen
    from workflows.keeping import keep_discovery

    discoveryscreen.kept([keep_discovery(open_workspace(workspace), identity, name, by=by)])


@discover.command()
def kept(workspace: WorkspaceOption = None) -> None:
    """Every kept discovery and its field."""
    from aether import discoveryscreen
    from workflows.keeping import list_kept

    discoveryscreen.kept(list_kept(open_workspace(workspace)))


@discover.command()
def rules(workspace: WorkspaceOption = None) -> None:
    """Every rule and its versions."""
    from aether import discoveryscreen
    from workflows.qualification import list_rules

    discoveryscreen.rules(list_rules(open_workspace(workspace)))


@discover.command()
def defaults(
    workspace: WorkspaceOption = None,
    fields: FieldsOption = None,
    min_clusters: LeastOption = None,
    max_clusters: MostOption = None,
    algorithm: AlgorithmOption = None,
    tier: TierOption = None,
) -> None:
    """Show the workspace's saved defaults, changed by what is given."""
    from aether import discoveryscreen
    from workflows.discoverydefaults import discovery_defaults, save_discovery_defaults

    opened = open_workspace(workspace)
    values: dict[str, Any] = {
        "fields": _names(fields),
        "min_clusters": min_clusters,
        "max_clusters": max_clusters,
        "algorithm": algorithm,
        "tier": tier,
    }
    stated = any(value is not None for value in values.values())
    discoveryscreen.parameters(
        save_discovery_defaults(opened, **values) if stated else discovery_defaults(opened)
    )


def _names(fields: str | None) -> tuple[str, ...] | None:
    if fields is None:
        return None
    return tuple(name.strip() for name in fields.split(",") if name.strip())


def _completer() -> Completer | None:
    described = llm_settings(read_settings())
    if described is None:
        return None
    from interpreter.completion import Completer

    return Completer(described)


def _write_page(path: Path, identity: str, workspace: Path | None) -> None:
    from aether import screen
    from workflows.discovery import show_discovery
    from workflows.discoverypage import discovery_page

    opened = open_workspace(workspace)
    html = discovery_page(show_discovery(opened, identity), opened.settings.name)
    path.write_text(html, "utf-8")
    screen.line(f"The page is {path}.")
