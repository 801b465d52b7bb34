"""What the clauses of a brief mean, by the linear model: for wording that no cue word names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.objective import CampaignGoal
from interpreter.offline.lexicon import data
from interpreter.offline.model.classifier import NEITHER, committed, features
from interpreter.offline.sections import Section, section_at
from interpreter.offline.text import Canvas, Span
from interpreter.offline.told import reports

_SPLIT = re.compile(
    r"[.;:!?\n/]+|,|\s--?\s|->|=>|\b(?:so that|so (?=(?:we|they|it|he|she|these|those)\b)|in order to|in order that|because|since|as we|(?:that|which) (?=(?:tells?|explains?|says?|shows?|describes?|teach(?:es)?|lists?|announces?|reveals?) )|and then|hoping|in the hope|"
    r"with the (?:goal|objective|aim|purpose|intention) (?:of|to|that)|damit|um|pour que|afin|para que)\b|(?<= )(?=(?:without|ohne|sans|sin) )"
)
_EDGE = re.compile(
    r"^(?:and|or|but|to|for|with|of|in|who|that|which|the|und|et|y)\s+|\s+(?:and|or|but|to|for|with|of|in|who|that|which|the|from|have|has)$"
)
_GOALS = frozenset(goal.value for goal in CampaignGoal)
MOST_CLAUSES = 5
"""Clauses read by the model, the longest first: each costs some milliseconds, twice."""

SURE = 0.42
"""The probability from which a trigger that no cue word names is taken: on labelled briefs it misses
fewer triggers than a higher one, and proposes hardly more that nobody meant."""

SURE_LABEL = 0.15
"""The probability from which a trigger is taken where a label ("mechanic:") announces one."""


FREE_SHIPPING = "free_shipping"
"""Is refused by its cue words only: "no delivery fee" denies the fee and proposes the trigger."""

REFUSED = 0.4
"""The probability from which what follows "no" or "without" is a refused trigger."""

REFUSED_WORD = 0.75
"""The same for a single word."""

SURELY_OFFER = 0.6
"""The probability of a trigger from which the numbers of a clause are no condition."""


_NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Clause:
    """A clause of the brief: `whole` as written, `rest` without what was read as who, when and
    how much, what its label says it is about, and where it lies."""

    whole: str
    rest: str
    section: Section | None = None
    span: Span = _NOWHERE


@dataclass(frozen=True)
class Meaning:
    """The best probability of each trigger and goal over the clauses, the triggers that the model
    is sure of, the clauses that describe an offer, so no customers, and the triggers refused."""

    triggers: dict[str, float]
    goals: dict[str, float]
    sure: frozenset[str]
    offers: tuple[Span, ...] = ()
    refused: frozenset[str] = frozenset()


def clauses(canvas: Canvas, told: Sequence[Span] = ()) -> tuple[Clause, ...]:
    """The clauses of the brief. Those that tell of the past (`told`) propose nothing: their rest
    is empty. A clause ends outside of values only, not at the point of 1.5."""
    open_text = "".join(
        raw if still != Canvas.BLANK else "\x00"
        for raw, still in zip(canvas.raw, canvas.open, strict=True)
    )
    found: dict[str, Clause] = {}
    for start, end in _bounds(canvas.masked):
        past = any(span.start < end and start < span.end for span in told)
        clause = Clause(
            _clean(canvas.raw[start:end]),
            "" if past else _clean(open_text[start:end]),
            section_at(canvas.folded, start),
            Span(start, end),
        )
        if len(clause.whole.split()) >= 2 or clause.section is Section.TRIGGER:
            found.setdefault(clause.whole, clause)
    return tuple(sorted(found.values(), key=lambda c: len(c.whole), reverse=True)[:MOST_CLAUSES])


def _bounds(masked: str) -> Iterator[tuple[int, int]]:
    start = 0
    for m in _SPLIT.finditer(masked):
        yield start, m.start()
        start = m.end()
    yield start, len(masked)


_SMALL = frozenset(str(data("phrase_words")["small"]).split())


def _speaks(part: str) -> bool:
    """Whether more than small words is left of a part, so that it can mean something."""
    words = [word.strip("'.%").lower() for word in part.split()]
    return sum(1 for w in words if w not in _SMALL and w[:1].isalpha()) >= 2


def _clean(part: str) -> str:
    part = re.sub(r"\x00+", " ", part)
    part = re.sub(r"\s+", " ", part).strip(" ,\"'()-")
    before = None
    while part != before:
        before, part = part, _EDGE.sub("", part)
    return part


def read_meaning(parts: Iterable[Clause], *, open_trigger: bool = True) -> Meaning:
    """Probabilities of triggers and goals; empty where there are no clauses. Without `open_trigger`
    the brief has named its trigger, and none is looked for."""
    head = committed().clauses
    listed = list(parts)
    wanted = dict.fromkeys(c.whole for c in listed) | dict.fromkeys(
        c.rest for c in listed if open_trigger and _proposes(c)
    )
    denied = {c.rest: core for c in listed if (core := _refused(c.rest))}
    wanted |= dict.fromkeys(denied.values())
    texts = [text for text in wanted if text]
    if not texts:
        return Meaning({}, {}, frozenset())
    rows = dict(zip(texts, head.probabilities(features(texts)), strict=True))
    goals = [i for i, name in enumerate(head.classes) if name in _GOALS]
    triggers = [i for i, name in enumerate(head.classes) if name != NEITHER and name not in _GOALS]
    best = np.zeros(len(head.classes))
    sure: set[str] = set()
    for clause in listed:
        if not open_trigger or clause.rest not in rows or not _proposes(clause):
            continue
        row = rows[clause.rest]
        best[triggers] = np.maximum(best[triggers], row[triggers])
        least = SURE_LABEL if clause.section is Section.TRIGGER else SURE
        sure |= {head.classes[i] for i in triggers if row[i] >= least}
    refused = {
        head.classes[i]
        for core in denied.values()
        for i in triggers
        if core and rows[core][i] >= _least_refusal(core) and head.classes[i] != FREE_SHIPPING
    }
    for clause in listed:
        if clause.whole in rows and clause.section is not Section.AUDIENCE:
            best[goals] = np.maximum(best[goals], rows[clause.whole][goals])
    return Meaning(
        {head.classes[i]: float(best[i]) for i in triggers if best[i] > 0},
        {head.classes[i]: float(best[i]) for i in goals},
        frozenset(sure),
        tuple(
            clause.span
            for clause in listed
            if clause.whole in rows and rows[clause.whole][triggers].sum() >= SURELY_OFFER
        ),
        frozenset(refused),
    )


def _least_refusal(core: str) -> float:
    """A lone word ("no preference") has to be likelier: most are no trigger."""
    return REFUSED if len(core.split()) > 1 else REFUSED_WORD


_LONGEST_LACK = 6
"""Words after "without" from which on it tells of customers ("without a stone might like ...")."""


def _refused(rest: str) -> str | None:
    """What a clause refuses, if it begins with a refusal."""
    said = _DENIAL.match(rest)
    if said is None:
        return None
    core = rest[said.end() :]
    lacking = re.search(r"without|ohne|sans|sin", said.group(), re.IGNORECASE) is not None
    return None if lacking and len(core.split()) > _LONGEST_LACK else core


def _proposes(clause: Clause) -> bool:
    if clause.section in (Section.AUDIENCE, Section.GOAL, Section.BUDGET, Section.CHANNEL):
        return False
    if not clause.rest or _DENIAL.match(clause.rest) or _UNBOUND.match(clause.rest):
        return False
    if clause.section is Section.TRIGGER:
        return True
    return _speaks(clause.rest) and not reports(clause.whole.lower())


_UNBOUND = re.compile(
    r"(?:(?:and|but|so|with|there (?:is|are|should be))\s)*(?:no|without|sans|ohne|sin)\s(?:any |an? |further |other )?(?:restrict|limit|exception|condition|distinction|preference|filter|einschrank|ausnahme|excepci)\w*",
    re.IGNORECASE,
)
"""A clause that sets no bounds to who is meant: no offer, and no refusal either."""
_DENIAL = re.compile(
    r"(?:(?:and|but|so|please|yet|just|only|kindly|in any way|whatever|by all means|we|you|i)\s)*(?:no|not|without|nothing|nobody gets|no one gets|never|avoid|stop(?: with)?|(?:(?<=we )|(?<=you )|(?<=i ))(?:will not|won't|are not going to|cannot|can't|must not|should not|shouldn't|refuse to|want no)|don't|do not|dont|we don't|we do not|anything but|rather than|instead of|except|keine?n?|ohne|nicht|sans|pas de?|sin|nada de|niente|nessun[oa']?|senza|geen|zonder|sem|nenhuma?|bez|ingen|inga|uden|utan)\s(?!(?:be )?(?:charg|bill|invoic|ask)|(?:any |an? |further )?(?:restrict|limit|exception|condition|distinction|preference|filter)\w*|(?:extra |additional |more )?(?:costs?|charges?|fees?|payment|money|longer|one|other|more|left|back|restock\w*)\b)",
    re.IGNORECASE,
)
"""What a refusal begins with."""
