"""Calendar dates in the forms briefs write them."""

from __future__ import annotations

import re
from datetime import date

from interpreter.offline.values.value import Value

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


def read_dates(folded: str) -> list[Value]:
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
