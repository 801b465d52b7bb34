"""The words of a brief that something was understood from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.conversation import Quoted

from .markup import el


def marked_parts(brief: str, quotes: Iterable[Quoted]) -> list[tuple[str, bool]]:
    """The brief in parts, each with whether something was read from it; overlaps are joined."""
    covered = [False] * len(brief)
    for quote in quotes:
        for place in range(max(quote.start, 0), min(quote.end, len(brief))):
            covered[place] = True
    parts: list[tuple[str, bool]] = []
    begin = 0
    for place in range(1, len(brief) + 1):
        if place == len(brief) or covered[place] != covered[begin]:
            parts.append((brief[begin:place], covered[begin]))
            begin = place
    return parts


def marked(brief: str, quotes: Sequence[Quoted]) -> None:
    """The brief, with a mark on what was read."""
    for text, was_read in marked_parts(brief, quotes):
        el("mark" if was_read else "span", "", text)


def quoted(quotes: Iterable[Quoted], *about: str) -> None:
    """The words that a field was read from, where there are any."""
    texts = dict.fromkeys(" ".join(quote.text.split()) for quote in quotes if quote.what in about)
    for text in texts:
        el("span", "quote", text)
