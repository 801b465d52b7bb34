"""Is there enough evidence on an arm to say anything about it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from uplift.dataset import UpliftDataset


@dataclass(frozen=True)
class EvidenceRule:
    """What an arm and the control need before anything is said about them."""

    treated: int = 50
    responders: int = 15
    control: int = 30
    control_responders: int = 5


@dataclass(frozen=True)
class Judged:
    """An arm with enough evidence; `responders` are rows with a nonzero outcome."""

    arm: str
    treated: int
    responders: int


@dataclass(frozen=True)
class NotEnoughEvidence:
    """An expected impossibility: what was asked can't be judged, and `reason` says why."""

    arm: str
    treated: int
    responders: int
    reason: str


def evidence(
    dataset: UpliftDataset, minimum: EvidenceRule | None = None
) -> dict[str, Judged | NotEnoughEvidence]:
    """Whether each arm, the control included, has enough treated rows and responders."""
    rule = minimum or EvidenceRule()
    judgements: dict[str, Judged | NotEnoughEvidence] = {}
    for place, name in enumerate(dataset.arms):
        outcomes = dataset.outcome[dataset.arm == place]
        treated, responders = len(outcomes), int(np.count_nonzero(outcomes))
        needed, responding = (
            (rule.control, rule.control_responders)
            if place == 0
            else (rule.treated, rule.responders)
        )
        if treated >= needed and responders >= responding:
            judgements[name] = Judged(name, treated, responders)
            continue
        who = "held-out customers" if place == 0 else "customers who got it"
        judgements[name] = NotEnoughEvidence(
            name,
            treated,
            responders,
            f"Not enough evidence on {name!r}: {treated} {who} and {responders} responders, "
            f"where {needed} and {responding} are needed.",
        )
    return judgements
