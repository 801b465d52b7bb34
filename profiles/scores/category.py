"""`predicted_next_purchase_category`: the category most likely to be bought next.

Trees upon what the customer's own purchases suggest (their share of each category, drawn towards
everyone's), learned from those who order in the 90 days after: the category that most is spent on
in their first order. Someone of whom nothing is known is given what newcomers buy most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.scores.features import Matrix, Prepared, Vocabulary
from profiles.scores.forecast import Forecast, fit_forecast
from profiles.scores.past import Lesson, Past
from profiles.scores.protocol import Evaluation, Unscored

Floats = NDArray[np.float64]
MIN_BUYERS = 200


@dataclass(frozen=True)
class CategoryModel:
    """`shares` are those of each category among everyone's next purchases."""

    forecast: Forecast
    vocabulary: Vocabulary
    shares: tuple[float, ...]
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        start = _start(given.X, self.vocabulary, np.array(self.shares))
        likeliest = np.argmax(self.forecast.predict_from(given.X, start), axis=1)
        return pa.array(self.vocabulary.categories, pa.string()).take(pa.array(likeliest))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "category",
            "forecast": self.forecast.text,
            "categories": self.vocabulary.categories,
            "shares": self.shares,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CategoryModel:
        return cls(
            Forecast(raw["forecast"]),
            Vocabulary(tuple(raw["categories"])),
            tuple(raw["shares"]),
            Evaluation.from_json(raw["evaluation"]),
        )


def fit_category(past: Past, vocabulary: Vocabulary) -> CategoryModel | Unscored:
    if len(vocabulary.categories) < 2:
        return Unscored("The order lines name fewer than two categories.")
    known = [_labels(lesson, vocabulary) for lesson in (past.earlier, past.later)]
    for (rows, _), lesson in zip(known, (past.earlier, past.later), strict=True):
        if rows.sum() < MIN_BUYERS:
            return Unscored(
                f"Only {rows.sum()} customers bought in the {lesson.cut.horizon_days} days from "
                f"{lesson.cut.as_of:%Y-%m-%d}; {MIN_BUYERS} are needed."
            )
    (earlier_rows, earlier), (rows, actual) = known
    shares = _shares(earlier, vocabulary)
    fitted = _fit(past.earlier.given.X[earlier_rows], earlier, shares, vocabulary, past)
    X = past.later.given.X[rows]
    predicted = np.argmax(fitted.predict_from(X, _start(X, vocabulary, shares)), axis=1)
    commonest = int(shares.argmax())
    counts = _bought(X, vocabulary)
    usual = np.where(counts.max(axis=1) > 0, counts.argmax(axis=1), commonest)
    figures = {
        "accuracy": float(np.mean(predicted == actual)),
        "accuracy_of_the_category_bought_most": float(np.mean(usual == actual)),
        "accuracy_of_the_commonest_category": float(np.mean(commonest == actual)),
    }
    cut = past.later.cut
    evaluation = Evaluation(
        int(rows.sum()),
        cut.as_of.isoformat(),
        cut.until.isoformat(),
        cut.horizon_days,
        figures,
        f"Right for {100 * figures['accuracy']:.0f} % of buyers; the category each had bought most "
        f"would have been for {100 * figures['accuracy_of_the_category_bought_most']:.0f} %.",
    )
    shares = _shares(actual, vocabulary)
    final = _fit(X, actual, shares, vocabulary, past)
    return CategoryModel(
        final, Vocabulary(vocabulary.categories), tuple(shares.tolist()), evaluation
    )


def _labels(lesson: Lesson, vocabulary: Vocabulary) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who bought a known category (n,), and which (of those)."""
    place = {name: number for number, name in enumerate(vocabulary.categories)}
    code = [place.get(name, -1) for name in lesson.outcomes.column("next_category").to_pylist()]
    codes = np.asarray(code, dtype=np.int64)
    return codes >= 0, codes[codes >= 0]


def _shares(code: NDArray[np.int64], vocabulary: Vocabulary) -> Floats:
    counts = np.bincount(code, minlength=len(vocabulary.categories)) + 1.0
    return np.asarray(counts / counts.sum())


def _bought(X: Matrix, vocabulary: Vocabulary) -> Floats:
    """How often each category was bought (n, categories)."""
    first = vocabulary.names.index(f"bought {vocabulary.categories[0]}")
    return np.nan_to_num(X[:, first : first + len(vocabulary.categories)]).astype(np.float64)


def _start(X: Matrix, vocabulary: Vocabulary, shares: Floats) -> Floats:
    """Each customer's share of the categories, everyone's counted as one purchase of theirs."""
    counts = _bought(X, vocabulary) + shares
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _fit(
    X: Matrix, code: NDArray[np.int64], shares: Floats, vocabulary: Vocabulary, past: Past
) -> Forecast:
    return fit_forecast(
        X,
        code.astype(np.float64),
        "multiclass",
        start=_start(X, vocabulary, shares),
        classes=len(vocabulary.categories),
        rounds=40,
        seed=past.seed,
        threads=past.threads,
    )
