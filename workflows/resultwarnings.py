"""What spoils a comparison of those addressed with those held out, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from domain.results import SampleRatio
from uplift.design import ALARM, ratio_p_value
from uplift.lift import Moments

LEAST = 10
"""Customers with the outcome that each of two arms needs: with fewer its variance is a guess."""


def sample_ratio(chances: Mapping[str, float], sizes: Mapping[str, int]) -> SampleRatio:
    """Whether arms' sizes fit the chances that they were drawn with; not all may be empty."""
    counts = np.array([sizes.get(arm, 0) for arm in chances])
    expected = np.array([list(chances.values())]) * counts.sum()
    p_value = ratio_p_value(counts, expected)
    return SampleRatio(p_value=p_value, sound=p_value >= ALARM)


def uneven(ratio: SampleRatio, sizes: Mapping[str, int], what: str) -> Sequence[str]:
    """`what` are the arms' sizes."""
    if ratio.sound:
        return []
    listed = ", ".join(f"{arm} {size:,}" for arm, size in sizes.items())
    return [
        f"{what} ({listed}) do not fit the chances they were drawn with "
        f"(p = {ratio.p_value:.2g}): customers were lost from one arm, and the lift can't be "
        "trusted."
    ]


def unfair(outcome: str, treated: Moments | None, control: Moments | None, sent: int) -> list[str]:
    """`sent` of the control were sent something; None stands for no customers."""
    found = []
    if sent:
        found.append(
            f"{sent:,} customers who are held out were sent something: the lift is "
            "smaller than it would have been."
        )
    if treated is not None and treated.some >= 5 * LEAST and not (control and control.some):
        found.append(
            f"No {outcome} of anybody held out was reported. Report what all customers "
            "do, also of those whom no message reached: otherwise the lift is only an artefact."
        )
    return found


def nothing_sent(sent: int, elapsed: float) -> Sequence[str]:
    """`sent` of the treated were sent something within `elapsed` days."""
    if sent or elapsed < 1:
        return []
    return [
        "Nothing was reported as sent (POST /api/v1/deliveries): if nothing was, there is no "
        "effect to measure."
    ]
