"""Units of time, and durations that name no number ("the last month")."""

from __future__ import annotations

import re

UNIT_DAYS = {
    1: r"days?|tag(?:e|en|es)?|jours?|dias?|nights?",
    7: r"weeks?|wks?|wochen?|semaines?|semanas?",
    14: r"fortnights?|quinzaines?|quincenas?",
    30: r"months?|mos?|monat(?:e|en|s)?|mois|mes(?:es)?",
    90: r"quarters?|quartal(?:e|en|s)?|trimestres?",
    365: r"years?|yrs?|jahr(?:e|en|es)?|ans?|annees?|anos?",
}
_UNIT = "|".join(f"(?P<d{days}>{words})" for days, words in UNIT_DAYS.items())
DURATION_AFTER = re.compile(
    rf"(?:\s|-)?(?:calendar |consecutive |full |whole |vollen? |ganzen? )?(?:{_UNIT})\b"
)
SHORT_DURATION = re.compile(r"(?P<d1>d)\b|(?P<d7>w)\b")
HOURS_AFTER = re.compile(r"(?:\s|-)?(?:hours?|hrs?|h|stunden?|heures?|horas?)\b")
SECONDS_AFTER = re.compile(
    r"(?:\s|-)?(?:(?P<min>minutes?|mins?|minuten?|minutos?)|(?P<sec>seconds?|secs?|s|sekunden?|secondes?|segundos?))\b"
)


RHYTHM = re.compile(
    r"\b(?:times?|orders?|purchases?|once|twice|thrice|visits?|sessions?|mal|\w+mal|fois|veces|bestellungen|commandes|pedidos)\s$"
)
"""Before "a year": how often something happens, and no stretch of time."""
IMPLIED_ONE = re.compile(
    r"\b(?:(?:the |this |der |den |dem |die |das |la |le |el |los |las |l')?"
    r"(?:last|past|previous|next|coming|following|letzte[nrs]?|vergangene[nrs]?|nachste[nrs]?|"
    r"derniere?|prochaine?|ultim[oa]|pasad[oa]|proxim[oa])|a|an|one|every|per|ein(?:e[mnrs]?)?|une?|una?)"
    rf"\s(?:full |whole |calendar )?(?P<unit>(?:{_UNIT}))\b"
)
HALF_YEAR = re.compile(
    r"\b(?:(?:a )?half (?:a |of a )?year|half-year|six-?month|(?:letzten )?halben? jahr(?:es)?|"
    r"(?:un )?semestre|medio ano)\b"
)
YEAR_AFTER_NOUN = re.compile(
    r"\b(?:l'annee|l'an|el ano|le mois|el mes|la semaine|la semana) (?:derniere?|passee?|pasad[oa]|ultim[oa])\b"
)
