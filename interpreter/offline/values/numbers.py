"""Numbers in digits and in words, and fractions ("a third of")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import text_to_num

from interpreter.offline.values.money import MONEY_AFTER, MONEY_BEFORE
from interpreter.offline.values.value import Value

_DIGITS = re.compile(
    r"(?:(?<![\w.,#])|(?<=eur|usd|gbp|chf|jpy|cad|aud|sek|nok|dkk|pln|czk|huf|inr|brl|mxn|cny|nzd|sgd|hkd|zar))(?P<number>\d{1,3}(?:[ '.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,6})?|[.,]\d{1,4})"
    r"(?:\s?(?P<scale>k|m|mio|mn|bn|grand|lakhs?|crores?|thousand|million|billion|tausend|tsd|mille|mil|millionen|millones|millions)\b)?"
    r"(?!\d)"
)
_SCALE = {
    "k": 1e3, "thousand": 1e3, "tausend": 1e3, "mille": 1e3, "mil": 1e3,
    "m": 1e6, "mio": 1e6, "mn": 1e6, "million": 1e6, "millionen": 1e6, "millones": 1e6,
    "millions": 1e6, "bn": 1e9, "billion": 1e9, "grand": 1e3, "tsd": 1e3,
    "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7,
}  # fmt: skip

_SPECIAL = {
    "en": {
        "a couple of": 2, "a dozen": 12, "two dozen": 24, "half a dozen": 6, "a hundred": 100, "a grand": 1000,
        "a thousand": 1000, "a million": 1_000_000,
        "half a million": 500_000, "a quarter of a million": 250_000, "twice": 2, "thrice": 3, "hundred": 100,
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


_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


_COUNTED_AFTER = re.compile(
    r"\s(?:of (?:them|these|those|our)|\w+ (?:customers|people|buyers|pairs)|customers?|people|ppl|persons?|recipients?|contacts?|buyers?|shoppers?|users?|subscribers?|members?|households?|addresses|pieces?|pcs|units?|items?|copies|bottles?|pairs?|boxes|bags|points?|packs?|sets?)\b"
)


def _notation(m: re.Match[str], folded: str, language: str) -> str:
    """The language whose points and commas a number is written with: money and counts of people or
    things with three digits after the point ("2.500 EUR", "2.500 people") are written as on the
    Continent, whatever the words around them."""
    if language == "en" and _THOUSANDS.fullmatch(m["number"]):
        near = folded[max(0, m.start() - 5) : m.start()]
        if (
            MONEY_AFTER.match(folded, m.end())
            or MONEY_BEFORE.search(near)
            or _COUNTED_AFTER.match(folded, m.end())
        ):
            return "de"
    return language


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


_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SCALES = {"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6}
_AND_A_HALF = re.compile(
    rf"\b(?P<whole>\d{{1,3}}|{'|'.join(_ONES)}) and a half (?P<scale>{'|'.join(_SCALES)})\b"
)


def _whole(word: str) -> int:
    return int(word) if word.isdigit() else _ONES.index(word) + 1


def read_numbers(folded: str, raw: str, language: str) -> list[Value]:
    found: list[tuple[int, int, float]] = [
        (m.start(), m.end(), _digits(m, _notation(m, folded, language)))
        for m in _DIGITS.finditer(folded)
    ]
    special = {**_SPECIAL["en"], **_SPECIAL[language]}
    for words in sorted(special, key=len, reverse=True):
        found += [
            (m.start(), m.end(), float(special[words]))
            for m in re.finditer(rf"\b{words}\b", folded)
        ]
    found += [
        (m.start(), m.end(), (_whole(m["whole"]) + 0.5) * _SCALES[m["scale"]])
        for m in _AND_A_HALF.finditer(folded)
    ]
    found += _spelled(folded, raw, language)
    if language != "en":
        found += _spelled(folded, raw, "en")
    numbers: list[Value] = []
    for start, end, amount in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        if all(end <= other.start or other.end <= start for other in numbers):
            numbers.append(Value(start, end, "number", amount))
    return sorted(numbers, key=lambda v: v.start)


_FRACTIONS = {
    50.0: r"half|die halfte|moitie|la mitad",
    33.0: r"third|drittel|tiers|tercio",
    25.0: r"quarter|viertel|quart|cuarto",
    20.0: r"fifth|funftel|cinquieme|quinto|quinta parte",
    10.0: r"tenth|zehntel|dixieme|decimo|decima parte",
    67.0: r"two thirds|zwei drittel|deux tiers|dos tercios",
    75.0: r"three quarters|drei viertel|trois quarts|tres cuartos",
}
_PARTS = "|".join(f"(?P<p{int(share)}>{names})" for share, names in _FRACTIONS.items())
_FRACTION = re.compile(
    rf"\b(?:by |um |d'|de |en )(?P<value>(?:(?:a|an|one|ein|eine|un|une|una|another) )?(?:full |good |whole )?(?:{_PARTS}))(?! (?:of a |a )?(?:year|day|hour|month|jahr|an\b))(?!\w)"
    r"|\b(?P<share>(?:(?:a|one) )?(?P<part>half|third|quarter|fifth|tenth))(?= (?:(?:of )?(?:our|the|their|all) (?:e-?)?(?:mail|newsletter|message)s?|of (?:our|the|their|all)|less|off|cheaper|more)\b)"
    r"|(?<=opened )(?:(?P<bound>more|less) than )?(?P<opened>half)(?= of\b|\s*(?:$|[.,;:!?)]))"
)
_SHARES = {"half": 50.0, "third": 33.0, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}


def read_fractions(folded: str) -> list[Value]:
    """Shares in words: "by a fifth", "a third of our", "um ein Viertel"."""
    found = []
    for m in _FRACTION.finditer(folded):
        if m["opened"]:
            found.append(Value(m.start("opened"), m.end("opened"), "percent", 50.0))
            continue
        if m["share"]:
            found.append(Value(m.start("share"), m.end(), "percent", _SHARES[m["part"]]))
            continue
        share = next(float(n[1:]) for n, text in m.groupdict().items() if text and n[1:].isdigit())
        found.append(Value(m.start("value"), m.end("value"), "percent", share))
    return found


def in_word(value: Value, folded: str) -> bool:
    """Digits that are part of a name ("3-for-2", "B2B", "iPhone15") are no values."""
    after = folded[value.end : value.end + 5]
    before = folded[max(0, value.start - 6) : value.start]
    return bool(
        re.match(r"-for-|-in-1|\sfor\s[\d]|x\d|\s?fur\s?\d", after)
        or re.search(r"\d-for-$", before)
    )
