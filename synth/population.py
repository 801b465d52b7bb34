"""The customers: ids, homes, and the hidden traits from which all behaviour and effects follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from domain.customer import bucket_of
from synth.assortment import CATEGORIES, TIERS, Taste
from synth.chance import (
    Flags,
    Floats,
    Ints,
    Stream,
    exponential,
    gamma,
    keys,
    normal,
    uniform,
)
from synth.places import locale_shares, place
from synth.recipe import Recipe

TRAITS = (
    "shipping",
    "price",
    "loyalty",
    "variety",
    "impulse",
    "status",
    "conformity",
    "curiosity",
    "openness",
    "reactance",
)
"""Standard normal and hidden; each shows in behaviour, noisily, and drives a trigger's effect."""

SOURCES = (
    "organic_search",
    "paid_search",
    "paid_social",
    "referral",
    "email",
    "affiliate",
    "direct",
)
_SOURCE_SHARES = np.array([0.28, 0.2, 0.16, 0.1, 0.06, 0.07, 0.13])

_SHARED_HOMES = 0.2
"""How many pairs of neighbouring numbers live in one household."""
_FOUNDED = 0.35
"""Share of the customers who had joined before the history starts, up to two years earlier."""
_YEAR = 365.0


@dataclass(frozen=True)
class Population:
    """Some customers, sorted by id; every array has one row a customer. Days count from the start
    of the history."""

    number: Ints
    """The id as a number; `cust_` and its 8 hex digits are the customer id."""
    key: NDArray[np.uint64]
    home_key: NDArray[np.uint64]
    """The key that a household's members share."""
    household: Ints
    """The household's number, 0 where it is not shared."""
    shares_home: Flags
    locale: Ints
    city: Ints
    first_name: Ints
    source: Ints
    consent: Flags
    """To e-mail, SMS, push and ads: shape (customers, 4)."""
    created: Floats
    """The day of joining; negative where it lies before the history."""
    active_from: Floats
    dies: Floats
    """The day after which the customer is gone for good."""
    hazard: Floats
    """The daily rate of dying."""
    order_rate: Floats
    """Orders an average day, while alive."""
    session_rate: Floats
    attention: Floats
    """The probability of opening an e-mail."""
    extra_items: Floats
    """Mean number of items in a basket beyond the first."""
    return_rate: Floats
    """The probability that an item is sent back."""
    discount_rate: Floats
    """The probability that an ordinary order uses a sale."""
    taste: Taste
    traits: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.number)


@lru_cache(maxsize=4)
def _buckets(seed: int, customers: int, buckets: int) -> NDArray[np.uint16]:
    """The bucket of each index: two bytes a customer, hashed once a process."""
    chunks = []
    for start in range(0, customers, 100_000):
        numbers = _number(seed, np.arange(start, min(start + 100_000, customers)))
        chunks.append(
            np.array([bucket_of(f"cust_{n:08x}", buckets) for n in numbers.tolist()], np.uint16)
        )
    return np.concatenate(chunks)


def _number(seed: int, index: Ints) -> Ints:
    """Distinct 32-bit numbers: MurmurHash3's finaliser is a bijection, so that no two collide."""
    x = (index.astype(np.uint64) + np.uint64(seed % (1 << 32) * 2654435761 % (1 << 32))) & _LOW
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x85EBCA6B)) & _LOW
    x ^= x >> np.uint64(13)
    x = (x * np.uint64(0xC2B2AE35)) & _LOW
    return (x ^ (x >> np.uint64(16))).astype(np.int64)


_LOW = np.uint64(0xFFFFFFFF)


def population(recipe: Recipe, bucket: int, buckets: int) -> Population:
    """The customers of one bucket, whatever the other buckets hold."""
    index = np.flatnonzero(_buckets(recipe.seed, recipe.customers, buckets) == bucket)
    number = _number(recipe.seed, index)
    order = np.argsort(number)
    return _people(recipe, index[order], number[order])


def _people(recipe: Recipe, index: Ints, number: Ints) -> Population:
    key = keys(recipe.seed, index)
    pair = keys(recipe.seed ^ 0x5EED, index // 2)
    shares_home = uniform(pair, Stream.HOUSEHOLD) < _SHARED_HOMES
    household = np.where(shares_home, _number(recipe.seed, index // 2), 0)
    home = np.where(shares_home, pair, key)
    locale = _choose(np.array(locale_shares(recipe.locales)), uniform(home, Stream.PLACE, 0))
    city, first_name = _home_and_name(recipe, locale, uniform(home, Stream.PLACE, 1), key)

    z = {name: normal(key, Stream.TRAIT, n) for n, name in enumerate(TRAITS)}
    habit = [normal(key, Stream.HABIT, n) for n in range(6)]
    founded = uniform(key, Stream.CREATED, 0) < _FOUNDED
    u = uniform(key, Stream.CREATED, 1)
    created = np.where(founded, -2 * _YEAR * u, recipe.days * u**1.2)
    active_from = np.maximum(created, 0.0)
    hazard = gamma(key, Stream.DEATH, 1, 1.5) / 900.0
    dies = active_from + exponential(key, Stream.DEATH) / hazard
    order_rate = np.exp(0.75 * habit[0] + 0.3 * z["loyalty"] - 0.32) * 2.3 / _YEAR
    session_rate = np.exp(0.3 * habit[0] + 0.35 * habit[1] + 0.4 * z["openness"]) * 12.0 / _YEAR
    attention = _logistic(-0.9 + 0.8 * habit[2] + 0.25 * z["curiosity"] - 0.35 * z["reactance"])
    dear = 0.6 * z["status"] - 0.7 * z["price"] + 0.5 * habit[3]
    tier = np.clip(np.floor(TIERS / 2 + 1.4 * dear), 0, TIERS - 1).astype(np.int64)
    return Population(
        number=number,
        key=key,
        home_key=home,
        household=household,
        shares_home=shares_home,
        locale=locale,
        city=city,
        first_name=first_name,
        source=_source(z["price"], key),
        consent=np.stack(
            [
                uniform(key, Stream.CONSENT, n) < _logistic(level - 0.3 * z["reactance"])
                for n, level in enumerate((1.5, -0.3, -0.2, 0.6))
            ],
            axis=1,
        ),
        created=created,
        active_from=active_from,
        dies=dies,
        hazard=hazard,
        order_rate=order_rate,
        session_rate=session_rate,
        attention=attention,
        extra_items=np.exp(-0.75 + 0.85 * z["variety"] + 0.25 * habit[4]),
        return_rate=_logistic(-2.3 + 0.5 * habit[5] + 0.4 * z["impulse"] - 0.25 * z["loyalty"]),
        discount_rate=_logistic(-1.2 + 1.0 * z["price"]),
        taste=_taste(z, tier, key),
        traits=z,
    )


def first_order(people: Population) -> Flags:
    """Who bought on the day of joining; the others only registered."""
    bought: Flags = uniform(people.key, Stream.CREATED, 2) < 0.6
    return bought & (people.created >= 0)


def activity(people: Population, until: float) -> tuple[Floats, Floats]:
    """From which to which day each customer was active within the history."""
    return people.active_from, np.minimum(people.dies, until)


def _choose(shares: Floats, u: Floats) -> Ints:
    return np.minimum(np.searchsorted(np.cumsum(shares), u), len(shares) - 1)


def _home_and_name(
    recipe: Recipe, locale: Ints, u: Floats, key: NDArray[np.uint64]
) -> tuple[Ints, Ints]:
    city = np.empty(len(locale), dtype=np.int64)
    name = np.empty(len(locale), dtype=np.int64)
    v = uniform(key, Stream.IDENTITY)
    for n, code in enumerate(recipe.locales):
        here = locale == n
        city[here] = _choose(np.array(place(code).city_shares), u[here])
        name[here] = (v[here] * len(place(code).first_names)).astype(np.int64)
    return city, name


def _source(price: Floats, key: NDArray[np.uint64]) -> Ints:
    """Bargain hunters come by affiliates and advertisements more often than others."""
    u = uniform(key, Stream.SOURCE, 0)
    hunts = uniform(key, Stream.SOURCE, 1) < 0.35 * _logistic(-1.0 + 1.5 * price)
    return np.where(
        hunts,
        np.where(u < 0.6, SOURCES.index("affiliate"), SOURCES.index("paid_search")),
        _choose(_SOURCE_SHARES, u),
    )


def _taste(z: dict[str, Floats], tier: Ints, key: NDArray[np.uint64]) -> Taste:
    weight = np.stack(
        [
            np.full(len(tier), 3.0),
            np.exp(-1.2 + 0.9 * z["status"]),
            np.exp(-0.6 + 0.7 * z["conformity"]),
            np.exp(-0.6 + 0.9 * z["price"]),
        ],
        axis=1,
    )
    first = (uniform(key, Stream.BASKET, 0) * len(CATEGORIES)).astype(np.int64)
    step = 1 + (uniform(key, Stream.BASKET, 1) * (len(CATEGORIES) - 1)).astype(np.int64)
    total = weight[:, 0] + weight[:, 1] + weight[:, 2] + weight[:, 3]
    return Taste(
        first=first,
        second=(first + step) % len(CATEGORIES),
        tier=tier,
        kinds=weight / total[:, None],
    )


def _logistic(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))
