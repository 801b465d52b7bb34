"""What sets customers apart, and what drives an effect: facts, every number from the data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import BadRequest, NotFound
from uplift.model import UpliftModel


class Comparison(StrEnum):
    """How a contrast's threshold or value is compared."""

    EQUAL = "eq"
    AT_LEAST = "gte"
    BELOW = "lt"
    MISSING = "is_null"


@dataclass(frozen=True)
class Contrast:
    """A share of the customers inside against that of those they are compared with.

    The fact reads: `inside_count` of `inside_n` have field `comparison` value, against
    `against_count` of `against_n`. Rows where the field is missing count as not having it.
    `z` is the two-sample z statistic of the two shares.
    """

    field: str
    comparison: Comparison
    value: float | str | bool | None
    inside_count: int
    inside_n: int
    against_count: int
    against_n: int
    z: float

    @property
    def inside_share(self) -> float:
        """Share of those inside."""
        return self.inside_count / self.inside_n

    @property
    def against_share(self) -> float:
        """Share of those they are compared with."""
        return self.against_count / self.against_n

    @property
    def strength(self) -> float:
        """Difference of the shares."""
        return self.inside_share - self.against_share


def contrast(
    X: pd.DataFrame,
    inside: NDArray[np.bool_],
    against: NDArray[np.bool_],
    limit: int = 10,
    least: float = 0.05,
    sure: float = 3.0,
) -> tuple[Contrast, ...]:
    """The facts that set the customers `inside` apart from those `against`, strongest first.

    One fact a column, the one with the largest difference of shares, told in the direction in
    which those inside have more. Facts with a difference below `least` or a |z| below `sure` are
    left out. Both masks (n,) must hold someone, else BadRequest.
    """
    if not inside.any() or not against.any():
        raise BadRequest(
            "One of the two groups to contrast is empty.",
            remedy="Contrast a segment that has members with customers outside it.",
        )
    found = []
    for name in X.columns:
        facts = [
            fact
            for fact in _facts(str(name), X[name], inside, against)
            if fact.strength >= least and abs(fact.z) >= sure
        ]
        if facts:
            found.append(max(facts, key=lambda fact: fact.strength))
    return tuple(sorted(found, key=lambda fact: (-fact.strength, fact.field))[:limit])


def _facts(
    name: str, column: pd.Series, inside: NDArray[np.bool_], against: NDArray[np.bool_]
) -> list[Contrast]:
    facts = []
    missing = column.isna().to_numpy()
    if missing.any():
        facts.append(_fact(name, Comparison.MISSING, None, missing, inside, against))
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        for code, level in enumerate(column.cat.categories):
            facts.append(_fact(name, Comparison.EQUAL, str(level), codes == code, inside, against))
        return facts
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.unique(values[~missing & (inside | against)])
    if len(known) <= 2 and set(known.tolist()) <= {0.0, 1.0}:
        boolean = pd.api.types.is_bool_dtype(column.dtype)
        for value in known.tolist():
            told = bool(value) if boolean else value
            facts.append(_fact(name, Comparison.EQUAL, told, values == value, inside, against))
        return facts
    for threshold in _thresholds(values[~missing & (inside | against)]):
        above = values >= threshold
        facts.append(_fact(name, Comparison.AT_LEAST, threshold, above, inside, against))
        facts.append(_fact(name, Comparison.BELOW, threshold, ~above & ~missing, inside, against))
    return facts


def _thresholds(values: NDArray[np.float64]) -> list[float]:
    """Up to nine thresholds near the deciles, rounded to two significant digits so that a person
    can read them; those with nobody on one side are left out."""
    if not len(values):
        return []
    deciles = np.quantile(values, np.arange(1, 10) / 10)
    rounded = sorted({float(f"{decile:.2g}") for decile in deciles})
    return [edge for edge in rounded if values.min() < edge <= values.max()]


def _fact(
    name: str,
    comparison: Comparison,
    value: float | str | bool | None,
    has: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    against: NDArray[np.bool_],
) -> Contrast:
    counts = int(np.count_nonzero(has & inside)), int(np.count_nonzero(has & against))
    sizes = int(np.count_nonzero(inside)), int(np.count_nonzero(against))
    shares = counts[0] / sizes[0], counts[1] / sizes[1]
    pooled = sum(counts) / sum(sizes)
    error = np.sqrt(pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]))
    z = 0.0 if error == 0 else float((shares[0] - shares[1]) / error)
    return Contrast(name, comparison, value, counts[0], sizes[0], counts[1], sizes[1], z)


@dataclass(frozen=True)
class Driver:
    """A field's part in the predicted effect of a trigger.

    `strength` is the mean absolute TreeSHAP value in the outcome's units; `direction` the rank
    correlation of the field with its SHAP value (None for categories and constant fields), above
    0 where more of the field means more effect.
    """

    field: str
    strength: float
    direction: float | None


def drivers(model: UpliftModel, X: pd.DataFrame, arm: str) -> tuple[Driver, ...]:
    """The fields that drive the effect of a trigger among the customers X, strongest first.

    TreeSHAP (Lundberg et al. 2020) of the effect model, not of an outcome model: what changes the
    effect, not what predicts buying. Values are as delivered: calibrated and shrunken, so that a
    model that does not personalise has none. Raises NotFound for a trigger that was not judged.
    """
    values = shap_values(model, X, arm)
    strength = np.abs(values).mean(axis=0)
    matrix = model.encode(X)
    found = []
    for place in np.argsort(-strength, kind="stable"):
        if strength[place] <= 0:
            break
        direction = None
        if int(place) not in model.features.categorical:
            direction = _rank_correlation(matrix[:, place], values[:, place])
        found.append(Driver(model.features.names[place], float(strength[place]), direction))
    return tuple(found)


def shap_values(model: UpliftModel, X: pd.DataFrame, arm: str) -> NDArray[np.float64]:
    """TreeSHAP values (n, features) of a trigger's delivered effect, in the outcome's units."""
    place = model.arms.index(arm) if arm in model.judged else 0
    if place == 0:
        raise NotFound(
            f"The model has no effect of {arm!r}; it has of {', '.join(model.judged)}.",
            remedy="Name a trigger that was judged.",
            field="arm",
        )
    raw = model.outcome.models.contributions(model.encode(X), place)
    delivery = model.outcome.delivery
    heard = delivery.heard(model.personal_effects(X))[:, place - 1]
    return np.asarray(raw * delivery.weight * delivery.slope[place - 1] * heard[:, None])


def _rank_correlation(field: NDArray[np.float32], value: NDArray[np.float64]) -> float | None:
    known = ~np.isnan(field)
    if known.sum() < 3:
        return None
    ranks = pd.Series(field[known]).rank(), pd.Series(value[known]).rank()
    if ranks[0].nunique() < 2 or ranks[1].nunique() < 2:
        return None
    return float(ranks[0].corr(ranks[1]))
