"""What customers do in the shop without being asked: sessions and what happens in them.

Sessions here owe nothing to campaigns or orders. Each trait shows in them as a frequency: a mind
for shipping cost in carts left at the shipping step, curiosity in reading, conformity in looks at
the bestsellers, status in wish lists, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.chance import Flags, Floats, Ints, Stream, exponential, normal, poisson, uniform
from synth.population import Population, activity
from synth.ragged import chronological, spread
from synth.rhythm import Rhythm

STEPS = ("cart", "shipping", "payment")
"""Where a cart is left."""


@dataclass(frozen=True)
class Sessions:
    """Rows sorted by owner, then by time; flags say what happened in the session."""

    owner: Ints
    day: Floats
    number: Ints
    """The session's own number within its owner, by which its further draws are keyed."""
    seconds: Ints
    views: Ints
    read: Flags
    bestsellers: Flags
    wished: Flags
    cart_left: Flags
    step: Ints
    """Index into STEPS, meaningful where a cart was left."""


def process(
    people: Population,
    rate: Floats,
    rhythm: Rhythm,
    until: float,
    counts: Stream,
    times: Stream,
) -> tuple[Ints, Ints, Floats]:
    """`(owner, number, day)` of a Poisson process at `rate` on the shop's clock, while active."""
    start, end = (rhythm.clock(day) for day in activity(people, until))
    length = np.maximum(end - start, 0.0)
    owner, number = spread(poisson(people.key, counts, rate * length))
    u = uniform(people.key[owner], times, number)
    return owner, number, rhythm.day(start[owner] + u * length[owner])


def browse(people: Population, rhythm: Rhythm, until: float) -> Sessions:
    """All unprompted sessions of the history, which lasts `until` that day."""
    owner, number, day = process(
        people, people.session_rate, rhythm, until, Stream.SESSIONS, Stream.SESSION_TIME
    )
    order = chronological(owner, day)
    owner, number, day = owner[order], number[order], day[order]
    key = people.key[owner]
    z = {name: value[owner] for name, value in people.traits.items()}

    def happens(n: int, log_odds: Floats) -> Flags:
        return uniform(key, Stream.SESSION, 16 * number + n) < 1.0 / (1.0 + np.exp(-log_odds))

    weight = np.stack([np.exp(1.1 * z["price"]), np.exp(1.5 * z["shipping"]), np.full(len(day), 1)])
    share = np.cumsum(weight / (weight[0] + weight[1] + weight[2]), axis=0)
    v = uniform(key, Stream.SESSION, 16 * number + 8)
    minutes = np.exp(1.1 + 0.3 * z["curiosity"] - 0.75 * z["impulse"])
    return Sessions(
        owner=owner,
        day=day,
        number=number,
        seconds=(60 * minutes * np.exp(0.5 * normal(key, Stream.SESSION, 16 * number + 9))).astype(
            np.int64
        )
        + 5,
        views=(exponential(key, Stream.SESSION, 16 * number + 10) * 1.1 + 0.3).astype(np.int64),
        read=happens(0, -2.6 + 1.7 * z["curiosity"]),
        bestsellers=happens(1, -2.9 + 1.7 * z["conformity"]),
        wished=happens(2, -2.4 + 1.4 * z["status"] + 0.3 * z["impulse"]),
        cart_left=happens(3, -1.3 + 0.6 * z["shipping"] + 0.6 * z["price"]),
        step=(v > share[0]).astype(np.int64) + (v > share[1]),
    )
