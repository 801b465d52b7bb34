"""Trains the linear model from the labelled phrases: `make interpreter-model`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from interpreter.offline.model.classifier import NEITHER, Head, Model, features, to_json
from interpreter.offline.model.phrases import phrases_hash, phrases_text

WANTED_PRECISION = 0.8
"""The abstention threshold of a head is the lowest at which this precision is measured."""

_LEADS = (
    "", "for customers", "customers", "please:", "the idea:", "we want to", "should be told that",
    "are to receive", "should get", "lever:", "they should", "let us", "maybe", "in order to",
    "the people should", "so please", "shall be", "is to be",
)  # fmt: skip
_TAILS = ("", "please", "for them", "this month", "in the message", "from us", "for this group")
_FOLDS = 4
_SEED = 0


def train(text: str) -> Model:
    """The model of a phrases file: each head against the other head's phrases as `none`, the one
    of triggers also against clauses that name none and may speak of a goal."""
    data: Mapping[str, Any] = yaml.safe_load(text)
    labelled = {
        head: [(phrase, key) for key, phrases in data[head].items() for phrase in phrases]
        for head in ("triggers", "goals")
    }
    every = list(
        dict.fromkeys([p for pairs in labelled.values() for p, _ in pairs] + data["other"])
    )
    without = [clause for clause in data["no_trigger"] if clause not in set(every)]
    matrix = features(every + _in_context(every, data["other"]) + without)
    groups = np.concatenate(
        [np.arange(len(every)), np.arange(len(every)), -1 - np.arange(len(without))]
    )
    heads = {}
    for head in ("triggers", "goals"):
        label = dict(labelled[head])
        labels = np.array([label.get(phrase, NEITHER) for phrase in every])
        labels = np.concatenate([labels, labels, np.full(len(without), NEITHER)])
        rows = slice(None) if head == "triggers" else slice(0, 2 * len(every))
        heads[head] = _fit(matrix[rows], labels[rows], groups[rows])
    return Model(phrases_hash(text), heads["triggers"], heads["goals"])


def _in_context(every: list[str], other: list[str]) -> list[str]:
    """Each phrase once more amid words that say nothing of it, as clauses of a brief have them:
    another phrase, or what leads to it ("should be told that") and follows it."""
    random = np.random.default_rng(_SEED)
    mixed = []
    for phrase in every:
        neighbour = str(random.choice(other))
        lead, tail = str(random.choice(_LEADS)), str(random.choice(_TAILS))
        mixed.append(
            (
                f"{lead} {phrase} {neighbour}",
                f"{neighbour} {phrase}",
                f"{lead} {phrase} {tail}",
            )[int(random.integers(3))].strip()
        )
    return mixed


def _fit(matrix: NDArray[np.float64], labels: NDArray[np.str_], groups: NDArray[np.int64]) -> Head:
    regression = LogisticRegression(C=10.0, class_weight="balanced", max_iter=250)
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    held_out = cross_val_predict(
        regression, matrix, labels, cv=folds, groups=groups, method="predict_proba"
    )
    threshold, precision, coverage = _threshold(held_out, labels)
    regression.fit(matrix, labels)
    return Head(
        tuple(str(name) for name in regression.classes_),
        regression.coef_,
        regression.intercept_,
        threshold,
        precision,
        coverage,
    )


def _threshold(
    held_out: NDArray[np.float64], labels: NDArray[np.str_]
) -> tuple[float, float, float]:
    """The lowest probability from which answers reach the wanted precision, both measured on
    phrases that the fold's model has not seen."""
    classes = np.unique(labels)
    answer, sure = classes[held_out.argmax(axis=1)], held_out.max(axis=1)
    spoken = answer != NEITHER
    precision = coverage = 0.0
    for threshold in np.arange(0.3, 0.96, 0.05):
        taken = spoken & (sure >= threshold)
        right = taken & (answer == labels)
        precision = float(right.sum() / max(taken.sum(), 1))
        coverage = float(right.sum() / max((labels != NEITHER).sum(), 1))
        if precision >= WANTED_PRECISION:
            return round(float(threshold), 2), precision, coverage
    return 0.95, precision, coverage


def main() -> None:
    target = Path(__file__).with_name("model.json")
    target.write_text(to_json(train(phrases_text())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
