"""Trains the linear models from the labelled phrases: `make interpreter-model`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from interpreter.offline.model.classifier import (
    INTEREST,
    NEITHER,
    TRAIT,
    Head,
    Model,
    features,
    to_json,
)
from interpreter.offline.model.phrases import phrases_hash, phrases_text
from interpreter.offline.stance import OFFER, Stance, stance_features

CLAUSE_PRECISION = 0.75
PEOPLE_PRECISION = 0.82
STANCE_PRECISION = 0.85
"""The abstention threshold of a head is the lowest at which this precision is measured."""

_PEOPLE = (
    "customers who bought lamps", "people who viewed cameras in the last 14 days",
    "those who have ordered at least eight times", "whoever spent over 400 in total",
    "customers in Lisbon", "people who left a cart of 60 or more", "our best customers",
    "subscribers who open few of our mails", "those with a churn score above 0.6",
    "one-time buyers", "anyone who has not ordered for six months", "visitors with five sessions",
    "members in Poland", "new customers", "people who wrote reviews", "buyers of shoes without a hat",
    "clients we have not seen since the winter", "customers whose average order is below 40",
)  # fmt: skip
_SHAPES = (
    "{phrase} for {people}", "{people}: {phrase}", "for {people} {phrase}", "{phrase}, {people}",
    "{people} should see that {phrase}", "{people} get this: {phrase}",
    "{phrase} when {people} come to the site", "tell {people} {phrase}",
    "{people} might return if {phrase}", "{phrase} so that {people} order",
)  # fmt: skip
_FOLDS = 3
_SEED = 0
Featured = Callable[[Sequence[str]], NDArray[np.float64]]
"""Texts (n) to rows of features (n, columns)."""


def train(text: str) -> Model:
    """The model of a phrases file.

    Triggers and goals are classes of one softmax, so that a clause which speaks of a goal is
    evidence against every trigger; classes keep their shares, so that a doubtful clause is
    neither.
    """
    data: Mapping[str, Any] = yaml.safe_load(text)
    label: dict[str, str] = {}
    for head in ("triggers", "goals"):
        for key, phrases in data[head].items():
            label.update({phrase: key for phrase in phrases if phrase not in label})
    for phrase in data["other"] + data["no_trigger"]:
        label.setdefault(phrase, NEITHER)
    people = {phrase: key for key, phrases in data["people"].items() for phrase in phrases}
    alone = [*label]
    spoken = alone + _in_context(alone)
    once = _once(features)
    clauses = _fit(
        spoken,
        [label[phrase] for phrase in alone * 2],
        2,
        list(data["triggers"]),
        CLAUSE_PRECISION,
        once,
    )
    whom = dict.fromkeys(alone, NEITHER) | people
    said = {
        phrase.replace("{}", OFFER): key
        for key, phrases in data["stances"].items()
        for phrase in phrases
    }
    return Model(
        phrases_hash(text),
        clauses,
        _fit([*whom], [*whom.values()], 1, [TRAIT, INTEREST], PEOPLE_PRECISION, once, as_one=True),
        _fit(
            [*said],
            [*said.values()],
            1,
            [Stance.DENIES, Stance.TELLS],
            STANCE_PRECISION,
            stance_features,
        ),
    )


def _once(featured: Featured) -> Featured:
    """The same, but a text that comes again is not embedded again: that is what takes the time."""
    known: dict[str, NDArray[np.float64]] = {}

    def remembered(texts: Sequence[str]) -> NDArray[np.float64]:
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known.update(zip(fresh, featured(fresh), strict=True))
        return np.stack([known[text] for text in texts])

    return remembered


def _in_context(every: list[str]) -> list[str]:
    """Each phrase once more beside the people that it is meant for, as clauses of a brief have
    them, so that who is meant tells nothing of the trigger or the goal."""
    random = np.random.default_rng(_SEED)
    return [
        str(random.choice(_SHAPES)).format(phrase=phrase, people=random.choice(_PEOPLE))
        for phrase in every
    ]


def _fit(
    texts: Sequence[str],
    names: Sequence[str],
    rounds: int,
    judged: Sequence[str],
    wanted: float,
    featured: Featured,
    as_one: bool = False,
) -> Head:
    """A head with the threshold for its `judged` classes (`as_one`: for being any of them); the
    texts are `rounds` times the same phrases in one order, and a phrase is held out in every
    round at once."""
    rows, labels = featured(texts).astype(np.float32), np.array(names)
    groups = np.tile(np.arange(len(texts) // rounds), rounds)
    regression = LogisticRegression(C=5.0, max_iter=100, tol=1e-3)
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    held_out = cross_val_predict(
        regression, rows, labels, cv=folds, groups=groups, method="predict_proba"
    )
    threshold, precision, coverage = _threshold(held_out, labels, judged, wanted, as_one)
    regression.fit(rows, labels)
    return Head(
        tuple(str(name) for name in regression.classes_),
        regression.coef_,
        regression.intercept_,
        threshold,
        precision,
        coverage,
    )


def _threshold(
    held_out: NDArray[np.float64],
    labels: NDArray[np.str_],
    judged: Collection[str],
    wanted: float,
    as_one: bool,
) -> tuple[float, float, float]:
    """The lowest probability from which answers reach the wanted precision, both measured on
    phrases that the fold's model has not seen."""
    classes = np.unique(labels)
    if as_one:
        one, *others = (int(np.flatnonzero(classes == name)[0]) for name in judged)
        held_out = held_out.copy()
        held_out[:, one] += held_out[:, others].sum(axis=1)
        held_out[:, others] = 0.0
        labels = np.where(np.isin(labels, list(judged)), classes[one], labels)
    answer, sure = classes[held_out.argmax(axis=1)], held_out.max(axis=1)
    spoken, meant = np.isin(answer, list(judged)), np.isin(labels, list(judged))
    precision = coverage = 0.0
    for threshold in np.arange(0.2, 0.96, 0.05):
        taken = spoken & (sure >= threshold)
        right = taken & (answer == labels)
        precision = float(right.sum() / max(taken.sum(), 1))
        coverage = float(right.sum() / max(meant.sum(), 1))
        if precision >= wanted:
            return round(float(threshold), 2), precision, coverage
    return 0.95, precision, coverage


def main() -> None:
    target = Path(__file__).with_name("model.json")
    target.write_text(to_json(train(phrases_text())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
