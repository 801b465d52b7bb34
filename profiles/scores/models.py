"""All scores of a workspace: fitted together, saved as one JSON text, applied bucket by bucket."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from profiles.scores.affinity import (
    FlagForecast,
    RankedForecast,
    fit_content,
    fit_exclusivity,
    fit_social_proof,
)
from profiles.scores.category import CategoryModel, fit_category
from profiles.scores.churn import ChurnModel, fit_churn
from profiles.scores.clv import ClvModel, fit_clv
from profiles.scores.features import Vocabulary, prepare
from profiles.scores.labels import EXCLUSIVE_TAG, Cut, Labelled
from profiles.scores.past import Past, Period, Plan, lesson
from profiles.scores.protocol import Evaluation, ScoreModel, Unscored
from profiles.scores.sensitivity import Exposed, SensitivityModel, fit_sensitivity

SCORES = pa.schema(
    {
        "clv_score": pa.float64(),
        "churn_probability_score": pa.float64(),
        "discount_sensitivity_score": pa.float64(),
        "free_shipping_sensitivity_score": pa.float64(),
        "social_proof_affinity": pa.float64(),
        "content_engagement_score": pa.float64(),
        "exclusivity_seeker_flag": pa.bool_(),
        "predicted_next_purchase_category": pa.string(),
    }
)

SENSITIVITIES = {
    "discount_sensitivity_score": "percentage_discount",
    "free_shipping_sensitivity_score": "free_shipping",
}
"""The trigger whose effect each sensitivity is, unless the exposures given say otherwise."""

MOST_CATEGORIES = 30

_KINDS: Mapping[str, Callable[[Mapping[str, Any]], ScoreModel]] = {
    "clv": ClvModel.from_json,
    "churn": ChurnModel.from_json,
    "ranked": RankedForecast.from_json,
    "flag": FlagForecast.from_json,
    "category": CategoryModel.from_json,
    "sensitivity": SensitivityModel.from_json,
}


@dataclass(frozen=True)
class ScoreModels:
    """A model for each score, or why there is none. `Vocabulary` and percentile tables are global:
    computed once here, and passed to every bucket."""

    vocabulary: Vocabulary
    models: Mapping[str, ScoreModel | Unscored] = field(default_factory=dict)

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        return {
            name: model.evaluation
            for name, model in self.models.items()
            if not isinstance(model, Unscored)
        }

    @property
    def reasons(self) -> dict[str, str]:
        """Why each score that is null is null."""
        return {
            name: model.reason for name, model in self.models.items() if isinstance(model, Unscored)
        }

    def to_json(self) -> str:
        models = {name: model.to_json() for name, model in self.models.items()}
        return json.dumps({"vocabulary": asdict(self.vocabulary), "models": models})

    @classmethod
    def from_json(cls, text: str) -> ScoreModels:
        raw = json.loads(text)
        vocabulary = Vocabulary(**{name: tuple(v) for name, v in raw["vocabulary"].items()})
        return cls(
            vocabulary,
            {
                name: Unscored(one["reason"])
                if one["kind"] == "unscored"
                else _KINDS[one["kind"]](one)
                for name, one in raw["models"].items()
            },
        )


def score_bucket(profiles: pa.Table, models: ScoreModels, *, threads: int = 2) -> pa.Table:
    """The profiles with the eight scores after their other fields; a score without a model is null.

    A pure function of the bucket: what is global lies in `models`.
    """
    given = prepare(profiles, models.vocabulary, threads=threads)
    for score in SCORES:
        model = models.models.get(score.name)
        column = (
            pa.nulls(profiles.num_rows, score.type)
            if model is None or isinstance(model, Unscored)
            else model.score(given).cast(score.type)
        )
        profiles = profiles.append_column(score, column)
    return profiles


def fit_scores(
    plan: Plan,
    labelled: Mapping[Cut, Labelled],
    now: pa.Table,
    *,
    as_of: datetime,
    products: pa.Table | None = None,
    exposed: Mapping[str, Sequence[Exposed]] | None = None,
    seed: int,
    threads: int = 1,
) -> ScoreModels:
    """Every score that the history allows, from nothing at or after `as_of`.

    `labelled` has each cut of the `plan` (`profiles.scores.past.plan_cuts`), for all customers or
    the buckets drawn as a sample; `now` are the profiles as of `as_of` of the same customers.
    `products` tells which are limited editions. `exposed` has, for each trigger that a sensitivity
    is of, the randomised campaigns that tried it. The same inputs and seed give the same models.
    """
    vocabulary = learn_vocabulary(labelled.values(), products)
    given = prepare(now, vocabulary, threads=threads)
    pasts = {
        period: Past(
            lesson(labelled[earlier], vocabulary, threads=threads),
            lesson(labelled[later], vocabulary, threads=threads),
            given,
            seed,
            threads,
        )
        for period, (earlier, later) in plan.items()
    }

    def fitted(
        period: Period, fit: Callable[[Past], ScoreModel | Unscored]
    ) -> ScoreModel | Unscored:
        if period not in pasts:
            return Unscored("The history is too short to learn from one period and measure on one.")
        return fit(pasts[period])

    models: dict[str, ScoreModel | Unscored] = {
        "clv_score": fitted(Period.VALUE, fit_clv),
        "churn_probability_score": fitted(Period.MONTH, fit_churn),
        "social_proof_affinity": fitted(Period.QUARTER, fit_social_proof),
        "content_engagement_score": fitted(Period.QUARTER, fit_content),
        "exclusivity_seeker_flag": fitted(Period.QUARTER, fit_exclusivity),
        "predicted_next_purchase_category": fitted(
            Period.QUARTER, lambda past: fit_category(past, vocabulary)
        ),
    }
    for name, trigger in SENSITIVITIES.items():
        campaigns = (exposed or {}).get(trigger, ())
        models[name] = fit_sensitivity(
            campaigns, vocabulary, given, as_of=as_of, seed=seed, threads=threads
        )
    return ScoreModels(vocabulary, {name: models[name] for name in SCORES.names})


def learn_vocabulary(labelled: Iterable[Labelled], products: pa.Table | None) -> Vocabulary:
    """The categories bought most, and the products of limited edition."""
    count = Counter(
        name
        for one in labelled
        for name in one.outcomes.column("next_category").to_pylist()
        if name is not None
    )
    most = sorted(count, key=lambda name: (-count[name], name))[:MOST_CATEGORIES]
    limited: list[str] = []
    if products is not None and "tags" in products.column_names:
        limited = [
            row["product_id"]
            for row in products.select(["product_id", "tags"]).to_pylist()
            if EXCLUSIVE_TAG in (row["tags"] or ())
        ]
    return Vocabulary(tuple(sorted(most)), tuple(sorted(limited)))
