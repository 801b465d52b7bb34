"""All values of a brief, from left to right."""

from __future__ import annotations

import re
from dataclasses import replace

from interpreter.offline.text import fold
from interpreter.offline.values.comparators import compared_value
from interpreter.offline.values.dates import read_dates
from interpreter.offline.values.durations import (
    DURATION_AFTER,
    HALF_YEAR,
    HOURS_AFTER,
    IMPLIED_ONE,
    RHYTHM,
    SECONDS_AFTER,
    SHORT_DURATION,
    UNIT_DAYS,
    YEAR_AFTER_NOUN,
)
from interpreter.offline.values.money import MONEY_AFTER, MONEY_BEFORE
from interpreter.offline.values.numbers import in_word, read_fractions, read_numbers
from interpreter.offline.values.ranges import join_bounds, join_ranges
from interpreter.offline.values.value import Value, free_of, mask, without_overlap

_POINTS_AFTER = re.compile(
    r"\s?(?:(?:%|percent(?:age)?|per cent|pct\.?|pc|perc\.?)[ -]?(?:points?|pts?)\b|%-?points?|pp\b|ppts?\b|p\.p\.|pts\b|"
    r"prozentpunkten?|points? de pourcentage|puntos? porcentuales?)"
)
_BARE_POINTS = re.compile(
    r"\s?(?:points?|punkten?|puntos?)\b(?! (?:on|in|for|per|each|extra|to|on the))"
)
_BY = re.compile(r"(?:\b(?:by|um|de|en|plus|minus)\s|[+-]\s?)$")
"""Before points that are no loyalty points: "churn down by 2 points"."""
_PERCENT_AFTER = re.compile(
    r"\s?(?:%|percent\b|per cent\b|pct\b|perc\b|pc\b|prozent\b|pour ?cent\b|por ciento\b)"
)
_SOME_TIME = re.compile(r"(?:the |this )?(?:last|past|previous|next|coming|following|one)\b")


def _with_unit(value: Value, folded: str, language: str) -> Value:
    after = folded[value.end : value.end + 40]
    before = folded[max(0, value.start - 22) : value.start]
    if (m := _POINTS_AFTER.match(after)) is not None:
        return replace(value, kind="points", end=value.end + m.end())
    if (m := _BARE_POINTS.match(after)) is not None and _BY.search(before) and value.amount <= 50:
        return replace(value, kind="points", end=value.end + m.end())
    if (m := _PERCENT_AFTER.match(after)) is not None:
        return replace(value, kind="percent", end=value.end + m.end())
    if after.startswith("+") and (m := DURATION_AFTER.match(after[1:])) is not None:
        days = int(str(m.lastgroup)[1:])
        amount = value.amount * days
        return replace(
            value, kind="days", end=value.end + 1 + m.end(), amount=amount, low=amount,
            stated=True, unit_days=days,
        )  # fmt: skip
    if after.startswith("+") and (m := MONEY_AFTER.match(after[1:])) is not None:
        end = value.end + 1 + m.end()
        return replace(
            value, kind="money", end=end, currency=m.lastgroup, low=value.amount, stated=True
        )
    if (m := DURATION_AFTER.match(after)) is not None:
        days = int(str(m.lastgroup)[1:])
        return replace(
            value, kind="days", end=value.end + m.end(), amount=value.amount * days, unit_days=days
        )
    if folded[value.end - 1].isdigit() and (m := SHORT_DURATION.match(after)) is not None:
        days = int(str(m.lastgroup)[1:])
        return replace(
            value, kind="days", end=value.end + m.end(), amount=value.amount * days, unit_days=days
        )
    if (m := HOURS_AFTER.match(after)) is not None:
        return replace(
            value, kind="days", end=value.end + m.end(), amount=value.amount / 24, unit_days=1
        )
    if (m := MONEY_AFTER.match(after)) is not None:
        return replace(value, kind="money", end=value.end + m.end(), currency=m.lastgroup)
    if (m := MONEY_BEFORE.search(before)) is not None:
        start = value.start - (len(before) - m.start())
        return replace(value, kind="money", start=start, currency=m.lastgroup)
    if (m := SECONDS_AFTER.match(after)) is not None:
        scale = 60 if m["min"] else 1
        return replace(value, kind="seconds", end=value.end + m.end(), amount=value.amount * scale)
    return value


def read_values(raw: str, language: str) -> tuple[Value, ...]:
    """All values of a brief, from left to right, with the comparators that belong to them."""
    folded = fold(raw)
    dates = read_dates(folded)
    free = free_of(dates)
    values = [
        _with_unit(v, folded, language)
        for v in read_numbers(folded, raw, language)
        if free(v) and not in_word(v, folded)
    ]
    values = without_overlap([*dates, *values])
    free = free_of(values)
    for m in IMPLIED_ONE.finditer(folded):
        if RHYTHM.search(folded[: m.start()]) and not _SOME_TIME.match(m.group()):
            continue
        unit = next(int(k[1:]) for k, text in m.groupdict().items() if text and k[0] == "d")
        one = Value(m.start("unit"), m.end("unit"), "days", unit, unit_days=unit)
        if free(one):
            values.append(one)
    for m in HALF_YEAR.finditer(folded):
        values = [v for v in values if v.end <= m.start() or v.start >= m.end()]
        values.append(Value(m.start(), m.end(), "days", 180, unit_days=30))
    for m in YEAR_AFTER_NOUN.finditer(folded):
        word = m.group().replace("l'", "").split()
        unit = next(
            (days for days, names in UNIT_DAYS.items() for w in word if re.fullmatch(names, w)),
            365,
        )
        values = [v for v in values if v.end <= m.start() or v.start >= m.end()]
        values.append(Value(m.start(), m.end(), "days", unit, unit_days=unit))
    fractions = read_fractions(folded)
    values = [*fractions, *(v for v in values if free_of(fractions)(v))]
    values = join_ranges(sorted(values, key=lambda v: v.start), folded)
    masked = mask(folded, values)
    return tuple(join_bounds([compared_value(value, masked) for value in values], masked))
