"""Fields beside values: "average order value below 30"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from domain.criteria import Condition, Expression, Op
from domain.customer import Field, FieldGroup, FieldType, Schema
from interpreter.offline.finding import Finding, compared, joined
from interpreter.offline.lexicon import data, words
from interpreter.offline.text import Canvas, fold
from interpreter.offline.values.comparators import late_comparator
from interpreter.offline.values.reading import read_values
from interpreter.offline.values.value import PLACEHOLDERS, Value
from interpreter.offline.windows import COUNTED, TIMELESS, covering, window_after, window_days

_LINK = re.compile(
    r"(?:[\s:=,()\"\[]*(?:of|is|are|was|were|at|the|an?|scores?|rates?|values?|worth|with|that|which|lies?|"
    r"lying|being|been|has|have|having|had|their|its|in|by|to|comes?|stands?|reached|reaches|rang\w+|"
    r"totals?|totall?ing|currently|now|set|level|amount\w*|for|who|whose|equal|falls?|sits?|sum\w*|"
    r"liegt|liegen|betragt|ist|sind|von|bei|hat|haben|einem|einer|est|sont|de|d'|du|es|sea|sean|"
    r"una?|une?|con|con un|avec un|mit|some|something|goods|items|products|behind|placed|made|"
    r"already|ever|us|somewhere|anywhere|exactly|last(?:s|ed|ing)?|took|takes?|runs?|ran|climb\w*|exceed\w*|stood|lay|amount\w*|went|gone|goes)\b)*[\s:=,()\"\[]*"
)
_LINK_AFTER = re.compile(
    r"[\s-]?(?:(?:of|in|as|for|worth|lifetime|total|their|the|different|separate|past|previous|prior|"
    r"completed|an?|or so|distinct|confirmed|products?|items?|en|de|como|al|als|an|percentile|"
    r"predicted|points? on the|on|score|whole|full|such|successful|placed|im|ihrem|dans|leur|el|su|sat|sits|sitting|waiting|lying|parked|a)\s)*"
)
NEGATION = re.compile(
    r"(?:\b(?:not|never|no|without|nicht|nie|kein\w*|ohne|pas|jamais|sans|aucune?|nunca|sin|ningun\w*|"
    r"haven't|hasn't|hadn't|didn't|don't|doesn't|haven't|wouldn't|isn't|aren't|havent|hasnt|didnt|dont|yet to|"
    r"n'ont|n'a|no han?|neither|nor)|n't)\s(?:\S+\s){0,2}?$"
)
_TIMES = re.compile(r"\s(?:times?|mal|fois|veces)\b")
_CART_WINDOW = re.compile(
    (
        r"[\s,]*(?:(?:that|which|they|were|was|and|abandoned|left) )*(?:(?:from|in|within|during|over|of|en|dans|au cours des|in den) "
        r"(?:the |los |las |les )?(?:last |past |previous |ultimos |ultimas |letzten |derniers |dernieres )(?P<window><days>)|(?P<ago><days>) (?:ago|old|earlier))"
    ).replace("<days>", PLACEHOLDERS["days"])
)


_ONE_MORE = re.compile(
    r"\s(?:(?:more|additional|extra|further)\s)?(?:orders?|purchases?|visits?|sessions?)(?<!\smore) more\b(?! than)"
)


_OFFERED = re.compile(
    r"\s?-?(?:off|discounts?|cheaper|less|rebates?|reductions?|coupons?|vouchers?|cash-?back|rabatt|nachlass|gunstiger|de remise|de reduction|de descuento|descuento)\b"
)


@dataclass(frozen=True)
class _Cue:
    start: int
    end: int
    field: Field


def read_fields(canvas: Canvas, values: Iterable[Value], schema: Schema) -> list[Finding]:
    """Pairs every value with the field that is named beside it, where their types agree."""
    findings = []
    cues = list(_cues(canvas, schema))
    for value in values:
        if value.kind in ("date", "points") or not canvas.is_open(value.start, value.end):
            continue
        if value.kind == "number" and not value.stated and _ONE_MORE.match(canvas.open, value.end):
            continue  # what they should do
        if not value.stated and _OFFERED.match(canvas.open, value.end):
            continue  # what they are given
        cue = _nearest(canvas, value, cues)
        if cue is None or _is_remark(value, cue.field):
            continue
        finding = _finding(canvas, value, cue, schema)
        canvas.take(finding.start, finding.end)
        findings.append(finding)
    return findings


def _is_remark(value: Value, field: Field) -> bool:
    """ "They spend 30 euros an order" describes customers; nobody has exactly 30.00."""
    return field.unit == "money" and not value.stated


def _cues(canvas: Canvas, schema: Schema) -> Iterator[_Cue]:
    found = []
    for name, pattern in field_patterns(schema):
        for m in canvas.find(pattern):
            if m.group().strip() and not _of_something_else(canvas, m, name):
                found.append(_Cue(m.start(), m.end(), schema[name]))
    yield from found


_ANY_SUM = re.compile(r"(?:worth|valued at|value)$")
_CART = re.compile(
    r"\b(?:carts?|baskets?|bags?|check ?outs?|trolleys?|warenkorb\w*|paniers?|carritos?)\b"
)


def _of_something_else(canvas: Canvas, m: re.Match[str], name: str) -> bool:
    """ "Worth" says nothing of a cart where the sentence has none."""
    if name != "abandoned_cart_value" or _ANY_SUM.match(m.group()) is None:
        return False
    sentence = canvas.sentence(m.start())
    return _CART.search(canvas.folded[sentence.start : sentence.end]) is None


def field_patterns(schema: Schema) -> Iterator[tuple[str, re.Pattern[str]]]:
    lexicon: Mapping[str, Mapping[str, list[str]]] = data("fields")
    for name, field in schema.items():
        if field.type is FieldType.NESTED:
            continue
        for cue in lexicon.get(name, {}).get("cues", ()):
            yield name, words(cue)
        if field.group is FieldGroup.CUSTOM or field.group is FieldGroup.UPLIFT:
            yield name, own_words(field)
        elif field.type in (FieldType.INT, FieldType.FLOAT):
            yield name, words(f"{name}|{name.replace('_', ' ')}")


def own_words(field: Field) -> re.Pattern[str]:
    """The name, label and synonyms of a workspace's own field."""
    names = {fold(field.name), fold(field.name).replace("_", " "), fold(field.text)}
    names |= {fold(synonym) for synonym in field.synonyms}
    return words("|".join(sorted((re.escape(n) + "s?" for n in names if n), key=len, reverse=True)))


def _nearest(canvas: Canvas, value: Value, cues: list[_Cue]) -> _Cue | None:
    best: tuple[float, _Cue] | None = None
    for cue in cues:
        if not canvas.is_open(cue.start, cue.end) or not _fits(cue.field, value):
            continue
        if cue.end <= value.start:
            if cue.field.name == "carts_abandoned" and not _counts(canvas, value):
                continue
            gap = canvas.open[cue.end : value.start]
            if len(gap) > 45 or not _LINK.fullmatch(gap):
                continue
            distance = len(gap) + 1.0
        elif cue.start >= value.end:
            gap = canvas.open[value.end : cue.start]
            if len(gap) > 30 or not _LINK_AFTER.fullmatch(gap):
                continue
            distance = float(len(gap))
        else:
            continue
        distance -= (cue.end - cue.start) / 3 + _kinship(cue.field, value)
        if best is None or distance < best[0]:
            best = (distance, cue)
    return best[1] if best else None


def _cart_age(canvas: Canvas, recent: re.Match[str], schema: Schema) -> Expression:
    """How long ago a cart was left: "from the last 3 days", "2 to 5 days ago"."""
    field = schema["days_since_cart_abandoned"]
    if recent["ago"] is None:
        return Condition(field=field.name, op=Op.LTE, value=int(window_days(canvas, recent)))
    text = canvas.raw[recent.start("ago") : recent.end("ago")]
    age = next(iter(v for v in read_values(text, "en") if v.kind == "days"))
    return compared(field, age if age.stated else replace(age, low=age.amount))


def _counts(canvas: Canvas, value: Value) -> bool:
    """Whether a number after "carts" counts them ("abandoned carts: 3"); "carts above 150" is a sum."""
    return _largest(value) <= 12 or _TIMES.match(canvas.open, value.end) is not None


def _kinship(field: Field, value: Value) -> float:
    """How much a value's kind speaks for a field beyond being possible."""
    if field.group is FieldGroup.CUSTOM:
        return 7.0
    if value.kind == "money" and field.unit == "money":
        return 6.0
    if value.kind == "percent" and field.unit == "share":
        return 6.0
    if value.kind == "number" and field.unit is None:
        return 2.0
    return 0.0


def _fits(field: Field, value: Value) -> bool:
    if field.type not in (FieldType.INT, FieldType.FLOAT) or value.move == "sure":
        return False
    match field.unit:
        case "money":
            return value.kind in ("money", "number")
        case "share":
            return value.kind == "percent" or (
                value.kind == "number" and _largest(value) <= 100 and value.amount >= 0
            )
        case "days":
            return value.kind in ("days", "number")
        case "seconds":
            return value.kind in ("seconds", "number")
        case _ if field.group is FieldGroup.CUSTOM:
            return True
        case _:
            return value.kind == "number"


def _largest(value: Value) -> float:
    return max(value.amount, value.second or 0.0)


def _finding(canvas: Canvas, value: Value, cue: _Cue, schema: Schema) -> Finding:
    field, assumption, question = cue.field, None, None
    scale = 1.0
    if field.unit == "share" and (value.kind == "percent" or _largest(value) > 1):
        scale = 0.01
    start, end = min(value.start, cue.start), max(value.end, cue.end)
    if field.name in COUNTED and (times := _TIMES.match(canvas.open, end)) is not None:
        end = times.end()
    value, end = late_comparator(value, canvas.open, end)
    recent = _CART_WINDOW.match(canvas.open, end) if field.name == "abandoned_cart_value" else None
    if recent is not None and "days_since_cart_abandoned" in schema:
        both = joined([compared(field, value, scale), _cart_age(canvas, recent, schema)])
        return Finding(start, recent.end(), both)
    if field.name in COUNTED + TIMELESS:
        window = window_after(canvas, end)
        if window is not None:
            end, days = window
            field, question = covering(field, days, schema)
    return Finding(
        start, end, compared(field, value, scale), assumption=assumption, question=question
    )
