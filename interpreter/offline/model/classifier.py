"""The linear models: which trigger or goal a clause speaks of, and what people are meant.

Multinomial logistic regression over a sentence embedding beside hashed words (meaning and
wording). Loading reads the committed coefficients only; no example is embedded again.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from interpreter.offline.model.embedding import embed

TRAIT = "trait"
"""The class of people told apart by what no field of a customer holds."""

INTEREST = "interest"
"""The class of people named by what they like to do, which mostly names a shop's customers."""

NEITHER = "none"
"""The class of clauses that speak of none of the others."""

HEADS = ("clauses", "people", "stances")

BUCKETS = 2048
WORD_WEIGHT = 0.8
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Head:
    """One classifier. `threshold` is the probability from which its answer is taken: the lowest
    at which `precision` was reached in cross-validation, with `coverage` the share answered."""

    classes: tuple[str, ...]
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    threshold: float
    precision: float
    coverage: float

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """One row of class probabilities for each row of features."""
        logits = features @ self.coefficients.T + self.intercepts
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Model:
    """The heads with the hash of the phrases they were trained on: `clauses` tells triggers, goals
    and neither apart, `people` the traits that no field holds from those that one does, `stances`
    what is said of a trigger that is named."""

    phrases_sha256: str
    clauses: Head
    people: Head
    stances: Head


def features(texts: Sequence[str]) -> NDArray[np.float64]:
    """Embedding and hashed words of each text, side by side.

    Texts are embedded one at a time: the quantised network's numbers depend on what shares a
    batch, and a clause should be read the same in any brief.
    """
    meaning = np.concatenate([embed([text]) for text in texts])
    wording = np.zeros((len(texts), BUCKETS))
    for row, text in enumerate(texts):
        for word in _WORD.findall(text.lower()):
            wording[row, zlib.crc32(word[:6].encode()) % BUCKETS] += 1.0
    lengths = np.maximum(np.linalg.norm(wording, axis=1, keepdims=True), 1.0)
    return np.hstack([meaning.astype(np.float64), WORD_WEIGHT * wording / lengths])


def to_json(model: Model) -> str:
    """The committed form, rounded so that a retraining on another machine compares equal."""

    def head(part: Head) -> dict[str, object]:
        return {
            "classes": list(part.classes),
            "threshold": part.threshold,
            "precision": round(part.precision, 3),
            "coverage": round(part.coverage, 3),
            "intercepts": [round(float(x), 3) for x in part.intercepts],
            "coefficients": [[round(float(x), 3) for x in row] for row in part.coefficients],
        }

    heads = {name: head(getattr(model, name)) for name in HEADS}
    return json.dumps({"phrases_sha256": model.phrases_sha256, **heads}, separators=(",", ":"))


def from_json(text: str) -> Model:
    raw = json.loads(text)

    def head(part: Mapping[str, object]) -> Head:
        classes, threshold = part["classes"], part["threshold"]
        assert isinstance(classes, list) and isinstance(threshold, float)
        return Head(
            tuple(classes),
            np.array(part["coefficients"], dtype=np.float64),
            np.array(part["intercepts"], dtype=np.float64),
            threshold,
            float(str(part["precision"])),
            float(str(part["coverage"])),
        )

    return Model(raw["phrases_sha256"], **{name: head(raw[name]) for name in HEADS})


@cache
def committed() -> Model:
    """The model as committed beside this file."""
    return from_json(resources.files(__package__).joinpath("model.json").read_text("utf-8"))
