"""Within how many days a target is to be reached."""

from __future__ import annotations

import re

from interpreter.offline.lexicon import words
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value

_SPAN = r"(?:a |the )?(?:period|course|span|space|window|duration|stretch|time ?frame) of (?:the )?"
_HORIZON = words(
    rf",?\s?(?:(?:within|in|over|during|after|by|for|inside|until|innerhalb(?: von)?|binnen|dans|en|sur|d'ici|durante|en un plazo de)\s)(?:{_SPAN})?(?:the |a |den |der |die |les |los |las )?(?:end of the )?(?:(?:next|coming|following|first|nachsten|kommenden|prochaine?s?|proxim[oa]s?) )*(?P<d><days>)"
)
_NEXT = words(
    r"(?:the )?(?:next|coming|following|nachste[nr]?|kommende[nr]?|prochaine?s?|proxim[oa]s?) (?P<d><days>)|(?P<d2><days>) (?:from now|from launch|after (?:the )?(?:launch|start|campaign))"
)
_NAMED = words(
    r"(?:(?:time )?horizon|time ?frame|time ?line|deadline|duration|run(?:ning)? time|runs for|laufzeit|zeitraum|zeithorizont|delai|horizonte|plazo|period)(?: (?:is|of|for|the|campaign|target|ist|est|es|de))*[:= ]+(?P<d><days>)"
)
_LEAD = re.compile(r"over |within |in ")
"""A "more than" that is a window beside a target: "over two quarters"."""


def read_horizon(
    canvas: Canvas, values: list[Value], spans: list[tuple[int, int]], left: int, right: int
) -> int | None:
    """The days within which the target is to be reached; its span is added to `spans`.

    A window is looked for in the target's own sentence (`left` to `right`); "the next three
    months" and "horizon: 90 days" may stand anywhere.
    """
    by_start = {value.start: value for value in values}
    anywhere = (0, len(canvas.raw))
    for pattern, scope in ((_NAMED, anywhere), (_NEXT, anywhere), (_HORIZON, (left, right))):
        for m in pattern.finditer(canvas.open, *scope):
            group = "d" if m["d"] else "d2"
            value = by_start.get(m.start(group))
            if value is None or re.match(r"\s?(?:ago|without|of)\b", canvas.open[m.end() :]):
                continue
            if re.search(r"\b(?:last|past|previous)\b", m.group()):
                continue
            if pattern is _HORIZON and _belongs_elsewhere(canvas, m.start(), left):
                continue
            spans.append((m.start(), m.end()))
            return _days(value)
    for value in values:
        if value.kind != "days" or not left <= value.start < right or not value.low_open:
            continue
        if _LEAD.match(canvas.folded, value.start) and not _belongs_elsewhere(
            canvas, value.start, left
        ):
            spans.append((value.start, value.end))
            return _days(value)
    return None


def _days(value: Value) -> int | None:
    days = int(value.amount)
    return days if 0 < days <= 3650 else None


def _belongs_elsewhere(canvas: Canvas, position: int, left: int) -> bool:
    """A window right after what customers did ("bought in 30 days") is no horizon."""
    lead = canvas.open[left:position]
    return re.search(
        r"(?:\b(?:not|n't|never|no)\b[^,;:]{0,40}|\b(?:who|that|have|has|been)\b[^,;:]{0,20})\b(?:bought|ordered|purchased?|visited|seen|joined|signed up|registered|logged in|orders?|active|abandoned|away|with us|customers?)(?: \w+)?(?: for)?\s?$",
        lead,
    ) is not None  # fmt: skip
