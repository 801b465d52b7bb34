"""The learned model: scores customers, and goes to disk as LightGBM text and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import NotFound
from domain.experiment import OutcomeKind
from uplift.dataset import FloatArray, IntArray
from uplift.features import FeatureSpace
from uplift.policy import Delivery, Economics, best_choice
from uplift.scoring import Forest

FORMAT = 2


@dataclass(frozen=True)
class Scores:
    """What a model says of n customers and K triggers.

    `effects` (n, K) in the outcome's units, `net_values` (n, K) against none, `baseline` (n,) the
    expected outcome without a trigger, `best` (n,) the recommended arm, 0 for none. Triggers
    that were not judged hold NaN and are never best.
    """

    effects: FloatArray
    net_values: FloatArray
    baseline: FloatArray
    best: IntArray


@dataclass(frozen=True)
class EffectModels:
    """The boosters of one outcome: expected outcome without a trigger, and by arm (from 1) those
    whose mean is the effect."""

    baseline: lgb.Booster
    effect: Mapping[int, tuple[lgb.Booster, ...]]

    @cached_property
    def forest(self) -> Forest:
        """All boosters compiled: the baseline's column first, then the arms' in order."""
        parts = [part for parts in self.effect.values() for part in parts]
        return Forest.of([self.baseline, *parts])

    def predict(
        self, matrix: NDArray[np.float32], triggers: int, n_jobs: int
    ) -> tuple[FloatArray, FloatArray]:
        """Baseline (n,) and raw effects (n, K), NaN for arms without a model."""
        found = self.forest.score(matrix, n_jobs=n_jobs)
        tau = np.full((len(matrix), triggers), np.nan)
        first = 1
        for place, parts in self.effect.items():
            tau[:, place - 1] = found[:, first : first + len(parts)].mean(axis=1)
            first += len(parts)
        return found[:, 0], tau


@dataclass(frozen=True)
class Part:
    """The models of one outcome and how their predictions are delivered."""

    models: EffectModels
    delivery: Delivery


@dataclass(frozen=True)
class UpliftModel:
    """Effects, net values and the best trigger of any customer.

    `arms` begins with "none". `conversion` models who buys where the outcome is money and
    redemptions cost something; it is None where the outcome itself says so.
    """

    arms: tuple[str, ...]
    kind: OutcomeKind
    lower_is_better: bool
    features: FeatureSpace
    outcome: Part
    conversion: Part | None
    economics: Economics
    n_jobs: int = 1

    @property
    def judged(self) -> tuple[str, ...]:
        """The triggers that had enough evidence."""
        return tuple(self.arms[place] for place in sorted(self.outcome.models.effect))

    def score(self, X: pd.DataFrame) -> Scores:
        """Score customers; X needs every training column, in any order, unseen levels allowed."""
        return self.score_matrix(self.features.encode(X))

    def score_matrix(self, matrix: NDArray[np.float32]) -> Scores:
        """Score rows that `features.encode` made."""
        triggers = len(self.arms) - 1
        baseline, tau = self.outcome.models.predict(matrix, triggers, self.n_jobs)
        effects = self.outcome.delivery.effects(tau)
        if self.conversion is None:
            conversions = self.outcome.delivery.base(baseline)[:, None] + effects
        else:
            buying, lifts = self.conversion.models.predict(matrix, triggers, self.n_jobs)
            delivery = self.conversion.delivery
            conversions = delivery.base(buying)[:, None] + delivery.effects(lifts)
        net = self.economics.net_values(effects, conversions, self.lower_is_better)
        expected = self.outcome.delivery.expected(baseline)
        return Scores(effects, net, expected, best_choice(net))

    def personal_effects(self, X: pd.DataFrame) -> FloatArray:
        """The model's raw effects (n, K), before they are calibrated and shrunken."""
        matrix = self.features.encode(X)
        return self.outcome.models.predict(matrix, len(self.arms) - 1, self.n_jobs)[1]

    def save(self, folder: Path) -> None:
        """Write `model.json` and one LightGBM text a booster into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        description = {
            "format": FORMAT,
            "arms": list(self.arms),
            "kind": self.kind.value,
            "lower_is_better": self.lower_is_better,
            "features": self.features.to_json(),
            "economics": self.economics.to_json(),
            "outcome": _save_part(self.outcome, folder, "outcome"),
            "conversion": None
            if self.conversion is None
            else _save_part(self.conversion, folder, "conversion"),
        }
        text = json.dumps(description, indent=1, sort_keys=True, allow_nan=False)
        (folder / "model.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, n_jobs: int = 1) -> Self:
        """The model that `save` wrote; raises NotFound where there is none."""
        path = folder / "model.json"
        if not path.is_file():
            raise NotFound(f"There is no model in {folder}.", remedy="Train one first.")
        description = json.loads(path.read_text(encoding="utf-8"))
        if description["format"] != FORMAT:
            raise NotFound(
                f"The model in {folder} has the format {description['format']}, not {FORMAT}.",
                remedy="Train it again with this version.",
            )
        conversion = description["conversion"]
        return cls(
            arms=tuple(description["arms"]),
            kind=OutcomeKind(description["kind"]),
            lower_is_better=description["lower_is_better"],
            features=FeatureSpace.from_json(description["features"]),
            outcome=_load_part(description["outcome"], folder, "outcome"),
            conversion=None if conversion is None else _load_part(conversion, folder, "conversion"),
            economics=Economics.from_json(description["economics"]),
            n_jobs=n_jobs,
        )


def _save_part(part: Part, folder: Path, name: str) -> dict[str, Any]:
    part.models.baseline.save_model(folder / f"{name}_baseline.txt")
    for place, boosters in part.models.effect.items():
        for number, booster in enumerate(boosters):
            booster.save_model(folder / f"{name}_effect_{place}_{number}.txt")
    return {
        "effect": {str(place): len(parts) for place, parts in part.models.effect.items()},
        "delivery": part.delivery.to_json(),
    }


def _load_part(description: Mapping[str, Any], folder: Path, name: str) -> Part:
    return Part(
        EffectModels(
            lgb.Booster(model_file=folder / f"{name}_baseline.txt"),
            {
                int(place): tuple(
                    lgb.Booster(model_file=folder / f"{name}_effect_{place}_{number}.txt")
                    for number in range(count)
                )
                for place, count in sorted(description["effect"].items(), key=lambda i: int(i[0]))
            },
        ),
        Delivery.from_json(description["delivery"]),
    )
