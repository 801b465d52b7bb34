"""What a labelled part of a brief is about: "Audience: ...", "Mechanic: ...", "Goal - ..."."""

from __future__ import annotations

import re
from enum import StrEnum


class Section(StrEnum):
    """What a label announces."""

    GOAL = "goal"
    AUDIENCE = "audience"
    TRIGGER = "trigger"
    CHANNEL = "channel"
    BUDGET = "budget"
    OTHER = "other"


_LABELS = {
    Section.GOAL: r"goals?|objectives?|aims?|kpis?|outcomes?|purpose|north star|metric|target kpi|ziel(?:e|setzung)?|objectifs?|objetivos?|status",
    Section.AUDIENCE: r"audience|target (?:group|audience)|segments?|population|cohorts?|filters?|who|whom|users?|recipients?|customers?|included|excluded|eligible|zielgruppe|cible|publico|exclusions?|criteria",
    Section.TRIGGER: r"mechanics?|levers?|arms?|offers?|incentives?|treatments?|ideas?|triggers?|creative|hooks?|message|subject line|subject|what|how|tactic|measure|asset|means|instrument|copy|mechanik|hebel|idee|angebot|levier|offre|idee|palanca|oferta|mecanica",
    Section.CHANNEL: r"channels?|media|placement|kanal|canal",
    Section.BUDGET: r"budget|spend|cost|presupuesto|kosten",
    Section.OTHER: r"timing|date|when|where|deadline|owner|status quo|note|ps|market|country|region",
}
_LABEL = re.compile(
    r"(?:^|[.;\n|/•])[\s*•-]*(?:(?:the|our|proposed|planned|main|primary|campaign|key) )?(?:"
    + "|".join(rf"(?P<{section}>{words})" for section, words in _LABELS.items())
    + r")(?: \([^)]{0,30}\))?\s?(?::|=|\s--?\s)\s*"
)
_END = re.compile(r"[.;\n|/•](?=\s|$)")


def section_at(folded: str, position: int) -> Section | None:
    """The section that a position lies in: under the last label of its sentence, or of the line
    before it where the label stands alone."""
    begin = 0
    for end in _END.finditer(folded, 0, position):
        begin = end.start()
    label = None
    for label in _LABEL.finditer(folded, begin, position):  # noqa: B007
        pass
    if label is None or label.lastgroup is None:
        return None
    return Section(label.lastgroup)
