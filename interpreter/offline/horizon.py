"""Within how many days a target is to be reached."""

from __future__ import annotations

import re

from interpreter.offline.lexicon import words
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value

_HORIZON = words(
    r",?\s?(?:(?:within|in|over|during|after|by|for|inside|until|innerhalb(?: von)?|binnen|dans|en|sur|d'ici|durante|en un plazo de)\s)(?:the |a |den |der |die |les |los |las )?(?:end of the )?(?:(?:next|coming|following|first|nachsten|kommenden|prochaine?s?|proxim[oa]s?) )*(?P<d><days>)"
)
_NEXT = words(
    r"(?:the )?(?:next|coming|following|nachste[nr]?|kommende[nr]?|prochaine?s?|proxim[oa]s?) (?P<d><days>)|(?P<d2><days>) (?:from now|from launch|after (?:the )?(?:launch|start|campaign))"
)


def read_horizon(
    canvas: Canvas, values: list[Value], spans: list[tuple[int, int]], left: int, right: int
) -> int | None:
    by_start = {value.start: value for value in values}
    for pattern, scope in ((_NEXT, (0, len(canvas.raw))), (_HORIZON, (left, right))):
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
            days = int(value.amount)
            return days if 0 < days <= 3650 else None
    return None


def _belongs_elsewhere(canvas: Canvas, position: int, left: int) -> bool:
    """A window right after what customers did ("bought in 30 days") is no horizon."""
    lead = canvas.open[left:position]
    return re.search(
        r"(?:\b(?:not|n't|never|no)\b[^,;:]{0,40}|\b(?:who|that|have|has)\b[^,;:]{0,20})\b(?:bought|ordered|purchased?|visited|seen|joined|signed up|registered|logged in|orders?|active|abandoned)(?: \w+)?\s?$",
        lead,
    ) is not None  # fmt: skip
