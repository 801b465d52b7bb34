"""How safely a trigger is recommended to one customer, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from uplift.context import CAMPAIGN
from uplift.dataset import FloatArray, IntArray
from uplift.model import UpliftModel
from uplift.policy import best_choice, with_none


@dataclass(frozen=True)
class Standings:
    """How safely a trigger is recommended to each of n customers.

    `choice` and `runner_up` (n,) are arms, 0 for none; `margin` (n,) is the net value by which the
    choice leads. The recommendation changes when the choice's net value falls by more than
    `margin`, for instance because it costs that much more.
    """

    choice: IntArray
    runner_up: IntArray
    margin: FloatArray


def standings(net_values: FloatArray) -> Standings:
    """Choice, runner-up and margin of each customer from net values (n, K); none counts 0."""
    values = with_none(np.where(np.isnan(net_values), -np.inf, net_values))
    order = np.argsort(-values, axis=1, kind="stable")
    rows = np.arange(len(values))
    first, second = order[:, 0], order[:, 1]
    return Standings(first, second, values[rows, first] - values[rows, second])


@dataclass(frozen=True)
class Change:
    """A single field's new value at which the model would recommend another arm.

    `distance` says how far that is, from 0 to 1: of a number the share of the reference customers
    between the two values, of a level the share of those who do not have it, from a missing value
    1.
    """

    field: str
    value: float | str
    choice: int
    distance: float


def changes(
    model: UpliftModel,
    customer: pd.DataFrame,
    reference: pd.DataFrame,
    among: Sequence[str] | None = None,
) -> list[Change]:
    """What would change the recommendation of one customer (a frame of one row), nearest first.

    Each field is set, alone, to the deciles or levels seen in `reference`; the nearest value that
    changes the recommendation is reported, a field at most once. `among` names the triggers to
    choose among, all that were judged without it. It describes the model, not what the customer
    would do if the field could be changed.
    """
    fields = [name for name in model.features.names if name != CAMPAIGN]
    values = {
        name: _other_values(model, customer[name].iloc[0], reference[name]) for name in fields
    }
    trials = sum(map(len, values.values()))
    columns = {
        name: np.repeat(customer[name].astype(object).to_numpy(), trials + 1) for name in fields
    }
    first = 1
    for name, others in values.items():
        columns[name][first : first + len(others)] = others
        first += len(others)
    frame = pd.DataFrame(columns)
    numbers = [name for name in fields if name not in model.features.levels]
    choice = best_choice(_net_values(model, frame.astype(dict.fromkeys(numbers, float)), among))
    found, first = [], 1
    for name, others in values.items():
        chosen = choice[first : first + len(others)]
        first += len(others)
        other = np.flatnonzero(chosen != choice[0])
        if len(other):
            value = others[other[0]]
            distance = _distance(customer[name].iloc[0], value, reference[name])
            found.append(Change(name, value, int(chosen[other[0]]), distance))
    return sorted(found, key=lambda change: (change.distance, change.field))


def _net_values(model: UpliftModel, X: pd.DataFrame, among: Sequence[str] | None) -> FloatArray:
    net = model.score(X).net_values
    if among is not None:
        left_out = [place for place, arm in enumerate(model.arms[1:]) if arm not in among]
        net[:, left_out] = np.nan
    return net


def _other_values(model: UpliftModel, current: Any, column: pd.Series[Any]) -> list[float | str]:
    """Levels, or the deciles seen, the nearest first, without the current value."""
    name = str(column.name)
    if name in model.features.levels:
        return [level for level in model.features.levels[name] if level != str(current)]
    known = column.dropna().to_numpy(dtype=np.float64)
    if not len(known):
        return []
    deciles = np.unique(np.quantile(known, np.arange(11) / 10, method="lower"))
    at = 0.0 if pd.isna(current) else float(current)
    nearest = sorted(deciles.tolist(), key=lambda value: abs(value - at))
    return [value for value in nearest if pd.isna(current) or value != at]


def _distance(current: Any, value: float | str, column: pd.Series[Any]) -> float:
    if pd.isna(current):
        return 1.0
    if isinstance(value, str):
        return float((column.astype(object).map(str) != value).mean())
    known = column.dropna().to_numpy(dtype=np.float64)
    low, high = sorted((float(current), value))
    return float(np.mean((known >= low) & (known < high)))
