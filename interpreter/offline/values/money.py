"""Currencies by sign, code and name, before or after an amount."""

from __future__ import annotations

import re

from babel import Locale
from babel.core import get_global

_CURRENCY_WORDS = {
    "EUR": r"€|euros?|eur",
    "USD": r"us\$|\$|us dollars?|dollars?|usd|bucks?|us-dollar|dolares|dolar",
    "GBP": r"£|(?:british )?pounds?(?: sterling)?|gbp|sterling|quid|pfund|livres sterling|libras",
    "CHF": r"chf|sfr|fr\.|swiss francs?|schweizer franken|franken|francs? suisses?|francs?",
    "JPY": r"jp¥|¥|yen|jpy",
    "CAD": r"ca\$|c\$|can\$|cad|canadian dollars?|dollars? canadiens?",
    "AUD": r"au\$|a\$|aud|australian dollars?",
    "SEK": r"sek|swedish (?:kron(?:or|a)|crowns?)|kronor",
    "NOK": r"nok|norwegian (?:kroner|krone|crowns?)",
    "DKK": r"dkk|danish (?:kroner|krone|crowns?)",
    "PLN": r"pln|zlot(?:y|ys|ych)|zł|zl",
    "CZK": r"czk|kc|kč|koruna|czech crowns?",
    "HUF": r"huf|ft|forints?",
    "INR": r"₹|inr|rs\.?|(?:indian )?rupees?",
    "BRL": r"r\$|brl|reais",
    "MXN": r"mx\$|mxn|pesos? mexicanos?|mexican pesos?",
    "RON": r"ron|lei", "BGN": r"bgn|leva", "RUB": r"₽|rub|roubles?|rubles?", "UAH": r"₴|uah|hryvnias?",
    "THB": r"฿|thb|baht", "PHP": r"₱|php|philippine pesos?", "MYR": r"myr|ringgit", "IDR": r"idr|rupiah",
    "SAR": r"sar|(?:saudi )?riyals?", "EGP": r"egp", "VND": r"₫|vnd|dong", "TWD": r"twd|nt\$",
    "ARS": r"ars", "CLP": r"clp", "COP": r"cop",
    "CNY": r"cny|rmb|yuan", "KRW": r"₩|krw|won",
    "NZD": r"nz\$|nzd", "SGD": r"sgd|s\$", "HKD": r"hkd|hk\$",
    "ZAR": r"zar|rands?", "TRY": r"try|₺|lira", "AED": r"aed|dirhams?", "ILS": r"ils|₪|shekels?",
}  # fmt: skip
_WORDS_TOO = frozenset(
    {
        "ALL",
        "TRY",
        "TOP",
        "CUP",
        "MOP",
        "PEN",
        "GEL",
        "SOS",
        "BAM",
        "MAD",
        "ANG",
        "LAK",
        "ERN",
        "BOB",
        "BAN",
        "MUR",
    }
)
"""Codes that are words as well: read by their names only."""


def _tender() -> dict[str, str]:
    """The codes and English names of the currencies in use today that are not listed above."""
    used = {
        code
        for spans in get_global("territory_currencies").values()
        for code, _, end, tender in spans
        if tender and end is None
    }
    names = Locale("en").currencies
    found = {}
    for code in sorted(used - set(_CURRENCY_WORDS)):
        name = re.escape(str(names.get(code, code)).lower())
        found[code] = f"{name}s?" + ("" if code in _WORDS_TOO else f"|{code.lower()}")
    return found


_CURRENCY_AFTER = "|".join(
    f"(?P<{code}>{words})"
    for code, words in sorted(
        {**_tender(), **_CURRENCY_WORDS}.items(), key=lambda item: -len(item[1])
    )
)
MONEY_AFTER = re.compile(rf"\s?-?(?:{_CURRENCY_AFTER})(?![\w$])")
MONEY_BEFORE = re.compile(rf"(?<![\w])(?:{_CURRENCY_AFTER})\s?$")
