"""Typed values: numbers, money, shares, durations and dates, with their comparators.

Every value becomes a `Value` with a lower and an upper bound. In the masked text it is a run of
one private character of its own length (`KINDS`), so that the cue patterns of the lexicon can say
`<money>` or `<days>` and spans stay those of the brief.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

import text_to_num

from interpreter.offline.text import fold

KINDS = {
    "number": "\ue000",
    "percent": "\ue001",
    "points": "\ue002",
    "money": "\ue003",
    "days": "\ue004",
    "seconds": "\ue005",
    "date": "\ue006",
}
"""The character that stands for a value of each kind in the masked text."""

PLACEHOLDERS = {kind: f"{mark}+" for kind, mark in KINDS.items()} | {
    "value": f"[{''.join(KINDS.values())}]+",
}


@dataclass(frozen=True)
class Value:
    """A value of the brief with the range it allows. `amount` is the number as written (days for
    durations, 0-100 for percent); `stated` is whether a comparator was written."""

    start: int
    end: int
    kind: str
    amount: float
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    stated: bool = False
    currency: str | None = None
    day: date | None = None
    second: float | None = None
    unit_days: int = 0

    @property
    def is_range(self) -> bool:
        return self.low is not None and self.high is not None and self.low != self.high

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def number(self) -> int | float:
        return int(self.amount) if float(self.amount).is_integer() else self.amount


# ------------------------------------------------------------------------------- numbers

_DIGITS = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:[ '.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,6})?|[.,]\d{1,4})"
    r"(?:\s?(?P<scale>k|m|mio|mn|thousand|million|tausend|mille|mil|millionen|millones|millions)\b)?"
    r"(?!\d)"
)
_SCALE = {
    "k": 1e3, "thousand": 1e3, "tausend": 1e3, "mille": 1e3, "mil": 1e3,
    "m": 1e6, "mio": 1e6, "mn": 1e6, "million": 1e6, "millionen": 1e6, "millones": 1e6,
    "millions": 1e6,
}  # fmt: skip

_SPECIAL = {
    "en": {
        "a couple of": 2, "a dozen": 12, "two dozen": 24, "half a dozen": 6, "a hundred": 100,
        "a thousand": 1000, "a million": 1_000_000, "twice": 2, "thrice": 3, "hundred": 100,
    },
    "de": { "einmal": 1, "zweimal": 2,
        "dreimal": 3, "viermal": 4, "ein paar": 2, "ein dutzend": 12, "funfmal": 5,
    },
    "fr": {"une douzaine": 12, "une centaine": 100, "un millier": 1000},
    "es": {"una docena": 12, "un centenar": 100, "cien": 100},
}  # fmt: skip

_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_AMBIGUOUS = {
    "en": {"second", "first", "third", "fourth", "quarter", "o", "oh", "nil", "point"},
    "de": {"und", "sechs", "null"},
    "fr": {"neuf", "second", "seconde"},
    "es": {"segundo", "segunda", "cuarto", "y"},
}
# "neuf" is also "new", "second" also a unit of time: they are read as numbers only where a unit
# follows, which the units below see to.


_ARTICLES = frozenset(["un", "una", "uno", "une", "ein", "eine", "einen", "einem", "einer"])
_COMPARING = re.compile(
    r"\b(?:mindestens|hochstens|genau|als|menos|mas|moins|plus|que|exactamente|exactement|de)\s$"
)
_NO_NUMBERS = frozenset(["ones", "thirds", "fifths", "tenths", "seconds", "zeros"])


@dataclass(frozen=True)
class _Word:
    value: str

    def text(self) -> str:
        return self.value

    def nt_separated(self, previous: _Word) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False


def _digits(match: re.Match[str], language: str) -> float:
    text = match["number"].replace(" ", "").replace("'", "")
    comma_decimal = language != "en"
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        text = re.sub(r"[.,]", "", text[:decimal]) + "." + text[decimal + 1 :]
    elif "," in text or "." in text:
        mark = "," if "," in text else "."
        head, *groups = text.split(mark)
        thousands = all(len(group) == 3 for group in groups) and head not in ("", "0")
        if mark == "." and not comma_decimal and len(groups) == 1:
            thousands = False
        text = "".join([head, *groups]) if thousands else f"{head or 0}.{''.join(groups)}"
    return float(text) * _SCALE.get(match["scale"] or "", 1.0)


def _spelled(folded: str, raw: str, language: str) -> Iterable[tuple[int, int, float]]:
    """Numbers in words. The library wants accents (`fünf`), so it is given the brief's own words."""
    words = list(_WORDS.finditer(folded))
    if not words:
        return
    skip = _AMBIGUOUS[language]
    plain = [raw[m.start() : m.end()].lower() for m in words]
    tokens = [_Word("." if text in skip or text in _NO_NUMBERS else text) for text in plain]
    for found in text_to_num.find_numbers(tokens, language, threshold=0.0):
        if (
            found.value == 1
            and plain[found.start] in _ARTICLES
            and not _COMPARING.search(folded[: words[found.start].start()])
        ):
            continue  # "un email" is no number, "al menos un pedido" is one
        if not found.is_ordinal and 0 <= found.value <= 1e12:
            yield words[found.start].start(), words[found.end - 1].end(), float(found.value)


def _numbers(folded: str, raw: str, language: str) -> list[Value]:
    found: list[tuple[int, int, float]] = [
        (m.start(), m.end(), _digits(m, language)) for m in _DIGITS.finditer(folded)
    ]
    special = {**_SPECIAL["en"], **_SPECIAL[language]}
    for words in sorted(special, key=len, reverse=True):
        found += [
            (m.start(), m.end(), float(special[words]))
            for m in re.finditer(rf"\b{words}\b", folded)
        ]
    found += _spelled(folded, raw, language)
    if language != "en":
        found += _spelled(folded, raw, "en")
    numbers: list[Value] = []
    for start, end, amount in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        if all(end <= other.start or other.end <= start for other in numbers):
            numbers.append(Value(start, end, "number", amount))
    return sorted(numbers, key=lambda v: v.start)


# ------------------------------------------------------------------------------- units

_CURRENCY_WORDS = {
    "EUR": r"€|euros?|eur",
    "USD": r"us\$|\$|us dollars?|dollars?|usd|bucks|dolares|dolar",
    "GBP": r"£|pounds?(?: sterling)?|gbp|quid|pfund|livres sterling|libras",
    "CHF": r"chf|swiss francs?|schweizer franken|franken|francs suisses",
    "JPY": r"jp¥|¥|yen|jpy",
    "CAD": r"ca\$|c\$|cad|canadian dollars?",
    "AUD": r"au\$|a\$|aud|australian dollars?",
    "SEK": r"sek|swedish kron(?:or|a)|kronor",
    "NOK": r"nok|norwegian kroner",
    "DKK": r"dkk|danish kroner",
    "PLN": r"pln|zloty(?:s)?|zł",
    "CZK": r"czk|koruna",
    "HUF": r"huf|forint",
    "INR": r"₹|inr|rupees?",
    "BRL": r"r\$|brl|reais",
    "MXN": r"mx\$|mxn|pesos? mexicanos?|mexican pesos?",
    "ARS": r"ars", "CLP": r"clp", "COP": r"cop",
    "CNY": r"cny|rmb|yuan", "KRW": r"₩|krw|won",
    "NZD": r"nz\$|nzd", "SGD": r"sgd|s\$", "HKD": r"hkd|hk\$",
    "ZAR": r"zar|rand", "TRY": r"try|₺|lira", "AED": r"aed|dirhams?", "ILS": r"ils|₪|shekels?",
}  # fmt: skip
_BEFORE_ONLY_CODES = {"TRY": r"₺", "KRW": r"₩|krw"}
_CURRENCY_AFTER = "|".join(
    f"(?P<{code}>{words})"
    for code, words in sorted(_CURRENCY_WORDS.items(), key=lambda item: -len(item[1]))
)
_MONEY_AFTER = re.compile(rf"\s?-?(?:{_CURRENCY_AFTER})(?![\w$])")
_MONEY_BEFORE = re.compile(rf"(?<![\w])(?:{_CURRENCY_AFTER})\s?$")

_UNIT_DAYS = {
    1: r"days?|tag(?:e|en|es)?|jours?|dias?|nights?",
    7: r"weeks?|wks?|wochen?|semaines?|semanas?",
    14: r"fortnights?|quinzaines?|quincenas?",
    30: r"months?|mos?|monat(?:e|en|s)?|mois|mes(?:es)?",
    90: r"quarters?|quartal(?:e|en|s)?|trimestres?",
    365: r"years?|yrs?|jahr(?:e|en|es)?|ans?|annees?|anos?",
}
_UNIT = "|".join(f"(?P<d{days}>{words})" for days, words in _UNIT_DAYS.items())
_DURATION_AFTER = re.compile(
    rf"(?:\s|-)?(?:calendar |consecutive |full |whole |vollen? |ganzen? )?(?:{_UNIT})\b"
)
_SHORT_DURATION = re.compile(r"(?P<d1>d)\b|(?P<d7>w)\b")
_HOURS_AFTER = re.compile(r"(?:\s|-)?(?:hours?|hrs?|h|stunden?|heures?|horas?)\b")
_SECONDS_AFTER = re.compile(
    r"(?:\s|-)?(?:(?P<min>minutes?|mins?|minuten?|minutos?)|(?P<sec>seconds?|secs?|s|sekunden?|secondes?|segundos?))\b"
)
_POINTS_AFTER = re.compile(
    r"\s?(?:(?:%|percent(?:age)?|per cent)[ -]?points?|%-?points?|pp\b|ppt\b|p\.p\.|pts\b|"
    r"prozentpunkten?|points? de pourcentage|puntos? porcentuales?)"
)
_PERCENT_AFTER = re.compile(
    r"\s?(?:%|percent\b|per cent\b|pct\b|prozent\b|pour ?cent\b|por ciento\b)"
)
_IMPLIED_ONE = re.compile(
    r"\b(?:(?:the |this |der |den |dem |die |das |la |le |el |los |las |l')?"
    r"(?:last|past|previous|next|coming|following|letzte[nrs]?|vergangene[nrs]?|nachste[nrs]?|"
    r"derniere?|prochaine?|ultim[oa]|pasad[oa]|proxim[oa])|a|an|one|every|per|ein(?:e[mnrs]?)?|une?|una?)"
    rf"\s(?:full |whole |calendar )?(?P<unit>(?:{_UNIT}))\b"
)
_HALF_YEAR = re.compile(
    r"\b(?:(?:a )?half (?:a |of a )?year|half-year|six-?month|(?:letzten )?halben? jahr(?:es)?|"
    r"(?:un )?semestre|medio ano)\b"
)
_YEAR_AFTER_NOUN = re.compile(
    r"\b(?:l'annee|l'an|el ano|le mois|el mes|la semaine|la semana) (?:derniere?|passee?|pasad[oa]|ultim[oa])\b"
)


def _with_unit(value: Value, folded: str, language: str) -> Value:
    after = folded[value.end : value.end + 40]
    before = folded[max(0, value.start - 22) : value.start]
    if (m := _POINTS_AFTER.match(after)) is not None:
        return replace(value, kind="points", end=value.end + m.end())
    if (m := _PERCENT_AFTER.match(after)) is not None:
        return replace(value, kind="percent", end=value.end + m.end())
    if after.startswith("+") and (m := _DURATION_AFTER.match(after[1:])) is not None:
        days = int(str(m.lastgroup)[1:])
        amount = value.amount * days
        return replace(
            value, kind="days", end=value.end + 1 + m.end(), amount=amount, low=amount,
            stated=True, unit_days=days,
        )  # fmt: skip
    if (m := _DURATION_AFTER.match(after)) is not None:
        days = int(str(m.lastgroup)[1:])
        return replace(
            value, kind="days", end=value.end + m.end(), amount=value.amount * days, unit_days=days
        )
    if folded[value.end - 1].isdigit() and (m := _SHORT_DURATION.match(after)) is not None:
        days = int(str(m.lastgroup)[1:])
        return replace(
            value, kind="days", end=value.end + m.end(), amount=value.amount * days, unit_days=days
        )
    if (m := _HOURS_AFTER.match(after)) is not None:
        return replace(
            value, kind="days", end=value.end + m.end(), amount=value.amount / 24, unit_days=1
        )
    if (m := _MONEY_AFTER.match(after)) is not None:
        return replace(value, kind="money", end=value.end + m.end(), currency=m.lastgroup)
    if (m := _MONEY_BEFORE.search(before)) is not None:
        start = value.start - (len(before) - m.start())
        return replace(value, kind="money", start=start, currency=m.lastgroup)
    if (m := _SECONDS_AFTER.match(after)) is not None:
        scale = 60 if m["min"] else 1
        return replace(value, kind="seconds", end=value.end + m.end(), amount=value.amount * scale)
    return value


# ------------------------------------------------------------------------------- dates

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january|jan|januar|janvier|enero", "february|feb|februar|fevrier|febrero",
            "march|mar|marz|mars|marzo", "april|apr|avril|abril", "may|mai|mayo",
            "june|jun|juni|juin|junio", "july|jul|juli|juillet|julio", "august|aug|aout|agosto",
            "september|sep|sept|septembre|septiembre", "october|oct|oktober|okt|octobre|octubre",
            "november|nov|novembre|noviembre", "december|dec|dezember|dez|decembre|diciembre",
        ),
        1,
    )
    for name in names.split("|")
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    r"\b(?:(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)|(?P<d2>\d{1,2})\.\s?(?P<m2>\d{1,2})\.(?P<y2>20\d\d)|"
    rf"(?:the )?(?P<d3>\d{{1,2}})(?:st|nd|rd|th|er|\.)?(?: of| de)? (?P<m3>{_MONTH})\.?,?(?: de| del)? (?P<y3>20\d\d)|"
    rf"(?P<m4>{_MONTH})\.? (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>20\d\d)|"
    rf"(?P<m5>{_MONTH})\.?(?: of| de| del)? (?P<y5>20\d\d))\b"
)


def _dates(folded: str) -> list[Value]:
    found = []
    for m in _DATE.finditer(folded):
        part = {key[0]: text for key, text in m.groupdict().items() if text}
        month = part["m"] if part["m"].isdigit() else _MONTHS[part["m"]]
        try:
            day = date(int(part["y"]), int(month), int(part.get("d", 1)))
        except ValueError:
            continue
        found.append(Value(m.start(), m.end(), "date", 0.0, day=day))
    return found


# ------------------------------------------------------------------------------- comparators

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
    r"\+|\s?plus\b(?! de)|,? (?:or|and) (?:more|above|over|longer|higher|greater|older|better|up(?:wards)?|beyond)|"
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
    return re.compile(rf"(?<![\w]){_wrapped(words)}\s?{_ABOUT}(?=[{_MARK}])")


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
_RANGE_OPEN = re.compile(
    r"(?<!\w)(?:anywhere )?(?:between|zwischen|entre|from|von|de|in the range(?: of)?|ranging from)\s(?:the )?$"
)
_RANGE_JOIN = re.compile(r"\s?(?:-|to|and|und|bis|et|y|a|through|up to|until|bis zu)\s?")
_LOOSE_JOIN = re.compile(r"\s?(?:-|to|bis|through)\s?")


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


def _ranges(values: list[Value], folded: str) -> list[Value]:
    """Two values joined by "between .. and", "from .. to" or a dash are one range."""
    joined: list[Value] = []
    i = 0
    while i < len(values):
        first = values[i]
        second = values[i + 1] if i + 1 < len(values) else None
        if second is not None and first.kind != "date" and second.kind != "date":
            gap = folded[first.end : second.start]
            opening = _RANGE_OPEN.search(folded[: first.start])
            join = _RANGE_JOIN if opening else _LOOSE_JOIN
            if re.search(r"[\[(]\s?$", folded[: first.start]) and re.fullmatch(r"\s?[,;]\s?", gap):
                joined.append(_range(first, second, first.start))
                i += 2
                continue
            if gap.strip() in ("or", "oder", "ou", "o") and second.amount - first.amount == 1:
                joined.append(_range(first, second, first.start))
                i += 2
                continue
            alike = first.kind in ("number", second.kind) or second.kind == "number"
            if alike and join.fullmatch(gap):
                joined.append(_range(first, second, opening.start() if opening else first.start))
                i += 2
                continue
        joined.append(first)
        i += 1
    return joined


def _range(first: Value, second: Value, start: int) -> Value:
    kind = second.kind if first.kind == "number" else first.kind
    low, high = first.amount, second.amount
    if first.kind == "number" and second.kind == "days":
        low = first.amount * second.unit_days
    return Value(
        start, second.end, kind, amount=low, low=min(low, high), high=max(low, high),
        stated=True, currency=first.currency or second.currency, second=high,
        unit_days=second.unit_days,
    )  # fmt: skip


def mask(folded: str, values: Iterable[Value]) -> str:
    """The folded text with each value as a run of the character of its kind."""
    parts = list(folded)
    for value in values:
        parts[value.start : value.end] = KINDS[value.kind] * (value.end - value.start)
    return "".join(parts)


def read_values(raw: str, language: str) -> tuple[Value, ...]:
    """All values of a brief, from left to right, with the comparators that belong to them."""
    folded = fold(raw)
    dates = _dates(folded)
    free = _free_of(dates)
    values = [
        _with_unit(v, folded, language)
        for v in _numbers(folded, raw, language)
        if free(v) and not _in_word(v, folded)
    ]
    values = _without_overlap([*dates, *values])
    free = _free_of(values)
    for m in _IMPLIED_ONE.finditer(folded):
        unit = next(int(k[1:]) for k, text in m.groupdict().items() if text and k[0] == "d")
        one = Value(m.start("unit"), m.end("unit"), "days", unit, unit_days=unit)
        if free(one):
            values.append(one)
    for m in _HALF_YEAR.finditer(folded):
        values = [v for v in values if v.end <= m.start() or v.start >= m.end()]
        values.append(Value(m.start(), m.end(), "days", 180, unit_days=30))
    for m in _YEAR_AFTER_NOUN.finditer(folded):
        word = m.group().replace("l'", "").split()
        unit = next(
            (days for days, names in _UNIT_DAYS.items() for w in word if re.fullmatch(names, w)),
            365,
        )
        values = [v for v in values if v.end <= m.start() or v.start >= m.end()]
        values.append(Value(m.start(), m.end(), "days", unit, unit_days=unit))
    values += [v for v in _fractions(folded) if free(v)]
    values = _ranges(sorted(values, key=lambda v: v.start), folded)
    masked = mask(folded, values)
    return tuple(_compared(value, masked) for value in values)


def _compared(value: Value, masked: str) -> Value:
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


_FRACTIONS = {"half": 50.0, "third": 33.0, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_FRACTION = re.compile(
    rf"\b(?:(?:a|one)\s)?(?P<part>{'|'.join(_FRACTIONS)})(?= (?:of (?:our|the|their|all)|less|off|cheaper)\b)"
)


def _fractions(folded: str) -> list[Value]:
    return [
        Value(m.start(), m.end(), "percent", _FRACTIONS[m["part"]])
        for m in _FRACTION.finditer(folded)
    ]


def _in_word(value: Value, folded: str) -> bool:
    """Digits that are part of a name ("3-for-2", "B2B", "iPhone15") are no values."""
    after = folded[value.end : value.end + 5]
    return bool(re.match(r"-for-|-in-1|\sfor\s[\d]|x\d|\s?fur\s?\d", after))


def _free_of(values: Iterable[Value]) -> Callable[[Value], bool]:
    taken = [(v.start, v.end) for v in values]
    return lambda value: all(value.end <= start or end <= value.start for start, end in taken)


def _without_overlap(values: list[Value]) -> list[Value]:
    kept: list[Value] = []
    for value in sorted(values, key=lambda v: (v.start, -v.end)):
        if not kept or value.start >= kept[-1].end:
            kept.append(value)
    return kept
