"""What the clauses of a brief mean, by the linear model: for wording that no cue word names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from interpreter.offline.model.classifier import NEITHER, Head, committed, features
from interpreter.offline.text import Canvas

_SPLIT = re.compile(
    r"[.;:!?\n]+|,|\s-\s|\b(?:so that|so (?=(?:we|they|it|he|she|these|those)\b)|in order to|in order that|because|since|as we|and then|hoping|in the hope|"
    r"with the (?:goal|objective|aim|purpose|intention) (?:of|to|that)|damit|um|pour que|afin|para que)\b"
)
_EDGE = re.compile(
    r"^(?:and|or|but|to|for|with|of|in|who|that|which|the|und|et|y)\s+|\s+(?:and|or|but|to|for|with|of|in|who|that|which|the|from|have|has)$"
)
MOST_CLAUSES = 5
"""Clauses read by the model, the longest first: each costs about ten milliseconds."""


@dataclass(frozen=True)
class Meaning:
    """The best probability of each class over the clauses; `refused` are triggers of clauses that
    begin with a denial ("nothing about price")."""

    triggers: dict[str, float]
    goals: dict[str, float]
    refused: dict[str, float]
    trigger_threshold: float
    goal_threshold: float


def clauses(canvas: Canvas) -> tuple[str, ...]:
    """The parts of the brief that are still open, without who, when and how much."""
    text = "".join(
        raw if still != Canvas.BLANK else "\x00"
        for raw, still in zip(canvas.raw, canvas.open, strict=True)
    )
    parts: list[str] = []
    start = 0
    folded = canvas.folded
    for m in [*_SPLIT.finditer(folded), None]:
        end = m.start() if m else len(text)
        parts.append(text[start:end])
        start = m.end() if m else end
    cleaned = [_clean(part) for part in parts]
    long = [part for part in dict.fromkeys(cleaned) if len(part.split()) >= 2]
    return tuple(sorted(long, key=len, reverse=True)[:MOST_CLAUSES])


_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "of",
        "for",
        "to",
        "with",
        "by",
        "in",
        "on",
        "at",
        "from",
        "who",
        "whom",
        "whose",
        "that",
        "which",
        "this",
        "these",
        "those",
        "they",
        "them",
        "their",
        "it",
        "its",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "not",
        "no",
        "we",
        "us",
        "our",
        "you",
        "your",
        "i",
        "me",
        "my",
        "all",
        "any",
        "every",
        "each",
        "some",
        "should",
        "shall",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "must",
        "so",
        "as",
        "if",
        "than",
        "then",
        "also",
        "just",
        "only",
        "very",
        "please",
        "more",
        "most",
        "less",
        "customers",
        "customer",
        "people",
        "everyone",
        "anyone",
        "clients",
        "buyers",
        "shoppers",
        "users",
        "members",
        "subscribers",
        "audience",
        "get",
        "got",
        "give",
        "send",
        "tell",
        "write",
        "unless",
        "except",
        "live",
        "us's",
        "that's",
        "let's",
        "der",
        "die",
        "das",
        "und",
        "mit",
        "den",
        "dem",
        "ein",
        "eine",
        "les",
        "des",
        "et",
        "pour",
        "qui",
        "el",
        "la",
        "los",
        "las",
        "que",
        "con",
        "para",
        "un",
        "una",
    ]
)


def _speaks(part: str) -> bool:
    """Whether more than small words is left of a part, so that it can mean something."""
    words = [word.strip("'.%").lower() for word in part.split()]
    return sum(1 for w in words if w not in _SMALL and not w[:1].isdigit()) >= 2


def _clean(part: str) -> str:
    part = re.sub(r"\x00+", " ", part)
    part = re.sub(r"\s+", " ", part).strip(" ,\"'()-")
    before = None
    while part != before:
        before, part = part, _EDGE.sub("", part)
    return part


def read_meaning(parts: Iterable[str]) -> Meaning:
    """Probabilities of triggers and goals; empty where there are no clauses."""
    model = committed()
    listed = list(parts)
    if not listed:
        return Meaning({}, {}, {}, model.triggers.threshold, model.goals.threshold)
    matrix = features(listed)
    denied = np.array([_DENIAL.match(part) is not None for part in listed])
    speaks = np.array([_speaks(part) for part in listed])
    return Meaning(
        _best(model.triggers, matrix[~denied & speaks]),
        _best(model.goals, matrix),
        _best(model.triggers, matrix[denied]),
        model.triggers.threshold,
        model.goals.threshold,
    )


_DENIAL = re.compile(
    r"(?:(?:and|but|so|please|yet|just|in any way|whatever|by all means)\s)*(?:no|not|without|nothing|never|avoid|don't|do not|we don't|we do not|anything but|rather than|instead of|except|keine?n?|ohne|nicht|sans|pas de?|sin|nada de)\s(?!(?:extra |additional |more )?(?:costs?|charges?|fees?|payment|money|longer|one|other)\b)",
    re.IGNORECASE,
)


def _best(head: Head, matrix: np.ndarray) -> dict[str, float]:
    if not len(matrix):
        return {}
    best = head.probabilities(matrix).max(axis=0)
    return {name: float(p) for name, p in zip(head.classes, best, strict=True) if name != NEITHER}
