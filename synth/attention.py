"""Mail and attention: when newsletters go out, and whether a message is opened and clicked."""

from __future__ import annotations

import numpy as np

from synth.chance import Floats
from synth.population import Population

NEWSLETTER_REACH = 0.8
"""What share of those who consented is sent an issue."""
_FIRST_NEWSLETTER = 20 + 10 / 24  # at ten in the morning
_NEWSLETTER_EVERY = 75.0
_GONE = 0.1
"""How often those who have stopped buying still open, against before."""


def newsletters(since: float, until: float) -> list[tuple[int, float]]:
    """`(issue, day)` of the newsletters of a span of days."""
    first = max(0, int(np.ceil((since - _FIRST_NEWSLETTER) / _NEWSLETTER_EVERY)))
    last = int(np.ceil((until - _FIRST_NEWSLETTER) / _NEWSLETTER_EVERY))
    return [(issue, _FIRST_NEWSLETTER + issue * _NEWSLETTER_EVERY) for issue in range(first, last)]


def opens(people: Population, day: float) -> Floats:
    """The probability that each customer opens a message sent on a day: by engagement, and hardly
    any more after they have stopped buying."""
    chance: Floats = people.attention * np.where(people.dies > day, 1.0, _GONE)
    return chance


def clicks(people: Population) -> Floats:
    """The probability that each customer clicks in a message once it is open."""
    chance: Floats = 1 / (1 + np.exp(1.6 - 0.8 * people.traits["openness"]))
    return chance
