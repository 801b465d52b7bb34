"""From effects to a choice: net values, the best arm, and how far personalising is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from domain.errors import BadRequest
from uplift.dataset import FloatArray, IntArray


@dataclass(frozen=True)
class Economics:
    """What a unit of the outcome is worth and what the triggers cost.

    `value_per_unit` None leaves net values in the outcome's own units, costs ignored. `unit_cost`
    (K,) is paid for every send, `redemption_cost` (K,) for every conversion under the trigger,
    also of those who would have bought anyway.
    """

    value_per_unit: float | None
    unit_cost: tuple[float, ...]
    redemption_cost: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.unit_cost) != len(self.redemption_cost):
            raise BadRequest(
                f"There are {len(self.unit_cost)} unit costs and "
                f"{len(self.redemption_cost)} redemption costs.",
                remedy="Give one of each a trigger.",
                field="redemption_cost",
            )
        costs = (*self.unit_cost, *self.redemption_cost)
        if not all(np.isfinite(cost) and cost >= 0 for cost in costs):
            raise BadRequest(
                f"The costs {list(costs)} are not all finite and from 0.",
                remedy="Give what a send and a redemption cost in the shop's currency.",
                field="unit_cost",
            )
        if self.value_per_unit is not None and not 0 < self.value_per_unit < np.inf:
            raise BadRequest(
                f"The value of one unit is {self.value_per_unit}, not above 0.",
                remedy="Give the margin that one unit of the outcome brings, or none.",
                field="value_per_unit",
            )

    @classmethod
    def free(cls, triggers: int) -> Economics:
        """No values and no costs: net values are the effects themselves."""
        return cls(None, (0.0,) * triggers, (0.0,) * triggers)

    @property
    def money(self) -> bool:
        """Whether net values are in the shop's currency."""
        return self.value_per_unit is not None

    @property
    def redeemed(self) -> bool:
        """Whether conversions cost anything, so that they must be known."""
        return self.money and any(cost > 0 for cost in self.redemption_cost)

    def net_values(
        self, effects: FloatArray, conversions: FloatArray, lower_is_better: bool = False
    ) -> FloatArray:
        """Net value (n, K) of each trigger against none.

        value x effect - unit cost - redemption cost x conversions under the trigger, where
        `effects` and `conversions` are (n, K). Linear in both, so that AIPW scores go through it
        as predictions do. For a lower-is-better outcome the effect counts with its sign turned.
        """
        gain = -effects if lower_is_better else effects
        if self.value_per_unit is None:
            return np.asarray(gain, dtype=np.float64)
        paid = np.asarray(self.unit_cost)
        if self.redeemed:
            paid = paid + np.asarray(self.redemption_cost) * conversions
        return np.asarray(self.value_per_unit * gain - paid)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Economics:
        """What `to_json` wrote."""
        return cls(
            value["value_per_unit"], tuple(value["unit_cost"]), tuple(value["redemption_cost"])
        )


def best_choice(net: FloatArray) -> IntArray:
    """(n,) the arm with the highest net value (n, K), 0 ("none") where none is above 0.

    NaN (an arm that was not judged) never wins; of equals the first does.
    """
    filled = np.where(np.isnan(net), -np.inf, net)
    best = filled.argmax(axis=1)
    return np.where(filled[np.arange(len(net)), best] > 0, best + 1, 0).astype(np.int64)


def with_none(net: FloatArray) -> FloatArray:
    """Net values or scores (n, K) with the column of "none", 0, put first: (n, K + 1)."""
    return np.hstack([np.zeros((len(net), 1)), net])
