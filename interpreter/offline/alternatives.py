"""Two triggers to choose between, of which one is named in other words: "a preview or a note on
how few remain"."""

from __future__ import annotations

import re
from dataclasses import replace

from domain.triggers import TriggerCatalogue
from interpreter.offline.meaning import Clause, read_meaning
from interpreter.offline.model.classifier import committed
from interpreter.offline.text import Canvas
from interpreter.offline.triggers import Triggers

_EITHER = re.compile(
    r"\b(?:either|whether(?: it is| to)?|weigh(?:ing)? up|torn between|undecided between|choose between|decide between|test(?:ing)?|compar(?:e|ing)|(?:instruments?|means|mechanics?|incentives?|levers?|offers?)\b[^.;:!?]{0,30}\b(?:restricted|limited|confined) to|entweder|soit|ya sea)\b"
    r"(?P<first>[^.;!?]{6,80}?)\b(?:or|and|versus|vs\.?|against|with|oder|ou|o)\b(?P<second>[^.;:!?]{6,80})"
)


_PURPOSE = re.compile(r"\b(?:for|to|among|in order|so that|with which)\b")


def with_alternatives(canvas: Canvas, triggers: Triggers, catalogue: TriggerCatalogue) -> Triggers:
    """The triggers with both sides of a choice allowed, where both sides mean one."""
    choice = _EITHER.search(canvas.folded)
    if choice is None or len(triggers.allowed) > 1:
        return triggers
    keys = [_key(canvas, triggers, catalogue, *choice.span(side)) for side in ("first", "second")]
    first, second = keys
    if first is None or second is None or first == second:
        return triggers
    return replace(triggers, proposed=None, allowed=(first, second))


def _key(
    canvas: Canvas, triggers: Triggers, catalogue: TriggerCatalogue, start: int, end: int
) -> str | None:
    """The trigger that a side names, or means with the model's threshold."""
    for left, right, name in triggers.spans:
        if start <= left and right <= end:
            return name if name in catalogue and name not in triggers.excluded else None
    side = canvas.raw[start:end].strip(" ,")
    core = _PURPOSE.split(side)[0].strip(" ,")
    said = core if len(core.split()) > 2 else side
    meaning = read_meaning([Clause(said, said)])
    least = committed().clauses.threshold
    possible = {
        key: probability
        for key, probability in meaning.triggers.items()
        if probability >= least and key in catalogue and key not in triggers.excluded
    }
    return max(possible, key=lambda key: possible[key]) if possible else None
