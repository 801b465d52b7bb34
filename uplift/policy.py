"""From effects to a choice: net values, the best arm, and how far personalising is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import BadRequest
from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import Estimate, policy_difference


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


@dataclass(frozen=True)
class Mixture:
    """How far personal effects are trusted: with `weight` (1 wholly, 0 not at all), and nowhere
    among the `quiet` share of customers whose effect is nearest to the average."""

    weight: float
    quiet: float = 0.0


NOT_PERSONAL = Mixture(0.0)


@dataclass(frozen=True)
class Delivery:
    """How a model's raw effects become the delivered ones.

    effect_a(x) = average_a + weight x slope_a x soft(tau_a(x) - centre_a, quiet_a), where
    soft(d, q) = sign(d) max(|d| - q, 0): a mixture of the average effect (weight 0: the best
    constant arm for everyone) and the calibrated personal one (weight 1). Where a raw effect lies
    within `quiet` of its centre the average stands: in a region where the model knows nothing all
    customers are treated alike. `base_average` and `base_centre` shrink the expected outcome
    without a trigger as `weight` does.
    """

    weight: float
    average: tuple[float, ...]
    slope: tuple[float, ...]
    centre: tuple[float, ...]
    quiet: tuple[float, ...]
    base_average: float
    base_centre: float

    def effects(self, tau: FloatArray) -> FloatArray:
        """Delivered effects (n, K) of raw ones (n, K)."""
        personal = (tau - np.asarray(self.centre)) * self.heard(tau)
        return np.asarray(
            np.asarray(self.average) + self.weight * np.asarray(self.slope) * personal
        )

    def heard(self, tau: FloatArray) -> FloatArray:
        """The share (n, K) of each raw effect's distance to its centre that is beyond `quiet`."""
        distance = np.abs(tau - np.asarray(self.centre))
        beyond = np.maximum(distance - np.asarray(self.quiet), 0)
        return np.asarray(
            np.divide(beyond, distance, out=np.zeros_like(distance), where=distance > 0)
        )

    def mixed(self, mixture: Mixture, tau: FloatArray) -> Delivery:
        """The same calibration in another mixture, its quiet share taken of raw effects (n, K)."""
        distance = np.abs(tau - np.asarray(self.centre))
        quiet = np.quantile(distance, mixture.quiet, axis=0) if mixture.quiet else self.quiet
        return replace(self, weight=mixture.weight, quiet=tuple(map(float, quiet)))

    def base(self, mu: FloatArray) -> FloatArray:
        """Delivered expected outcome without a trigger (n,), shrunken as the effects are."""
        return np.asarray(self.base_average + self.weight * (mu - self.base_centre))

    def expected(self, mu: FloatArray) -> FloatArray:
        """Expected outcome without a trigger (n,), wholly personal, its average unbiased."""
        return np.asarray(self.base_average + mu - self.base_centre)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; NaN (an arm that was not judged) becomes null."""
        return {
            key: [None if np.isnan(item) else item for item in value]
            if isinstance(value, tuple)
            else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Delivery:
        """What `to_json` wrote."""
        columns = {
            key: tuple(np.nan if item is None else float(item) for item in value[key])
            for key in ("average", "slope", "centre", "quiet")
        }
        return cls(
            weight=value["weight"],
            base_average=value["base_average"],
            base_centre=value["base_centre"],
            **columns,
        )


@dataclass(frozen=True)
class MixtureTrial:
    """One mixture and what it gained, out of fold, over the best constant arm.

    `responders` of the customers who would be moved bear witness to the gain.
    """

    mixture: Mixture
    gain: Estimate
    responders: int


def choose_mixture(
    choices: Mapping[Mixture, NDArray[np.int64]],
    constant: NDArray[np.int64],
    net_scores: FloatArray,
    cluster: NDArray[Any] | None,
    arm: IntArray,
    responded: NDArray[np.bool_],
    caution: float = 1.645,
    responders: int = 30,
) -> tuple[Mixture, tuple[MixtureTrial, ...]]:
    """The first mixture whose choices (n,) gain over the constant ones beyond noise, if any.

    `net_scores` (n, K + 1) are out-of-fold AIPW scores of the net value, "none" first. A mixture
    earns its place by gain - caution x standard error above 0, the paired error of its difference
    to the constant policy. `choices` begin with the most personal one, and the first that earns its
    place is taken: the wholly personal effects are the best estimate there is, and a more cautious
    mixture would win by its smaller error alone. It gets its chance where they lose too much in
    regions of which the model knows nothing.
    A gain is not believed either where fewer than `responders` of the customers who would be
    moved, and who got (`arm`, (n,)) one of the two arms compared, have responded: on a rare or
    heavy-tailed outcome a handful of buyers makes a gain whose error can't be trusted.
    """
    trials = []
    for mixture, choice in choices.items():
        moved = (choice != constant) & ((arm == choice) | (arm == constant))
        trials.append(
            MixtureTrial(
                mixture,
                policy_difference(net_scores, choice, constant, cluster),
                int(np.count_nonzero(moved & responded)),
            )
        )
    earned = (
        trial.mixture
        for trial in trials
        if trial.gain.se > 0
        and trial.responders >= responders
        and trial.gain.value > caution * trial.gain.se
    )
    return next(earned, NOT_PERSONAL), tuple(trials)
