"""The glossary: what vague words mean, unless the brief or the workspace says it exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.criteria import Condition, Expression
from domain.customer import Schema
from domain.parsing import parse
from domain.sentences import sentence
from interpreter.offline.finding import Finding, joined
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas, fold


@dataclass(frozen=True)
class Term:
    """A vague word: its `name`, patterns (folded) that say it, and what it is read as."""

    name: str
    words: tuple[str, ...]
    meaning: Expression


def standard_glossary(schema: Schema) -> tuple[Term, ...]:
    """The product's own terms, less those whose fields the schema does not have."""
    return tuple(
        Term(
            entry["name"],
            tuple(entry["words"]),
            joined(parse(condition, schema) for condition in entry["all"]),
        )
        for entry in data("glossary")
        if all(condition["field"] in schema for condition in entry["all"])
    )


def glossary(schema: Schema, overrides: Mapping[str, Expression]) -> tuple[Term, ...]:
    """The standard terms with a workspace's own: one of the same name keeps the words and changes
    the meaning, another name is a new term that is read where that name is written."""
    terms = {term.name: term for term in standard_glossary(schema)}
    for name, meaning in overrides.items():
        known = terms.get(name)
        patterns = known.words if known else (re.escape(fold(name)),)
        terms[name] = Term(name, patterns, meaning)
    return tuple(terms.values())


_NEGATED = re.compile(
    r"(?:\b(?:not|non|never|except(?: for)?|excluding|exclude|without|other than|no|aren't|isn't|"
    r"nicht|keine|sauf|pas|excepto|sin)(?:\s|-)(?:the |our |any |are |being |for |yet )*)$"
)


_NOT_SO = re.compile(r"\bnot\b(?! (?:buy|order|shop|purchas|active))")
"""Denies a term in its own words ("are not very loyal"); "not buying" says what one is."""


def read_glossary(canvas: Canvas, terms: Iterable[Term]) -> list[Finding]:
    """The vague words of a brief. "Make them loyal" wishes for something and limits nobody."""
    findings = []
    for term in terms:
        for pattern in term.words:
            for m in list(canvas.find(words(pattern))):
                if not m.group().strip() or _wished(canvas, m.start()):
                    continue
                negated = _NEGATED.search(canvas.open[max(0, m.start() - 24) : m.start()])
                start = max(0, m.start() - 24) + negated.start() if negated else m.start()
                denied = negated is not None or _NOT_SO.search(m.group()) is not None
                canvas.take(start, m.end())
                findings.append(_finding(start, m.end(), term, denied))
    return findings


_SUBJECT = re.compile(
    r"\b(?:audience|recipients?|target group|target audience|addressees?|segment|readers?|group|zielgruppe|cible|destinatarios)\b[^.;]{0,24}\b(?:should|must|is to|are to|shall|will|ought to) be\s(?:the |our )?$"
)


def _wished(canvas: Canvas, start: int) -> bool:
    lead = canvas.open[max(0, start - 26) : start]
    if _SUBJECT.search(canvas.folded[max(0, start - 60) : start]):
        return False
    return re.search(
        r"(?:\b(?:into|become|becoming|stay|staying|remain|remaining|be|more|bleiben|werden|devenir|rester|restent|zu|en)"
        r"(?: (?:a|an|our|again|truly|more|even))*\s$)|(?:\b(?:make|making|keep|keeping|turn|get|convert)(?: (?:them|these|those|all of them|it|\w+ customers))\s$)",
        lead,
    ) is not None  # fmt: skip


def _finding(start: int, end: int, term: Term, negated: bool) -> Finding:
    from domain.criteria import Not, normalise

    meaning = normalise(Not(not_=term.meaning)) if negated else term.meaning
    return Finding(start, end, meaning, term=term.name)


def assumption(term: str, meaning: Expression, schema: Schema) -> str:
    """How a vague word was read, as the marketer sees it: "loyal: clv_score >= 0.8"."""
    return f"{term}: {_plain(meaning, schema)}"


_SIGNS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "eq": "=", "ne": "!="}


def _plain(meaning: Expression, schema: Schema) -> str:
    from domain.criteria import conditions

    leaves = list(conditions(meaning))
    if all(isinstance(leaf, Condition) and leaf.op.value in _SIGNS for leaf in leaves):
        return " and ".join(
            f"{leaf.field} {_SIGNS[leaf.op.value]} {_value(leaf)}" for leaf in leaves
        )
    return sentence(meaning, schema)


def _value(leaf: Condition) -> str:
    return str(leaf.value).lower() if isinstance(leaf.value, bool) else f"{leaf.value}"
