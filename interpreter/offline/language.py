"""Which language a brief is in: English unless its small words say otherwise."""

from __future__ import annotations

import re

_SMALL = {
    "en": "the and to of for who with have in not that our should by they customers is are on at",
    "de": "der die das und mit fur den dem von nicht wir kunden eine einen ein bitte soll sollen im zu auf ist sind haben unsere deren damit",
    "fr": "le la les des et pour avec qui aux une un nous dans sur ne pas ont clients notre nos est sont par du plus en ce",
    "es": "el la los las de que con para una un no por nuestros clientes y en se han mas al del como quienes sus ha",
}
_SETS = {language: frozenset(words.split()) for language, words in _SMALL.items()}


def language_of(folded: str) -> str:
    """`en`, `de`, `fr` or `es`, by counting small words."""
    tokens = re.findall(r"[^\W\d_]+", folded)
    counts = {language: sum(t in small for t in tokens) for language, small in _SETS.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > counts["en"] else "en"
