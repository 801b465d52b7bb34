"""`aether interpreter`: the reader judged, examples to fine-tune a model on, and suggested copy."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aether.commands.opening import WorkspaceOption, open_workspace, read_settings

if TYPE_CHECKING:
    from aether.settings import Settings
    from interpreter.llm import LlmReader, LlmSettings

interpreter = typer.Typer(help="The reader of briefs.", no_args_is_help=True)

BriefsOption = Annotated[
    Path | None,
    typer.Option("--briefs", help="Labelled briefs, a JSON object a line; our own without it."),
]


class Reader(StrEnum):
    """Which reader is meant."""

    OFFLINE = "offline"
    LLM = "llm"


def llm_settings(settings: Settings) -> LlmSettings | None:
    """The LLM that the settings describe, None where they name no model."""
    if settings.llm_model is None:
        return None
    from interpreter.llm import LlmSettings

    return LlmSettings(
        settings.llm_base_url,
        settings.llm_model,
        settings.llm_api_key.get_secret_value(),
        timeout=settings.llm_timeout,
        retries=settings.llm_retries,
        max_tokens=settings.llm_max_tokens,
        token_budget=settings.llm_token_budget,
        price_prompt=settings.llm_price_prompt,
        price_completion=settings.llm_price_completion,
    )


def llm_reader(settings: Settings) -> LlmReader | None:
    """The LLM reader that the settings describe, None where they name no model."""
    described = llm_settings(settings)
    if described is None:
        return None
    from interpreter.llm import LlmReader

    # A failure is told once, by the reading that falls back; the client would tell it twice more.
    logging.getLogger("instructor").setLevel(logging.CRITICAL)
    return LlmReader(described)


@interpreter.command()
def evaluate(
    briefs: BriefsOption = None,
    reader: Annotated[Reader, typer.Option(help="Which reader to judge.")] = Reader.OFFLINE,
) -> None:
    """Print the scorer's table for a reader on labelled briefs."""
    from aether import screen
    from domain.errors import BadRequest
    from workflows.interpreting import evaluate_reader

    llm = None
    if reader is Reader.LLM:
        llm = llm_reader(read_settings())
        if llm is None:
            raise BadRequest(
                "No model is named.",
                remedy="Set AETHER_LLM_MODEL, and AETHER_LLM_BASE_URL and _API_KEY.",
                field="AETHER_LLM_MODEL",
            )
    with screen.progress("Reading briefs") as progress:
        judged = evaluate_reader(briefs, llm, progress)
    for row in judged.table.lines():
        screen.line(row)
    if llm is not None:
        cost = "" if judged.cost is None else f", {judged.cost:.4f} in money"
        screen.line(f"{judged.tokens:,} tokens used{cost}.")
        for reason in judged.reasons:
            screen.line(f"Read by the embedded reader instead: {reason}.")


@interpreter.command("export-finetune")
def export_finetune(briefs: BriefsOption = None) -> None:
    """Write labelled briefs as chat fine-tuning lines (JSONL) to standard output."""
    from workflows.interpreting import finetune_lines

    for line in finetune_lines(briefs):
        sys.stdout.write(line + "\n")


@interpreter.command("copy")
def suggest(
    brief: Annotated[str, typer.Argument(help="The brief.")],
    trigger: Annotated[
        str | None, typer.Option(help="The trigger, where the brief leaves it open.")
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Read with a workspace's own fields.")
    ] = None,
) -> None:
    """Suggest copy for a brief's campaign."""
    from aether import screen
    from workflows.briefs import read_brief, suggest_copy

    opened = open_workspace(workspace) if workspace is not None else None
    objective = read_brief(brief, opened, llm_reader(read_settings())).objective
    screen.suggested(suggest_copy(objective, opened, trigger))


@interpreter.command("glossary")
def glossary(workspace: WorkspaceOption = None) -> None:
    """A workspace's own meanings of vague words (its `glossary.toml`), as sentences."""
    from aether import screen
    from domain.sentences import sentence
    from workflows.glossary import GLOSSARY_FILE, own_glossary

    opened = open_workspace(workspace)
    meanings = own_glossary(opened)
    if not meanings:
        screen.line(f"{opened.root / GLOSSARY_FILE} states no word of its own.")
    for word, meaning in meanings.items():
        screen.line(f"{word}: {sentence(meaning, opened.schema())}")
