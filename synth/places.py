"""Where customers live and what they are called, by locale.

Faker is slow, so it fills pools once and customers draw from them. It knows towns, but hardly a
large city, and most customers of a shop live in those: the largest are listed here.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from faker import Faker

from synth.recipe import LOCALES

_WEIGHTS = dict(zip(LOCALES, (24, 20, 14, 12, 8, 7, 6, 4, 3, 2), strict=True))
_CITIES = {
    "en_GB": ("London", "Manchester", "Birmingham", "Leeds", "Glasgow", "Bristol"),
    "en_US": ("New York", "Los Angeles", "Chicago", "Houston", "Seattle", "Boston"),
    "de_DE": ("Berlin", "Hamburg", "Munich", "Cologne", "Frankfurt", "Leipzig"),
    "fr_FR": ("Paris", "Lyon", "Marseille", "Toulouse", "Nantes", "Lille"),
    "es_ES": ("Madrid", "Barcelona", "Valencia", "Seville", "Bilbao", "Zaragoza"),
    "it_IT": ("Rome", "Milan", "Naples", "Turin", "Bologna", "Florence"),
    "nl_NL": ("Amsterdam", "Rotterdam", "Utrecht", "The Hague", "Eindhoven", "Groningen"),
    "pl_PL": ("Warsaw", "Krakow", "Gdansk", "Wroclaw", "Poznan", "Lodz"),
    "sv_SE": ("Stockholm", "Gothenburg", "Malmo", "Uppsala", "Orebro", "Lund"),
    "pt_BR": ("Sao Paulo", "Rio de Janeiro", "Brasilia", "Salvador", "Fortaleza", "Curitiba"),
}
_LARGE_SHARE = 0.7
_POOL = 300


@dataclass(frozen=True)
class Place:
    """A locale's pools. `city_shares` are the probabilities of `cities`; they sum to 1."""

    country: str
    first_names: tuple[str, ...]
    mailboxes: tuple[str, ...]
    """The first names in ASCII, as they stand in an e-mail address."""
    cities: tuple[str, ...]
    city_shares: tuple[float, ...]


@lru_cache(maxsize=len(LOCALES))
def place(locale: str) -> Place:
    """The pools of a locale: always the same, whatever the recipe's seed."""
    faker = Faker(locale)
    faker.seed_instance(0)
    names = tuple(dict.fromkeys(faker.first_name() for _ in range(_POOL)))
    large = _CITIES[locale]
    # Real towns. Not `faker.city`, which draws from a set in some locales, and so differs from
    # one process to the next.
    spots = [faker.local_latlng(locale[-2:]) for _ in range(_POOL)]
    found = dict.fromkeys(spot[2] for spot in spots if spot is not None)
    towns = tuple(str(name) for name in found if name not in large)
    rank = 1.0 / np.arange(1, len(large) + 1)
    shares = [*(_LARGE_SHARE * rank / rank.sum()), *[(1 - _LARGE_SHARE) / len(towns)] * len(towns)]
    return Place(
        country=locale[-2:],
        first_names=names,
        mailboxes=tuple(_ascii(name) for name in names),
        cities=(*large, *towns),
        city_shares=tuple(float(share) for share in shares),
    )


def locale_shares(locales: tuple[str, ...]) -> tuple[float, ...]:
    """What share of the customers lives in each locale."""
    total = sum(_WEIGHTS[locale] for locale in locales)
    return tuple(_WEIGHTS[locale] / total for locale in locales)


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
    letters = "".join(c for c in plain.lower() if c.isascii() and c.isalpha())
    return letters or "customer"
