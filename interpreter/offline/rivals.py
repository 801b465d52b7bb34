"""Several triggers are named: which of them the brief proposes, or whether it lets one choose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from interpreter.offline.model.classifier import committed, features
from interpreter.offline.text import Canvas, Span

_JOINED = re.compile(
    r"\s?(?:,|and|or|&|\+|/|plus|und|oder|et|ou|y|o|as well as|,? and|,? or)\s?(?:(?:an?|the|of|for|un|une|una|einen?|some|else)\s)*"
)
_CHOICE = re.compile(
    r"\b(?:or|vs\.?|versus|against|either|whether|compar\w+|test(?:ing|s|en|er)?|a/b|try both|try the two|rather|which (?:one|of)|decide between|choose (?:between|from)|pick (?:between|from)|"
    r"oder|entweder|vergleich\w*|ou|soit|comparer|o|comparar|probar|allowed|permitted|only|restricted|limited to|candidates?|options?|alternatives?)\b"
)
MARGIN = 0.15
"""How much likelier one trigger has to be than the next to be the one that is meant."""


def alternatives(canvas: Canvas, mentions: Sequence[tuple[Span, str]]) -> bool:
    """Whether the mentioned triggers stand beside each other as a list, or for a choice."""
    ordered = sorted(mentions)
    for (left, one), (right, other) in pairwise(ordered):
        if one == other:
            continue
        gap = canvas.folded[left.end : right.start]
        if _JOINED.fullmatch(gap) or (len(gap) < 60 and _CHOICE.search(gap)):
            return True
        if canvas.sentence(left.start) == canvas.sentence(right.start):
            lead = canvas.folded[canvas.sentence(left.start).start : left.start]
            if _CHOICE.search(lead) or _CHOICE.search(gap):
                return True
    return False


def meant(canvas: Canvas, mentions: Sequence[tuple[Span, str]]) -> str | None:
    """The trigger that the clause of its mention means most, if it stands out."""
    head = committed().clauses
    said = [_clause(canvas, span) for span, _ in mentions]
    rows = head.probabilities(features(said))
    best: dict[str, float] = {}
    for (_, key), row in zip(mentions, rows, strict=True):
        probability = float(row[head.classes.index(key)]) if key in head.classes else 0.0
        best[key] = max(best.get(key, 0.0), probability)
    first, second = sorted(best.values(), reverse=True)[:2]
    return max(best, key=lambda key: best[key]) if first - second >= MARGIN else None


_BREAK = re.compile(r"[.;:!?\n]|,\s")


def _clause(canvas: Canvas, span: Span) -> str:
    sentence = canvas.sentence(span.start)
    start = sentence.start
    for found in _BREAK.finditer(canvas.masked, sentence.start, span.start):
        start = found.end()
    after = _BREAK.search(canvas.masked, span.end, sentence.end)
    return canvas.raw[start : after.start() if after else sentence.end].strip()
