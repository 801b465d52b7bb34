"""`aether train` and `aether models`: a model's life from its training to its rollback."""

from __future__ import annotations

from typing import Annotated

import typer

from aether.commands.opening import ClusterOption, WorkspaceOption, open_workspace, read_settings

models = typer.Typer(help="Trained models.", no_args_is_help=True)

ModelArgument = Annotated[str, typer.Argument(help="The model's id.")]


def train(
    workspace: WorkspaceOption = None,
    outcome: Annotated[
        str | None, typer.Option(help="One outcome (all that are mapped without it).")
    ] = None,
    campaign: Annotated[
        str | None, typer.Option(help="One campaign (all that fit without it).")
    ] = None,
    learner: Annotated[
        str, typer.Option(help="x, t, dr, or auto: a tournament of these and the peers installed.")
    ] = "x",
    seed: Annotated[int, typer.Option(help="Seed of folds and trees.")] = 0,
    clusters: Annotated[
        bool,
        typer.Option(
            "--clusters",
            help="Also learn from the axes and kept discoveries, where that does not cost value.",
        ),
    ] = False,
    cluster: ClusterOption = None,
) -> None:
    """Learn what each trigger changes, and judge it on customers the model never saw."""
    from aether import modelscreen, screen
    from workflows.choosing import method_named
    from workflows.engine import engine_of
    from workflows.training import TrainingOptions, outcomes_to_train
    from workflows.training import train as run

    opened = open_workspace(workspace)
    settings = read_settings()
    options = TrainingOptions(
        campaign=campaign,
        method=method_named(learner),
        seed=seed,
        n_jobs=settings.threads,
        engine=engine_of(cluster or settings.cluster, settings.threads),
        clusters=clusters,
        tracking_uri=settings.mlflow_tracking_uri,
    )
    for one in outcomes_to_train(opened, outcome):
        with screen.progress(f"Learning {one.name}") as progress:
            record = run(opened, one, options, progress=progress)
        modelscreen.trained(record, opened.root)


@models.command("list")
def list_all(workspace: WorkspaceOption = None) -> None:
    """Every model, and which are current."""
    from aether import modelscreen
    from workflows.promotion import list_models

    modelscreen.models(list_models(open_workspace(workspace)))


@models.command()
def show(model: ModelArgument, workspace: WorkspaceOption = None) -> None:
    """What a model was made from, what it is worth, and how far today's customers have moved."""
    from aether import modelscreen
    from workflows.drift import drift_of
    from workflows.promotion import show_model

    opened = open_workspace(workspace)
    record = show_model(opened, model)
    modelscreen.model(record, drift_of(opened, record), opened.root)


@models.command()
def compare(
    model: ModelArgument,
    other: Annotated[
        str | None, typer.Argument(help="The model to compare with; the current one without it.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Two models' policies on the same learning rows, out of fold."""
    from aether import modelscreen
    from workflows.comparing import compare_models

    modelscreen.comparison(compare_models(open_workspace(workspace), model, other))


@models.command()
def promote(
    model: ModelArgument,
    workspace: WorkspaceOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Promote it though it is worse; needs a reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why by force; the audit keeps it.")] = "",
) -> None:
    """Make a model current, unless it is worse than the one that is."""
    from aether import modelscreen, screen
    from domain.errors import BadRequest, Conflict
    from workflows.promotion import promote as run

    if reason and not force:
        raise BadRequest(
            "A reason is given without --force.", remedy="Give both, or neither.", field="reason"
        )
    ruling = run(open_workspace(workspace), model, forced_because=reason if force else None)
    if not ruling.promoted:
        raise Conflict(ruling.words, remedy=modelscreen.how_to_force(model))
    screen.line(ruling.words)


@models.command()
def rollback(
    outcome: Annotated[str, typer.Argument(help="The outcome whose current model is taken back.")],
    workspace: WorkspaceOption = None,
    reason: Annotated[str, typer.Option(help="Why; the audit keeps it.")] = "",
) -> None:
    """Make the model current that was so before."""
    from aether import screen
    from workflows.promotion import rollback as run

    now, before = run(open_workspace(workspace), outcome, reason=reason)
    screen.line(f"{now.id} is the current model of {now.outcome} again, instead of {before.id}.")
