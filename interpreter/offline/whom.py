"""People told apart by what no field of a customer holds: "civil servants", "cat owners"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interpreter.offline.lexicon import who
from interpreter.offline.model.classifier import TRAIT, committed, features
from interpreter.offline.sections import Section, section_at
from interpreter.offline.text import Canvas, Span

MOST = 3
"""Groups of people that are judged: each costs some milliseconds."""

_STOP = (
    r"(?:who|whom|whose|which|that|should|shall|must|will|would|can|could|may|might|ought|are|is|was|were|be|have|has|had|get|gets|buy|buys|want|wants|need|needs|to|in|from|by|via|on|at|and|or|but|so|as|if|"
    r"when|where|because|since|than|their|them|they|it|we|us|our|you|tbh|pls|please|receive|deserve|like|do|don't|not|never|only|sollen|soll|die|der|das|qui|que|devraient|doivent|deben|con|avec|mit)"
)
_OURS = re.compile(
    r"(?:my|our) (?:accountant|husband|wife|son|daughter|mother|father|mum|mom|dad|boss|partner|"
    r"sister|brother|nephew|niece|colleagues?|assistant|manager|director|team|bank|lawyer|chef)\b"
)
"""Somebody of the marketer's own: no customer."""

_WORDS = rf"(?:(?!{_STOP}\b)[^\W\d_][\w'&-]*)(?:\s(?!{_STOP}\b)[\w'&-]+){{0,4}}"
_LEAD = re.compile(
    rf"(?:\b(?:for|to|at|among|amongst|reach|target|targeting|address|contact|approach|convince|invite|remind|write|mail|help|find|get|give|offer|send|an|fur|an|aux|pour|para|a los|a las)\s|"
    rf"(?:^|[.!?;:,\n])\s*(?:and |but |so |well,? )?)(?:(?:the|our|all|some|any|(?:every|each) (?:single|last)|every|those|these|new|die|les|los|las|alle)\s)?(?P<who>{_WORDS})"
)
_TAIL = re.compile(
    r"(?:\s(?:with|without|w|a|an|the|of|outside|inside|besides|having|living|based|for|who|born|s))+$"
)
_ONLY_GENERAL = re.compile(
    rf"(?:(?:our|the|all|new|other|more|most|many|few|each|every|my|your|these|those|such|same|right|usual|potential|future)\s)*"
    rf"(?:{who()}|whoever|nobody|somebody|someone|everybody|anybody|ones|lot|guys|them|boss|team|founder|agency|board|country|city|others?|rest|public|crowd)"
)


def unknown_people(canvas: Canvas) -> Iterator[Span]:
    """Parts of what is still open that name people by a trait without a field."""
    groups = list(_groups(canvas))[:MOST]
    if not groups:
        return
    head = committed().people
    column = head.classes.index(TRAIT)
    texts = [canvas.raw[span.start : span.end] for span in groups]
    for span, row in zip(groups, head.probabilities(features(texts)), strict=True):
        if row[column] >= head.threshold:
            yield span


def _groups(canvas: Canvas) -> Iterator[Span]:
    for m in canvas.find(_LEAD):
        words = _TAIL.sub("", m["who"])
        if len(words) < 5 or _ONLY_GENERAL.fullmatch(words) or _OURS.match(words):
            continue
        if section_at(canvas.folded, m.start("who")) not in (None, Section.AUDIENCE):
            continue
        yield Span(m.start("who"), m.start("who") + len(words))
