"""Comparators before and after a value: "at least 3", "3 or more"."""

from __future__ import annotations

import re
from dataclasses import replace

from interpreter.offline.values.value import KINDS, Value

_GT = (
    r"(?:more|higher|bigger|longer|older) as|more than|greater than|higher than|larger than|bigger than|longer than|older than|"
    r"over(?! the)|above|exceed(?:s|ing|ed)?|beyond|in excess of|north of|better than|"
    r"mehr als|uber|hoher als|langer als|grosser als|großer als|plus de|superieure?s? a|"
    r"au-?dela de|mas de|superior(?:es)? a|mayor(?:es)? (?:de|que|a)|por encima de|>"
)
_GTE = (
    r"at least|no (?:less|fewer|lower) than|not (?:less|fewer|lower) than|not (?:under|below)|"
    r"(?:a |the )?minimum(?: of)?|min\.?|starting (?:at|from)|upwards? of|>=|≥|mindestens|"
    r"wenigstens|nicht weniger als|ab|au moins|pas moins de|a partir de|al menos|por lo menos|como minimo|"
    r"no menos de|minimo de|minimum de"
)
_LT = (
    r"less than|fewer than|lower than|smaller than|shorter than|younger than|under|below|"
    r"weniger als|unter(?:halb von)?|kleiner als|niedriger als|moins de|inferieure?s? a|"
    r"en dessous de|menos de|inferior(?:es)? a|menor(?:es)? (?:de|que|a)|por debajo de|<"
)
_LTE = (
    r"at (?:the )?most|no (?:more|greater|higher|longer|later) than|not (?:more|greater|higher|longer) than|"
    r"not (?:over|above|exceed(?:ing)?)|never more than|up to|(?:a |the )?maximum(?: of)?|max\.?|"
    r"no (?:over|above)|capped at|<=|≤|hochstens|maximal|bis zu|nicht mehr als|au plus|au maximum|"
    r"maximum de|jusqu'a|pas plus de|como maximo|hasta|a lo sumo|como mucho|no mas de|maximo de"
)
_EQ = (
    r"exactly|precisely|equal to|equals|just|only|genau|exactement|exactamente|=|nur|solo|"
    r"seulement|seul(?:e)?|solamente"
)
_ABOUT = r"(?:(?:about|around|roughly|some|approximately|approx\.?|ungefahr|etwa|environ|unos|unas|aproximadamente|a total of|insgesamt|the|de|von|of)\s)?(?:(?:an?|one)\s)?"
_SUFFIX_GTE = (
    r"\+|\s?plus\b(?! de)|(?:x| times?|×)?,? (?:or|and) (?:more|above|over|longer|higher|greater|older|better|up(?:wards)?|beyond)|"
    r",? and counting|,? upwards?|,? at least|,? minimum|,? min\b|,? oder (?:mehr|hoher|langer|daruber)|"
    r",? und (?:mehr|daruber)|,? ou plus|,? et plus|,? o mas|,? y mas|,? como minimo|,? au moins|,? al menos"
)
_SUFFIX_LTE = (
    r",? (?:or|and) (?:less|fewer|below|under|lower|shorter|younger)|,? at (?:the )?most|,? maximum|"
    r",? max\b|,? tops|,? or so at most|,? oder (?:weniger|niedriger|darunter)|,? ou moins|,? o menos|"
    r",? au maximum|,? como maximo|,? hochstens"
)
_MARK = "".join(KINDS.values())


def _compile(words: str) -> re.Pattern[str]:
    # An arrow ("-> 500 points") compares nothing.
    return re.compile(rf"(?<![\w])(?<![-=](?=>)){_wrapped(words)}\s?{_ABOUT}(?=[{_MARK}])")


def _wrapped(words: str) -> str:
    return f"(?:{words})"


_PREFIXES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (op, _compile(words))
    for op, words in (("gte", _GTE), ("lte", _LTE), ("gt", _GT), ("lt", _LT), ("eq", _EQ))
)
_SUFFIXES = tuple(
    (op, re.compile(rf"(?:{words})(?!\s*(?:of |than )?[{_MARK}])"))
    for op, words in (("gte", _SUFFIX_GTE), ("lte", _SUFFIX_LTE))
)


def _bounded(value: Value, op: str) -> Value:
    amount = value.amount
    match op:
        case "gt":
            return replace(value, low=amount, low_open=True, stated=True)
        case "gte":
            return replace(value, low=amount, stated=True)
        case "lt":
            return replace(value, high=amount, high_open=True, stated=True)
        case "lte":
            return replace(value, high=amount, stated=True)
        case _:
            return replace(value, low=amount, high=amount, stated=True)


def compared_value(value: Value, masked: str) -> Value:
    if value.kind == "date" or value.is_range or value.stated:
        return value
    for op, pattern in _PREFIXES:
        for prefix in pattern.finditer(masked, max(0, value.start - 40), value.start + 1):
            if prefix.end() == value.start:
                return replace(_bounded(value, op), start=prefix.start())
    for op, pattern in _SUFFIXES:
        suffix = pattern.match(masked, value.end)
        if suffix is not None:
            return replace(_bounded(value, op), end=suffix.end())
    return value


_LATE = tuple(
    (op, re.compile(rf"\s?(?:{words})(?!\w)"))
    for op, words in (("gte", _SUFFIX_GTE), ("lte", _SUFFIX_LTE))
)


def late_comparator(value: Value, text: str, position: int) -> tuple[Value, int]:
    """The comparator that follows the noun of a value: "two orders or more", "3 days ago or less".

    Returns the value with its new bounds and where the comparator ends.
    """
    if value.stated and not value.exact:
        return value, position
    for op, pattern in _LATE:
        match = pattern.match(text, position)
        if match is not None and not match.group().strip().startswith(("+", "plus")):
            plain = replace(value, low=None, high=None)
            return _bounded(plain, op), match.end()
    return value, position
