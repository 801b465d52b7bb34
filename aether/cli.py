"""The command line. Heavy imports stay inside the commands, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from aether.commands.audit import audit
from aether.commands.axes import axes
from aether.commands.campaigns import campaigns
from aether.commands.discover import discover
from aether.commands.interpreter import interpreter, llm_reader
from aether.commands.keys import keys
from aether.commands.models import models, train
from aether.commands.opening import ClusterOption, WorkspaceOption, open_workspace, read_settings
from aether.commands.play import simulate, synth
from aether.commands.segments import segments
from aether.commands.store import backup, doctor, restore
from aether.commands.why import why

app = typer.Typer(
    name="aether",
    help="Causal customer segments: a brief in, segments with an honest lift out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(segments, name="segments")
app.add_typer(campaigns, name="campaigns")
app.add_typer(audit, name="audit")
app.add_typer(interpreter, name="interpreter")
app.add_typer(discover, name="discover")
app.add_typer(axes, name="axes")


@app.command("import")
def import_(
    source: Annotated[str, typer.Argument(help="A CSV or Parquet file, or a database URL.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help="Which column is what (TOML).")
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Write a mapping to edit to standard output.")
    ] = False,
    query: Annotated[str | None, typer.Option(help="What to select from a database.")] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Replace a raw table instead of an upsert by key.")
    ] = False,
    profiles: Annotated[
        bool, typer.Option("--profiles/--no-profiles", help="Make profiles anew afterwards.")
    ] = True,
    workspace: WorkspaceOption = None,
) -> None:
    """Import a company's own experiment (and check its design) or raw table."""
    from aether import screen

    if draft:
        from workflows.drafting import draft_mapping

        sys.stdout.write(draft_mapping(Path(source)))
        return
    if mapping is None:
        raise typer.BadParameter("give --mapping MAP.toml, or --draft to write one")
    from workflows.mapping import ExperimentMapping, read_any_mapping

    settings = read_settings()
    root = workspace or settings.workspace
    checked = read_any_mapping(mapping)
    if isinstance(checked, ExperimentMapping):
        from workflows.importing import import_file

        _, done = import_file(root, Path(source), checked, database_url=settings.database_url)
        screen.imported(done)
        return
    from workflows.engine import engine_of
    from workflows.tables import import_tables_file

    with screen.progress(f"Importing {checked.kind}") as progress:
        tables = import_tables_file(
            root,
            source if "://" in source else Path(source),
            checked,
            query=query,
            whole=whole,
            profiles=profiles,
            engine=engine_of(settings.cluster, settings.threads),
            progress=progress,
            database_url=settings.database_url,
        )
    screen.tables_imported(tables)


@app.command()
def profile(
    workspace: WorkspaceOption = None,
    as_of: Annotated[
        str | None, typer.Option(help="A date; the newest moment of the data without it.")
    ] = None,
    cluster: ClusterOption = None,
) -> None:
    """Make the newest profiles anew from the raw tables, scores included."""
    from aether import screen
    from domain.criteria import moment
    from domain.errors import BadRequest
    from workflows.engine import engine_of
    from workflows.profiling import refresh_profiles

    try:
        when = None if as_of is None else moment(as_of)
    except ValueError:
        raise BadRequest(
            f"{as_of!r} is no date.", remedy="Write it as 2026-01-31.", field="as_of"
        ) from None
    settings = read_settings()
    engine = engine_of(cluster or settings.cluster, settings.threads)
    with screen.progress("Making profiles") as progress:
        made = refresh_profiles(
            open_workspace(workspace), as_of=when, engine=engine, progress=progress
        )
    screen.profiled(made)


app.command()(synth)
app.command()(simulate)
app.command()(train)


@app.command()
def interpret(
    text: Annotated[str | None, typer.Argument(help="The brief.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help='Lines of {"id", "brief"}.')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the objective as JSON.")] = False,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Read with a workspace's own fields.")
    ] = None,
) -> None:
    """Read a brief; needs no workspace."""
    from aether import screen
    from workflows.briefs import read_brief, read_lines

    opened = open_workspace(workspace) if workspace is not None else None
    if file is not None:
        for row in read_lines(file, opened, llm_reader(read_settings())):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    if text is None:
        raise typer.BadParameter("give a brief, or --file briefs.jsonl")
    reading = read_brief(text, opened, llm_reader(read_settings()))
    if as_json:
        plain = reading.objective.model_dump(mode="json", by_alias=True)
        sys.stdout.write(json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
    else:
        from domain.customer import STANDARD

        screen.objective(reading, opened.schema() if opened else STANDARD)


@app.command()
def brief(
    text: Annotated[str, typer.Argument(help="The brief.")],
    workspace: WorkspaceOption = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="Also find a rule that people can read for each.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Turn a brief into segments."""
    from aether import screen
    from workflows.briefs import read_brief
    from workflows.campaign import build_segments

    opened = open_workspace(workspace)
    reading = read_brief(text, opened, llm_reader(read_settings()))
    if not as_json:
        screen.objective(reading, opened.schema())
    plan = build_segments(opened, reading.objective, rules=rules)
    if as_json:
        from activation_api.schemas import PlanOut

        sys.stdout.write(PlanOut.of(plan).model_dump_json(indent=2) + "\n")
    else:
        outcome = opened.outcomes()[plan.outcome]
        screen.plan(plan, outcome.kind, opened.settings.currency)


app.command()(why)
app.command()(backup)
app.command()(restore)
app.command()(doctor)


@app.command()
def serve(
    workspace: WorkspaceOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer, for many callers.")
    ] = 1,
) -> None:
    """Serve the activation API, and with one process the pages beside it."""
    from aether import screen
    from aether.serve import serve as run

    settings = read_settings()
    opened = open_workspace(workspace)
    address, number = host or settings.host, port or settings.port
    settings = settings.model_copy(update={"workspace": opened.root})

    def ready() -> None:
        seen = "pages at /, " if workers == 1 else ""
        screen.line(
            f"Serving {opened.root} at http://{address}:{number} ({seen}documents at /docs)."
        )

    run(
        opened,
        settings,
        host=address,
        port=number,
        release=_version(),
        workers=workers,
        llm=llm_reader(settings),
        ready=ready,
    )


@app.command()
def demo(
    workspace: WorkspaceOption = None,
    data: Annotated[Path | None, typer.Option(help="A company's own experiment.")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", "-m", help="Its mapping.")] = None,
    size: Annotated[str, typer.Option(help="Synthetic customers, without data.")] = "40000",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
    text: Annotated[str | None, typer.Option("--brief", help="Another brief to read.")] = None,
    stay: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve at the end.")] = True,
) -> None:
    """Do the whole job once: data, training, one brief, segments, and the API."""
    from aether.demo import run

    run(
        read_settings(),
        workspace=workspace,
        data=data,
        mapping=mapping,
        size=size,
        port=port,
        text=text,
        stay=stay,
        version=_version(),
    )


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        sys.stdout.write(f"aethersegment {_version()}\n")
        raise typer.Exit


def _version() -> str:
    from importlib.metadata import version

    return version("aethersegment")


def main() -> None:
    """Run the command line: a fault that a person can mend is one clear line and exit code 2."""
    from domain.errors import AetherError

    try:
        app()
    except AetherError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
