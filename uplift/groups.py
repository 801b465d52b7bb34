"""Held-out customers of like predicted effect: the interval that a single customer can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.errors import NotFound
from uplift.dataset import FloatArray, IntArray
from uplift.evaluation import LEVEL, Estimate, mean_estimate
from uplift.ranking import effect_bins

ROWS_A_GROUP = 50
"""Least treated and least held-out rows expected in a group."""


@dataclass(frozen=True)
class ArmGroups:
    """One trigger's groups: inner edges of the delivered effect, and each group's estimate.

    A customer whose delivered effect equals an edge belongs to the group above it.
    """

    edges: tuple[float, ...]
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class EffectGroups:
    """Every judged trigger's groups of reporting customers with like delivered effects."""

    arms: Mapping[str, ArmGroups]

    def look_up(self, arm: str, effects: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Estimate, low and high (n,) of the groups into which delivered effects (n,) fall.

        Raises NotFound for a trigger that was not judged.
        """
        if arm not in self.arms:
            raise NotFound(
                f"There are no groups of {arm!r}; there are of {', '.join(self.arms) or 'none'}.",
                remedy="Only judged triggers have groups.",
                field="arm",
            )
        groups = self.arms[arm]
        place = np.searchsorted(np.array(groups.edges), effects, side="right")
        columns = ("value", "low", "high")
        value, low, high = (
            np.array([getattr(estimate, column) for estimate in groups.estimates])[place]
            for column in columns
        )
        return value, low, high

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            arm: {
                "edges": list(groups.edges),
                "estimates": [asdict(estimate) for estimate in groups.estimates],
            }
            for arm, groups in self.arms.items()
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> EffectGroups:
        """What `to_json` wrote."""
        return cls(
            {
                arm: ArmGroups(
                    tuple(groups["edges"]),
                    tuple(Estimate(**estimate) for estimate in groups["estimates"]),
                )
                for arm, groups in value.items()
            }
        )


def effect_groups(
    effects: FloatArray,
    gamma: FloatArray,
    arm: IntArray,
    arms: tuple[str, ...],
    cluster: NDArray[Any] | None = None,
    level: float = LEVEL,
) -> EffectGroups:
    """Group held-out rows by delivered effect (n, K), up to ten groups a judged trigger.

    `gamma` (n, K + 1) are AIPW scores of the same rows and `arm` (n,) what they got; a trigger
    with few rows gets fewer groups, so that each holds about ROWS_A_GROUP treated and controls.
    Rows on which a trigger was not on offer (NaN in `gamma`) are in none of its groups.
    """
    found: dict[str, ArmGroups] = {}
    for place, name in enumerate(arms[1:], start=1):
        column = effects[:, place - 1]
        if not np.isfinite(gamma[:, place]).any() or np.isnan(column).any():
            continue
        known = np.isfinite(gamma[:, place])
        column = column[known]
        contrast = gamma[known, place] - gamma[known, 0]
        unit = None if cluster is None else cluster[known]
        fewest = min(np.count_nonzero(arm[known] == place), np.count_nonzero(arm[known] == 0))
        edges = effect_bins(column, int(np.clip(fewest // ROWS_A_GROUP, 1, 10)))
        group = np.searchsorted(edges, column, side="right")
        found[name] = ArmGroups(
            tuple(edges.tolist()),
            tuple(
                mean_estimate(
                    contrast[group == g], None if unit is None else unit[group == g], level
                )
                for g in range(len(edges) + 1)
            ),
        )
    return EffectGroups(found)
