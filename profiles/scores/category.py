"""`predicted_next_purchase_category`: the category most likely to be bought next.

Learned from those who order in the 90 days after: the category that most is spent on in their first
order. Someone of whom nothing is known is given what newcomers buy most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.scores.features import Prepared, Vocabulary
from profiles.scores.forecast import Forecast, fit_forecast
from profiles.scores.past import Lesson, Past
from profiles.scores.protocol import Evaluation, Unscored

MIN_BUYERS = 200


@dataclass(frozen=True)
class CategoryModel:
    forecast: Forecast
    categories: tuple[str, ...]
    evaluation: Evaluation

    def score(self, given: Prepared) -> pa.Array:
        likeliest = np.argmax(self.forecast.predict(given.X), axis=1)
        return pa.array(self.categories, pa.string()).take(pa.array(likeliest))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "category",
            "forecast": self.forecast.text,
            "categories": self.categories,
            "evaluation": self.evaluation.to_json(),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CategoryModel:
        return cls(
            Forecast(raw["forecast"]),
            tuple(raw["categories"]),
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
    fitted = _fit(past.earlier.given.X[earlier_rows], earlier, vocabulary, past)
    X = past.later.given.X[rows]
    predicted = np.argmax(fitted.predict(X), axis=1)
    # The features that count what was bought of each category, in the vocabulary's order.
    first = vocabulary.names.index(f"bought {vocabulary.categories[0]}")
    counts = np.nan_to_num(X[:, first : first + len(vocabulary.categories)])
    commonest = int(np.bincount(earlier).argmax())
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
    final = _fit(past.later.given.X[rows], actual, vocabulary, past)
    return CategoryModel(final, vocabulary.categories, evaluation)


def _labels(lesson: Lesson, vocabulary: Vocabulary) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who bought a known category (n,), and which (of those)."""
    place = {name: number for number, name in enumerate(vocabulary.categories)}
    code = [place.get(name, -1) for name in lesson.outcomes.column("next_category").to_pylist()]
    codes = np.asarray(code, dtype=np.int64)
    return codes >= 0, codes[codes >= 0]


def _fit(
    X: NDArray[np.float32], code: NDArray[np.int64], vocabulary: Vocabulary, past: Past
) -> Forecast:
    return fit_forecast(
        X,
        code.astype(np.float64),
        "multiclass",
        classes=len(vocabulary.categories),
        rounds=40,
        seed=past.seed,
        threads=past.threads,
    )
