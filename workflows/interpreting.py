"""The reader judged on labelled briefs, and labelled briefs as lines to fine-tune a model on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import BadData
from interpreter.evaluation import Table, score
from interpreter.finetune import export_finetune
from interpreter.labelled import labelled_briefs
from interpreter.reader import ObjectiveReader, ReaderContext, read

_NEEDED = frozenset({"id", "brief", "gold"})


@dataclass(frozen=True)
class Judged:
    """The scorer's table, with how many briefs an LLM was asked for and could not read, and what
    it used."""

    table: Table
    fell_back: int
    reasons: tuple[str, ...]
    tokens: int
    cost: float | None


def evaluate_reader(
    path: Path | None,
    llm: ObjectiveReader | None = None,
    progress: Callable[[float, str], None] = lambda share, message: None,
) -> Judged:
    """Score a reader on a file of labelled briefs, or on the project's own where there is none."""
    rows = read_labelled(path)
    context, readings = ReaderContext(llm=llm), []
    for place, row in enumerate(rows, start=1):
        readings.append(read(str(row["brief"]), context))
        progress(place / len(rows), f"brief {place} of {len(rows)}")
    uses = [reading.tokens for reading in readings if reading.tokens is not None]
    costs = [use.cost for use in uses if use.cost is not None]
    failed = [reading.reason for reading in readings if reading.reason is not None]
    objectives = [reading.objective.model_dump(mode="json", by_alias=True) for reading in readings]
    return Judged(
        score(rows, objectives),
        len(failed),
        tuple(sorted(set(failed))),
        sum(use.prompt + use.completion for use in uses),
        sum(costs) if costs else None,
    )


def finetune_lines(path: Path | None) -> Iterator[str]:
    """Chat fine-tuning lines of a file of labelled briefs, or of the project's own.

    Empty briefs are left out: no fine-tuning service takes an empty turn.
    """
    return export_finetune(row for row in read_labelled(path) if str(row["brief"]).strip())


def read_labelled(path: Path | None) -> list[dict[str, Any]]:
    """Labelled briefs of a file. Raises BadData for one that is none, naming the line."""
    if path is None:
        return labelled_briefs()
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path} can't be read: {error}.") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = None
        if not isinstance(row, dict) or not row.keys() >= _NEEDED:
            raise BadData(
                f"Line {number} of {path} is no labelled brief.",
                remedy='Write {"id", "brief", "gold": an objective} in one line each.',
            )
        rows.append({"accept": {}, "needs_clarification": False, "tags": []} | row)
    if not rows:
        raise BadData(f"{path} holds no labelled brief.")
    return rows
