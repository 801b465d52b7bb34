"""People told apart by what no field of a customer holds: "civil servants", "cat owners"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interpreter.offline.language import language_of
from interpreter.offline.lexicon import who
from interpreter.offline.model.classifier import INTEREST, TRAIT, committed, features
from interpreter.offline.sections import Section, section_at
from interpreter.offline.text import Canvas, Span

MOST = 3
"""Groups of people that are judged: each costs some milliseconds."""

SURE_INTEREST = 0.75
"""The probability from which words name people by an interest: products ("garden chairs") reach
0.6."""

_STOP = (
    r"(?:i|you|he|she|think|thinks|guess|believe|believes|suppose|feel|feels|suspect|who|whom|whose|which|that|should|shall|must|will|would|can|could|may|might|ought|are|is|was|were|be|have|has|had|get|gets|buy|buys|want|wants|need|needs|to|in|from|by|via|on|at|and|or|but|so|as|if|"
    r"when|where|because|since|than|their|them|they|it|we|us|our|you|tbh|pls|please|receive|deserve|like|do|don't|not|never|only|sollen|soll|die|der|das|qui|que|devraient|doivent|deben|con|avec|mit)"
)
_OURS = re.compile(
    r"(?:my|our) (?:accountant|husband|wife|son|daughter|mother|father|mum|mom|dad|boss|partner|"
    r"sister|brother|nephew|niece|colleagues?|assistant|manager|director|team|bank|lawyer|chef)\b"
)
"""Somebody of the marketer's own: no customer."""

_WORDS = rf"(?:(?!{_STOP}\b)[^\W\d_][\w'&-]*)(?:\s(?!{_STOP}\b)[\w'&-]+){{0,4}}"
_LEAD = re.compile(
    rf"(?:\b(?:for|to|at|among|amongst|reach|target|targeting|address|contact|approach|convince|invite|remind|write|mail|help|find|get|give|offer|send|make|keep|win|motivate|persuade|nudge|encourage|an|fur|an|aux|pour|para|a los|a las)\s|"
    rf"(?:^|[.!?;:,\n])\s*(?:and |but |so |well,? )?)(?:(?:the|our|all|some|any|(?:every|each) (?:single|last)|every|those|these|new|die|les|los|las|alle)\s)?(?P<who>{_WORDS})"
)
_TAIL = re.compile(
    r"(?:\s(?:with|without|w|a|an|the|of|outside|inside|besides|having|living|based|for|who|born|s))+$"
)
_ONLY_GENERAL = re.compile(
    rf"(?:(?:our|the|all|new|old|registered|signed-up|newsletter|email|e-mail|other|more|most|many|few|each|every|my|your|these|those|such|same|right|usual|potential|future)\s)*"
    rf"(?:{who()}|friends|sign-?ups|registrations|firms|companies|businesses|leads|prospects|whoever|nobody|somebody|someone|everybody|anybody|ones|lot|guys|them|boss|team|founder|agency|board|country|city|others?|rest|public|crowd)"
)


_SEVERAL = re.compile(
    r"(?:.*\W)?(?:\w+[^\Ws]s|people|men|women|children|folk|staff|youth|personnel|elderly|kids)"
)
"""How an English group of people ends; "gardening" or "the weekend" is none."""
_ANY = re.compile(r"\b(?:every|each|any|an?)(?: single| last)?\s$")


@dataclass(frozen=True)
class Groups:
    """Groups of people that a brief names by what no field holds: `traits` tell customers apart,
    `interests` ("gardeners") mostly name the customers of such a shop."""

    traits: tuple[Span, ...] = ()
    interests: tuple[Span, ...] = ()


def unknown_people(canvas: Canvas) -> Groups:
    """The groups in what is still open of a brief."""
    groups = list(_groups(canvas))[:MOST]
    if not groups:
        return Groups()
    head = committed().people
    rows = head.probabilities(features([canvas.raw[s.start : s.end] for s in groups]))
    traits, interests = [], []
    for group, row in zip(groups, rows, strict=True):
        likely = dict(zip(head.classes, map(float, row), strict=True))
        trait, interest = likely.pop(TRAIT), likely.pop(INTEREST)
        if trait + interest >= max(head.threshold, *likely.values()):
            if trait >= interest:
                traits.append(group)
            elif interest >= SURE_INTEREST:
                interests.append(group)
    return Groups(tuple(traits), tuple(interests))


def _groups(canvas: Canvas) -> Iterator[Span]:
    english = language_of(canvas.folded) == "en"
    for m in canvas.find(_LEAD):
        words = _TAIL.sub("", m["who"])
        if len(words) < 5 or _ONLY_GENERAL.fullmatch(words) or _OURS.match(words):
            continue
        if section_at(canvas.folded, m.start("who")) not in (None, Section.AUDIENCE):
            continue
        one = _ANY.search(canvas.folded[: m.start("who")])
        if english and one is None and not _SEVERAL.fullmatch(words):
            continue
        yield Span(m.start("who"), m.start("who") + len(words))
