"""Fields whose value is unknown: "open rate = unknown", "without a known last purchase"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.criteria import Condition, Op
from domain.customer import Schema
from interpreter.offline.fields import field_patterns
from interpreter.offline.finding import Finding
from interpreter.offline.text import Canvas

_AFTER = re.compile(
    r"\s?(?:is|are|was|=+|:|of|being|remains|ist|est|es)*\s?(?P<no>(?:not|isn't|aren't|nicht|!)\s?)?=?\s?(?P<state>unknown|null|missing|n/?a|undefined|not available|not known|unavailable|empty|unbekannt|inconnue?|desconocid[oa])(?:\s?\(\s?(?:null|unknown|missing|empty|n/?a)\s?\))?(?!\w)"
)
_BEFORE = re.compile(
    r"(?<!\w)(?P<some>with an? )?(?:(?:(?:no|without (?:an? |any )?)known|unknown|missing|unbekannte[rnms]?|undefined)\s)(?:e-?mail )?$"
)

_LACKING = re.compile(
    r"(?<!\w)(?P<some>)(?:(?:has|have|having|with) no|without(?: an?| any)?)\s(?:e-?mail )?$"
)
_MEASURE = re.compile(r"(?:rate|score|probability)s?$")
"""What is measured of customers, and can lack: "have no open rate"."""


def read_unknown(canvas: Canvas, schema: Schema) -> Iterator[Finding]:
    """Conditions `is_null`, or `not_null` where "not unknown" is written."""
    cues = [
        (m.start(), m.end(), name)
        for name, pattern in field_patterns(schema)
        if schema[name].nullable
        for m in canvas.find(pattern)
        if m.group().strip()
    ]
    for start, end, name in sorted(cues, key=lambda cue: (cue[0] - cue[1], cue[0])):
        if not canvas.is_open(start, end):
            continue
        after = _AFTER.match(canvas.open, end)
        before = _BEFORE.search(canvas.open[:start]) if after is None else None
        if after is None and before is None and _MEASURE.search(canvas.folded[start:end]):
            before = _LACKING.search(canvas.open[:start])
        if after is None and before is None:
            continue
        first, last = (start, after.end()) if after else (before.start() if before else start, end)
        known = after is not None and after["no"] is not None
        canvas.take(first, last)
        condition = Condition(field=name, op=Op.NOT_NULL if known else Op.IS_NULL, value=None)
        yield Finding(first, last, condition)
