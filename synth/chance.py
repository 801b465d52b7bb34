"""Randomness keyed by customer: the same customer draws the same numbers wherever it is made.

A draw is a pure function of (customer key, stream, counter), so that a bucket can be made alone,
in any process, and holds exactly the rows it would hold among any others. The generator is
splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014) used
as a counter-based hash; the rest are inverse distribution functions of its uniforms.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AnyInts = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]
Keys = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


class Stream(IntEnum):
    """What a draw is for. Two uses of one stream by one customer must differ in the counter."""

    HOUSEHOLD = auto()
    PLACE = auto()
    IDENTITY = auto()
    SOURCE = auto()
    CONSENT = auto()
    CREATED = auto()
    TRAIT = auto()
    HABIT = auto()
    DEATH = auto()
    ORDERS = auto()
    ORDER_TIME = auto()
    BASKET_SIZE = auto()
    BASKET = auto()
    QUANTITY = auto()
    DISCOUNT = auto()
    RETURNS = auto()
    SESSIONS = auto()
    SESSION_TIME = auto()
    SESSION = auto()
    VIEWS = auto()
    CAMPAIGN = auto()
    ASSIGNMENT = auto()
    RESPONSE = auto()
    EMAIL = auto()
    AFTERWARDS = auto()
    SIMULATION = auto()


def _mix(x: Keys) -> Keys:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def keys(seed: int, numbers: Ints | Keys) -> Keys:
    """One 64-bit key for each number (a customer or a household) under a seed."""
    start = _mix(np.array([(seed * _GOLDEN + 1) & _MASK], dtype=np.uint64))
    return _mix(start + numbers.astype(np.uint64) * np.uint64(_GOLDEN))


def uniform(key: Keys, stream: Stream, counter: Ints | int = 0) -> Floats:
    """Uniforms in the open interval (0, 1), one for each key; `counter` numbers repeated draws."""
    count = np.atleast_1d(np.asarray(counter, dtype=np.int64))
    step = count.astype(np.uint64) + np.uint64(int(stream) << 40)
    bits = _mix(key + (step + np.uint64(1)) * np.uint64(_GOLDEN))
    draw: Floats = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return draw


def normal(key: Keys, stream: Stream, counter: Ints | int = 0) -> Floats:
    """Standard normals by inversion."""
    draw: Floats = special.ndtri(uniform(key, stream, counter))
    return draw


def exponential(key: Keys, stream: Stream, counter: Ints | int = 0) -> Floats:
    """Exponentials of mean 1 by inversion."""
    draw: Floats = -np.log(uniform(key, stream, counter))
    return draw


def gamma(key: Keys, stream: Stream, counter: Ints | int, shape: float) -> Floats:
    """Gammas of the given shape and of mean 1, by inversion."""
    draw: Floats = special.gammaincinv(shape, uniform(key, stream, counter)) / shape
    return draw


def poisson(key: Keys, stream: Stream, mean: Floats, counter: Ints | int = 0) -> Ints:
    """Poisson counts by inversion: the smallest k whose distribution function reaches the draw."""
    u = uniform(key, stream, counter)
    positive = np.maximum(mean, 1e-12)
    k = np.maximum(np.ceil(special.pdtrik(u, positive)), 0.0)
    below = np.maximum(k - 1.0, 0.0)
    count: Ints = np.where(special.pdtr(below, positive) >= u, below, k).astype(np.int64)
    return count
