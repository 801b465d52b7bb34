"""How far personal effects are trusted, and the effects that are delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import Estimate, policy_difference


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
