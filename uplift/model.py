"""The learned model: scores customers, and goes to disk as LightGBM text and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
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
from uplift.boosting import Scored
from uplift.context import CAMPAIGN, in_campaign
from uplift.dataset import FloatArray, IntArray
from uplift.delivery import Delivery
from uplift.features import FeatureSpace
from uplift.policy import Economics, best_choice
from uplift.scoring import Forest

FORMAT = 4


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
    whose mean is the effect, or with `difference` the expected outcome under the arm."""

    baseline: lgb.Booster
    effect: Mapping[int, tuple[lgb.Booster, ...]]
    difference: bool = False

    @property
    def boosters(self) -> list[lgb.Booster]:
        """The baseline first, then the arms' in order."""
        return [self.baseline, *(part for parts in self.effect.values() for part in parts)]

    @cached_property
    def forest(self) -> Forest:
        """All boosters compiled, a column each."""
        return Forest.of(self.boosters)

    def parted(self, found: FloatArray, triggers: int) -> tuple[FloatArray, FloatArray]:
        """Baseline (n,) and raw effects (n, K) of predictions (n, boosters), NaN for arms without
        a model."""
        tau = np.full((len(found), triggers), np.nan)
        first = 1
        for place, parts in self.effect.items():
            tau[:, place - 1] = found[:, first : first + len(parts)].mean(axis=1)
            first += len(parts)
        baseline = found[:, 0]
        return baseline, tau - baseline[:, None] if self.difference else tau

    def contributions(self, matrix: NDArray[np.float32], place: int) -> FloatArray:
        """TreeSHAP values (n, features) of the raw effect of the arm at `place`."""
        parts = [part.predict(matrix, pred_contrib=True) for part in self.effect[place]]
        found = np.mean(parts, axis=0)
        if self.difference:
            found = found - self.baseline.predict(matrix, pred_contrib=True)
        return np.asarray(found[:, :-1])


@dataclass(frozen=True)
class ModelPart:
    """The models of one outcome and how their predictions are delivered."""

    models: EffectModels
    delivery: Delivery


@dataclass(frozen=True)
class UpliftModel:
    """Effects, net values and the best trigger of any customer.

    `arms` begins with "none". `conversion` models who buys where the outcome is money and
    redemptions cost something; it is None where the outcome itself says so. Where several
    campaigns were pooled, customers are scored as if addressed in `campaign`, the newest.
    """

    arms: tuple[str, ...]
    kind: OutcomeKind
    lower_is_better: bool
    features: FeatureSpace
    outcome: ModelPart
    conversion: ModelPart | None
    economics: Economics
    campaign: int | None = None
    n_jobs: int = 1

    @property
    def judged(self) -> tuple[str, ...]:
        """The triggers that had enough evidence."""
        return tuple(self.arms[place] for place in sorted(self.outcome.models.effect))

    def score(self, X: pd.DataFrame) -> Scores:
        """Score customers; X needs every training column, in any order, unseen levels allowed."""
        matrix = self.encode(X)
        return self._scores(lambda models: models.forest.score(matrix, n_jobs=self.n_jobs))

    def score_rows(self, rows: Scored) -> Scores:
        """Score rows of the model's features, wherever they lie, in the campaigns they name."""
        return self._scores(lambda models: rows.score(models.boosters))

    def encode(self, X: pd.DataFrame) -> NDArray[np.float32]:
        """The float32 matrix (n, features) of customers as they are scored."""
        asked = self.campaign is not None and CAMPAIGN not in X.columns
        return self.features.encode(in_campaign(X, self.campaign or 0) if asked else X)

    def _scores(self, predicted: Callable[[EffectModels], FloatArray]) -> Scores:
        triggers = len(self.arms) - 1
        baseline, tau = self.outcome.models.parted(predicted(self.outcome.models), triggers)
        effects = self.outcome.delivery.effects(tau)
        if self.conversion is None:
            conversions = self.outcome.delivery.base(baseline)[:, None] + effects
        else:
            models = self.conversion.models
            buying, lifts = models.parted(predicted(models), triggers)
            delivery = self.conversion.delivery
            conversions = delivery.base(buying)[:, None] + delivery.effects(lifts)
        net = self.economics.net_values(effects, conversions, self.lower_is_better)
        expected = self.outcome.delivery.expected(baseline)
        return Scores(effects, net, expected, best_choice(net))

    def personal_effects(self, X: pd.DataFrame) -> FloatArray:
        """The model's raw effects (n, K), before they are calibrated and shrunken."""
        models = self.outcome.models
        found = models.forest.score(self.encode(X), n_jobs=self.n_jobs)
        return models.parted(found, len(self.arms) - 1)[1]

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
            "campaign": self.campaign,
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
            campaign=description["campaign"],
            n_jobs=n_jobs,
        )


def _save_part(part: ModelPart, folder: Path, name: str) -> dict[str, Any]:
    part.models.baseline.save_model(folder / f"{name}_baseline.txt")
    for place, boosters in part.models.effect.items():
        for number, booster in enumerate(boosters):
            booster.save_model(folder / f"{name}_effect_{place}_{number}.txt")
    return {
        "effect": {str(place): len(parts) for place, parts in part.models.effect.items()},
        "difference": part.models.difference,
        "delivery": part.delivery.to_json(),
    }


def _load_part(description: Mapping[str, Any], folder: Path, name: str) -> ModelPart:
    return ModelPart(
        EffectModels(
            lgb.Booster(model_file=folder / f"{name}_baseline.txt"),
            {
                int(place): tuple(
                    lgb.Booster(model_file=folder / f"{name}_effect_{place}_{number}.txt")
                    for number in range(count)
                )
                for place, count in sorted(description["effect"].items(), key=lambda i: int(i[0]))
            },
            description["difference"],
        ),
        Delivery.from_json(description["delivery"]),
    )
