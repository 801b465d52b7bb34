"""What a brief makes of a trigger that it names: proposes, denies or only tells of it.

The words around the mention decide, whatever is offered, so the mention itself is replaced by one
word. Rules read the plain cases; this model reads what they leave: "we've sworn off ...", "rivals
lure them with ...".
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from interpreter.offline.model.classifier import committed, features
from interpreter.offline.text import Canvas, Span


class Stance(StrEnum):
    PROPOSES = "proposes"
    DENIES = "denies"
    TELLS = "tells"


OFFER = "offer"
"""Stands for what is offered, in training and reading alike."""

BUCKETS = 256
NEAR_WEIGHT = 0.4
REACH = 3
"""How many words on each side of the mention count by their place."""

_WORD = re.compile(r"[\w']+")
_BREAK = re.compile(r"[,;:!?.\n]|\s--?\s|\bso (?=\w)|\bbut\b")
_BEFORE, _AFTER = 80, 60
"""Characters read on each side."""


def around(canvas: Canvas, mention: Span) -> str:
    """The clause of a mention, with the mention replaced."""
    sentence = canvas.sentence(mention.start)
    start = sentence.start
    for found in _BREAK.finditer(canvas.masked, sentence.start, mention.start):
        start = found.end()
    after = _BREAK.search(canvas.masked, mention.end, sentence.end)
    end = after.start() if after else sentence.end
    before = canvas.raw[max(start, mention.start - _BEFORE) : mention.start]
    return f"{before}{OFFER}{canvas.raw[mention.end : min(end, mention.end + _AFTER)]}".strip()


def stance_features(texts: Sequence[str]) -> NDArray[np.float64]:
    """Meaning and wording of each text, and the words beside the offer by their place."""
    near = np.zeros((len(texts), BUCKETS))
    for row, text in enumerate(texts):
        words = _WORD.findall(text.lower())
        if OFFER not in words:
            continue
        middle = words.index(OFFER)
        for step in range(1, REACH + 1):
            for side, place in (("before", middle - step), ("after", middle + step)):
                if 0 <= place < len(words):
                    key = f"{side}{min(step, 2)}{words[place][:6]}"
                    near[row, zlib.crc32(key.encode()) % BUCKETS] += 1.0
    return np.hstack([features(texts), NEAR_WEIGHT * near])


def stances(canvas: Canvas, mentions: Sequence[Span]) -> list[dict[Stance, float]]:
    """The probability of each stance for each mention."""
    if not mentions:
        return []
    head = committed().stances
    rows = head.probabilities(stance_features([around(canvas, m) for m in mentions]))
    return [dict(zip(map(Stance, head.classes), map(float, row), strict=True)) for row in rows]
