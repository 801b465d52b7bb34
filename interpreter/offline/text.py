"""A brief as text of one length in several forms, so that every finding keeps its span."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"',
        "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-", "−": "-", "‐": "-", "\u00a0": " ",
        "\u202f": " ", "\u2009": " ", "≥": "≥", "％": "%", "ß": "ß",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """`text` in lower case, without accents and with plain quotes and dashes, of the same length.

    Same length is the point: a span found in the folded text is a span of the brief.
    """
    plain = text.translate(_PLAIN)
    if plain.isascii() and plain.isprintable():
        return plain.lower()
    return "".join(map(_fold_one, plain))


@lru_cache(maxsize=4_096)
def _fold_one(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isprintable() or character == "\n" else " "
    if unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
        return " "
    base = unicodedata.normalize("NFKD", character)[:1].lower()
    return base if len(base) == 1 else character


@dataclass(frozen=True, order=True)
class Span:
    """A part of the brief: `start` inclusive, `end` exclusive."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$|[\"')])|[;\n]+|\s--?\s")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|approx|min|max|no|vs|incl|excl|ca|z\.b|d\.h|bzw|p\.ex|st)\.$"
)


def sentences(folded: str) -> tuple[Span, ...]:
    """The sentences of a folded text, split at full stops, semicolons, line ends and dashes."""
    spans, start = [], 0
    for end in _SENTENCE_END.finditer(folded):
        if end.group().startswith(".") and _ABBREVIATION.search(folded[: end.end()]):
            continue
        if folded[start : end.start()].strip():
            spans.append(Span(start, end.end()))
        start = end.end()
    if folded[start:].strip():
        spans.append(Span(start, len(folded)))
    return tuple(spans)


_QUOTED = re.compile(r"(?<!\w)(?P<mark>[\"'])(?P<text>[^\"'\n]{8,160})(?P=mark)(?!\w)")
_NAMING = re.compile(
    r"\b(?:categor(?:y|ies)|products?|called|named|city|country|field|tag|bought|viewed)\s$"
)


def quotations(folded: str) -> tuple[Span, ...]:
    """Quoted words of a message, three at least: what customers are to read, no condition."""
    return tuple(
        Span(m.start(), m.end())
        for m in _QUOTED.finditer(folded)
        if len(m["text"].split()) >= 3 and not _NAMING.search(folded[: m.start()])
    )


class Canvas:
    """The brief while it is read: what a reader has understood is painted over.

    `open` is the folded text in which typed values are runs of one private character
    (`interpreter.offline.values`) and everything already understood is blanked, so that no
    reader takes words that another one has used. All forms have the length of the brief.
    """

    BLANK = "\x00"

    def __init__(self, raw: str, masked: str) -> None:
        self.raw = raw
        self.folded = fold(raw)
        self.masked = masked
        self._open = list(masked)
        self.open = masked

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches in what is still open. Painting while iterating is fine: text only shrinks."""
        position = 0
        while (match := pattern.search(self.open, position)) is not None:
            yield match
            position = max(match.end(), position + 1)

    def take(self, start: int, end: int) -> None:
        self._open[start:end] = self.BLANK * (end - start)
        self.open = "".join(self._open)

    def give_back(self, start: int, end: int) -> None:
        """Opens again what was taken, for readers of another matter."""
        self._open[start:end] = self.masked[start:end]
        self.open = "".join(self._open)

    def is_open(self, start: int, end: int) -> bool:
        return self.BLANK not in self.open[start:end]

    def sentence(self, position: int) -> Span:
        """The sentence that holds a position."""
        for span in self.sentences:
            if span.start <= position < span.end:
                return span
        return Span(0, len(self.raw))

    @property
    def sentences(self) -> tuple[Span, ...]:
        return sentences(self.folded)
