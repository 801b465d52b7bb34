"""A brief in plain words becomes an objective that fits the workspace, doubts included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain.clusters import ClusterField
from domain.customer import STANDARD, FieldType
from domain.errors import BadData
from domain.objective import METRIC_OUTCOMES, USUAL, CampaignObjective
from domain.omit import omit
from domain.triggers import CATALOGUE
from interpreter.completion import Completer
from interpreter.conversation import leaves_out, refine
from interpreter.copy_author import LlmAuthor
from interpreter.copywriting import LIMITS as COPY_LIMITS
from interpreter.copywriting import VARIANTS as COPY_VARIANTS
from interpreter.copywriting import Copy, write_copy
from interpreter.reader import ObjectiveReader, Question, ReaderContext, Reading, read
from storage import models
from storage.models import ModelRecord
from storage.population import Population
from workflows.glossary import own_glossary
from workflows.ruleaudience import named_rules, with_rules
from workflows.workspace import Workspace

__all__ = [
    "COPY_LIMITS",
    "COPY_VARIANTS",
    "Copy",
    "ObjectiveReader",
    "Question",
    "Reading",
    "choose_model",
    "read_brief",
    "read_lines",
    "reader_context",
    "refine_brief",
    "suggest_copy",
    "workspace_questions",
]

MAX_LEVELS = 500


def read_brief(
    text: str, workspace: Workspace | None = None, llm: ObjectiveReader | None = None
) -> Reading:
    """What a brief means. With a workspace its own fields, triggers, values and glossary are
    understood, and what its data can't answer becomes a question; without one the standard
    contract is used. `llm` is a reader that is asked first, falling back visibly. "Customers of
    <rule name>" are those who meet an approved qualification rule of the workspace."""
    if workspace is None:
        return read(text, ReaderContext(llm=llm))
    named = named_rules(workspace, text)
    reading = read(named.rest, reader_context(workspace, llm))
    return _fitted(with_rules(reading, text, named), workspace)


def refine_brief(objective: CampaignObjective, answer: str, workspace: Workspace) -> Reading:
    """The objective with what an answer to its open questions says, and everything else kept.

    "Leave it out" to a question on a field without data takes the conditions on it out.
    """
    context = reader_context(workspace)
    if leaves_out(answer):
        first, unknown = objective.clarifications[:1], _fields_without_data(workspace, objective)
        for name in unknown:
            if first == (_no_data(name),):
                audience = omit(objective.audience, {name})
                objective = objective.model_copy(update={"audience": audience})
    return _fitted(refine(objective, answer, context), workspace)


def suggest_copy(
    objective: CampaignObjective,
    workspace: Workspace | None = None,
    trigger: str | None = None,
    *,
    variant: int = 0,
    completer: Completer | None = None,
) -> tuple[Copy, ...]:
    """Suggested copy for the objective's channel, or for every channel where it names none.

    With a completer an LLM writes it, and each channel whose text can't be taken says why."""
    catalogue = CATALOGUE if workspace is None else workspace.catalogue()
    key = trigger or objective.proposed_intervention
    if key is not None:
        catalogue.require(key)
    author = None if completer is None else LlmAuthor(completer)
    return write_copy(objective, catalogue, trigger=trigger, variant=variant, author=author)


def _fitted(reading: Reading, workspace: Workspace) -> Reading:
    """The reading with questions on what the workspace's data can't answer."""
    further = workspace_questions(workspace, reading.objective)
    if not further:
        return reading
    questions = (*reading.questions, *further)
    texts = tuple(question.text for question in questions)
    objective = reading.objective.model_copy(update={"clarifications": texts})
    return replace(reading, objective=objective, questions=questions)


def read_lines(
    path: Path, workspace: Workspace | None = None, llm: ObjectiveReader | None = None
) -> Iterator[dict[str, Any]]:
    """Each `{"id", "brief"}` line of a file as `{"id", "objective"}`."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path} can't be read: {error}.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            identity, text = row["id"], row["brief"]
        except (json.JSONDecodeError, TypeError, KeyError):
            raise BadData(
                f'Line {number} of {path} is not {{"id": ..., "brief": "..."}}.',
                remedy="Write one JSON object a line.",
            ) from None
        objective = read_brief(str(text), workspace, llm).objective
        yield {"id": identity, "objective": objective.model_dump(mode="json", by_alias=True)}


def reader_context(workspace: Workspace, llm: ObjectiveReader | None = None) -> ReaderContext:
    """What the workspace knows that helps to read a brief."""
    schema = workspace.schema()
    return ReaderContext(
        schema=schema,
        catalogue=workspace.catalogue(),
        currency=workspace.settings.currency,
        outcomes=frozenset(workspace.outcomes()),
        values=_known_values(workspace),
        glossary=own_glossary(workspace),
        llm=llm,
    )


def workspace_questions(workspace: Workspace, objective: CampaignObjective) -> tuple[Question, ...]:
    """What this workspace's data can't answer of an objective: fields without data, a metric that
    no campaign measured, a budget in another currency."""
    questions = [
        Question(text=_no_data(name), choices=("leave it out",), about="audience")
        for name in _fields_without_data(workspace, objective)
    ]
    metric = objective.metric_target.metric
    outcomes = workspace.outcomes()
    if metric is not None and not any(name in outcomes for name in METRIC_OUTCOMES[metric]):
        questions.append(
            Question(
                text=f"No past campaign measured {metric.value.replace('_', ' ')}. "
                f"Which of these shall count: {', '.join(outcomes)}?",
                choices=tuple(outcomes),
                about="metric",
            )
        )
    budget = objective.budget
    currency = workspace.settings.currency
    if budget is not None and budget.currency not in (None, currency):
        questions.append(
            Question(
                text=f"The budget is in {budget.currency}, the shop's money in {currency}. "
                f"How much is it in {currency}?",
                choices=(),
                about="budget",
            )
        )
    return tuple(questions)


def _fields_without_data(workspace: Workspace, objective: CampaignObjective) -> list[str]:
    """Fields of the audience that the profiles hold nothing of; a model's scores stand beside
    the profiles, not among them."""
    scores = ("best_trigger", "uplift_score_for_", "net_value_for_")
    with Population(workspace.schema(), workspace.people()) as people:
        missing = people.missing_fields(objective.audience)
    return [name for name in missing if not name.startswith(scores)]


def _no_data(name: str) -> str:
    label = STANDARD[name].text if name in STANDARD else name
    return f"The data holds nothing on {label}. Shall the condition be left out?"


def choose_model(
    workspace: Workspace, objective: CampaignObjective
) -> tuple[ModelRecord | None, str]:
    """The current model that measures the objective, and in words why this one."""
    with workspace.control.read() as session:
        current = models.current(session)
    metric = objective.metric_target.metric
    if metric is None and objective.campaign_goal is not None:
        metric = USUAL[objective.campaign_goal][1]
    wanted = METRIC_OUTCOMES[metric] if metric is not None else ()
    for name in wanted:
        if name in current:
            assert metric is not None
            return current[name], f"{metric.value.replace('_', ' ')} is measured by {name}"
    if objective.metric_target.metric is not None and any(
        name in workspace.outcomes() for name in wanted
    ):
        return None, f"no model of {wanted[0]} is trained yet"
    for name in ("converted", "revenue", "orders", *current):
        if name in current:
            usual = "the goal" if metric is None else metric.value.replace("_", " ")
            return current[
                name
            ], f"{usual} was not measured in past campaigns; {name} stands for it"
    return None, "no model is trained yet"


def _known_values(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    schema = workspace.schema()
    with Population(schema, workspace.people()) as people:
        texts = [
            name
            for name in sorted(people.columns)
            if name in schema
            and name != "customer_id"
            and schema[name].type in (FieldType.STRING, FieldType.STRINGS)
        ]
        known = {name: people.levels(name, MAX_LEVELS) for name in texts}
    kept = (field for field in schema.values() if isinstance(field, ClusterField))
    return known | {field.name: field.levels for field in kept}
