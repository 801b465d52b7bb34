"""Why a trigger is recommended: the claim with its proof first, what qualifies it below."""

from __future__ import annotations

from domain.segment import Explanation

from .markup import el, say

_CLAIM = 3
"""Sentences: what is recommended, what sets the customers apart, what was measured."""


def reasoned(found: Explanation, *, large: bool = False) -> None:
    """The reasons of a segment; `large` where they are what the page is about."""
    told = found.sentences or (found.text,)
    say(" ".join(told[:_CLAIM]), "break claim" if large else "break")
    if len(told) > _CLAIM:
        with el("ul", "bullets soft"):
            for sentence in told[_CLAIM:]:
                el("li", "break", sentence)
