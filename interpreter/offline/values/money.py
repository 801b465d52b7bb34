"""Currencies by sign, code and name, before or after an amount."""

from __future__ import annotations

import re

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
_CURRENCY_AFTER = "|".join(
    f"(?P<{code}>{words})"
    for code, words in sorted(_CURRENCY_WORDS.items(), key=lambda item: -len(item[1]))
)
MONEY_AFTER = re.compile(rf"\s?-?(?:{_CURRENCY_AFTER})(?![\w$])")
MONEY_BEFORE = re.compile(rf"(?<![\w])(?:{_CURRENCY_AFTER})\s?$")
