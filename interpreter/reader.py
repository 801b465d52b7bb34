"""The one entrance: a brief becomes a Campaign Objective Object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from domain.criteria import Expression
from domain.customer import STANDARD, Schema
from domain.objective import CampaignObjective
from domain.triggers import CATALOGUE, TriggerCatalogue
from interpreter.offline.reading import read_offline
from interpreter.question import Question
from interpreter.review import as_json, review


class ObjectiveReader(Protocol):
    """Another reader of briefs behind the same entrance, such as `interpreter.llm.LlmReader`."""

    def read(self, brief: str, context: ReaderContext) -> Reading: ...


@dataclass(frozen=True)
class ReaderContext:
    """What a workspace knows that helps to read a brief.

    `outcomes` are the names of the outcomes it has measured (None: not known), `values` the
    known values of text fields, `glossary` its own meanings of vague words by name, and `llm` a
    reader that is asked first where there is one.
    """

    schema: Schema = field(default_factory=lambda: STANDARD)
    catalogue: TriggerCatalogue = field(default_factory=lambda: CATALOGUE)
    currency: str | None = None
    outcomes: frozenset[str] | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    glossary: Mapping[str, Expression] = field(default_factory=dict)
    llm: ObjectiveReader | None = None


@dataclass(frozen=True)
class ReadSpan:
    """A part of the brief (`start` inclusive, `end` exclusive) and what it was read as."""

    start: int
    end: int
    text: str
    what: str


@dataclass(frozen=True)
class TokenUse:
    """What one brief cost with an LLM; `cost` is in the currency of the prices given."""

    prompt: int
    completion: int
    cost: float | None = None


@dataclass(frozen=True)
class Reading:
    """What was read, with the evidence for it; `reason` says why a reader fell back."""

    objective: CampaignObjective
    spans: tuple[ReadSpan, ...]
    questions: tuple[Question, ...]
    source: Literal["offline", "llm"] = "offline"
    reason: str | None = None
    tokens: TokenUse | None = None


def read(brief: str, context: ReaderContext | None = None) -> Reading:
    """The campaign objective that a brief states.

    Any text is read without an error; what can't be read becomes a question, and never a
    condition. With `context.llm` that reader is asked first and falls back visibly to this one.
    """
    context = context or ReaderContext()
    if context.llm is not None:
        return context.llm.read(brief, context)
    return read_embedded(brief, context)


def read_embedded(brief: str, context: ReaderContext) -> Reading:
    """The embedded reader: no network, no key."""
    offline = read_offline(
        brief,
        context.schema,
        context.catalogue,
        currency=context.currency,
        outcomes=context.outcomes,
        known=context.values,
        terms=context.glossary,
    )
    spans = tuple(
        ReadSpan(e.start, e.end, brief[e.start : e.end], e.what) for e in offline.evidence
    )
    checked = review(
        as_json(offline.objective),
        context.schema,
        context.catalogue,
        questions=[Question(d.text, d.choices, d.about) for d in offline.doubts],
    )
    return Reading(checked.objective, spans, checked.questions)


__all__ = ["Question", "ReadSpan", "ReaderContext", "Reading", "TokenUse", "read", "read_embedded"]
