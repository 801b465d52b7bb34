"""Fields that are stated without a value: flags, "never ordered", "wrote a review"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.criteria import Condition, Op
from domain.customer import Field, FieldType, Schema
from interpreter.offline.fields import NEGATION
from interpreter.offline.finding import Finding, compared
from interpreter.offline.lexicon import data, words
from interpreter.offline.own_fields import read_own_flags
from interpreter.offline.text import Canvas
from interpreter.offline.values.value import Value
from interpreter.offline.windows import TIMELESS, covering, window_after


def read_stated(canvas: Canvas, values: Iterable[Value], schema: Schema) -> list[Finding]:
    """Fields stated without a value: flags, "never ordered", "wrote a review"."""
    findings = []
    lexicon: Mapping[str, Mapping[str, object]] = data("fields")
    for kind in ("absent", "once", "present"):
        for name, entry in lexicon.items():
            if name not in schema or kind not in entry:
                continue
            patterns = entry[kind]
            assert isinstance(patterns, list)
            for pattern in patterns:
                for m in list(canvas.find(words(pattern))):
                    if not m.group().strip():
                        continue
                    if kind == "absent" and _ELSEWHERE.search(canvas.folded[: m.start()]):
                        continue
                    if kind == "present" and _FEWER.search(canvas.folded[: m.start()]):
                        continue
                    finding = _stated(canvas, m, schema[name], kind, entry, values)
                    findings.append(_asked_of_window(canvas, finding, schema[name], schema))
    findings += read_own_flags(canvas, schema)
    return findings


_ELSEWHERE = re.compile(r"\b(?:where|in which|from which|which|what) they(?: have| had|'ve)?\s$")
"""A clause about a department or a product, not about customers."""
_ANSWER = re.compile(
    r"\s?[:=]?\s?(?:(?P<no>no|false|missing|off)|yes|true)(?=\s*(?:$|[.;:,!?)+&/]))"
)
"""What a note says of a flag: "mail opt-in no"."""
_FEWER = re.compile(r"\b(?:fewer|less|reduce|lower|prevent|avoid)\s(?:the |number of |share of )*$")


def _stated(
    canvas: Canvas,
    m: re.Match[str],
    field: Field,
    kind: str,
    entry: Mapping[str, object],
    values: Iterable[Value],
) -> Finding:
    start, end = m.start(), m.end()
    negation = None
    if kind == "present":
        negation = NEGATION.search(canvas.open[max(0, start - 40) : start])
        if negation is not None:
            start = max(0, start - 40) + negation.start()
    answered = _ANSWER.match(canvas.open, end) if kind == "present" else None
    if answered is not None:
        end = answered.end()
    absent = (
        kind == "absent"
        or (answered is not None and answered["no"] is not None)
        or negation is not None
        or (
            re.match(
                r"(?:not|never|no)\b|did(?:n't| not)|.*\bjamais\b|.*\bnie\b|.*\bno han?\b",
                m.group(),
            )
            is not None
            and field.name != "abandoned_cart_value"
        )
    )
    counted = _counted_after(canvas, end, values) if field.type is FieldType.INT else None
    if kind == "present" and counted is not None and not absent:
        canvas.take(start, counted.end)
        return Finding(start, counted.end, compared(field, counted))
    canvas.take(start, end)
    if kind == "once":
        condition = Condition(field=field.name, op=Op.EQ, value=1)
    elif field.type is FieldType.BOOL:
        condition = Condition(field=field.name, op=Op.EQ, value=not absent)
    elif absent:
        null = field.name == "abandoned_cart_value"
        condition = Condition(
            field=field.name, op=Op.IS_NULL if null else Op.EQ, value=None if null else 0
        )
    elif "is" in entry:
        stated = entry["is"]
        assert isinstance(stated, dict)
        condition = Condition(field=field.name, op=Op(stated["op"]), value=stated["value"])
    else:
        condition = Condition(field=field.name, op=Op.GTE, value=1)
    return Finding(start, end, condition)


def _asked_of_window(canvas: Canvas, finding: Finding, field: Field, schema: Schema) -> Finding:
    """ "Returned something in the last month", where the field knows no time."""
    window = window_after(canvas, finding.end) if field.name in TIMELESS else None
    if window is None:
        return finding
    end, days = window
    canvas.take(finding.start, end)
    _, question = covering(field, days, schema)
    return replace(finding, end=end, question=question)


def _counted_after(canvas: Canvas, position: int, values: Iterable[Value]) -> Value | None:
    """How often, right after what was done: "wrote a review at least twice"."""
    for value in values:
        gap = value.start - position
        if 0 <= gap <= 2 and value.kind == "number" and canvas.is_open(value.start, value.end):
            return value
    return None
