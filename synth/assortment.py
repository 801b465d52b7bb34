"""The shop's products, and which of them a customer of a given taste picks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.chance import Floats, Ints, Keys, Stream, keys, normal, uniform

CATEGORIES = (
    "womens",
    "mens",
    "shoes",
    "accessories",
    "beauty",
    "home",
    "kids",
    "sports",
    "jewellery",
    "outdoor",
)
_MEDIAN_PRICES = (32.0, 30.0, 48.0, 18.0, 14.0, 26.0, 16.0, 28.0, 42.0, 44.0)
_NOUNS = (
    ("Dress", "Blouse", "Skirt", "Cardigan", "Coat"),
    ("Shirt", "Chinos", "Jacket", "Sweater", "Polo"),
    ("Sneakers", "Boots", "Loafers", "Sandals", "Trainers"),
    ("Belt", "Scarf", "Bag", "Hat", "Wallet"),
    ("Serum", "Lipstick", "Shampoo", "Perfume", "Cream"),
    ("Lamp", "Cushion", "Vase", "Blanket", "Mug"),
    ("Romper", "Puzzle", "Raincoat", "Pyjamas", "Backpack"),
    ("Leggings", "Yoga Mat", "Running Vest", "Bottle", "Shorts"),
    ("Ring", "Necklace", "Bracelet", "Earrings", "Watch"),
    ("Tent", "Parka", "Rucksack", "Lantern", "Fleece"),
)
_LOOKS = ("Classic", "Linen", "Northern", "Soft", "Urban", "Vintage", "Bright", "Everyday")
_KINDS = ("regular", "limited_edition", "bestseller", "sale")
_KIND_OF = np.array([1] * 4 + [2] * 6 + [3] * 6 + [0] * 24)
"""The kind of each of a category's products; the last ones are regular."""
_EACH = len(_KIND_OF)
_KIND_PRICE = np.array([1.0, 1.5, 1.0, 0.7])

TIERS = 8
"""Customers spend on dear products (7) or cheap ones (0)."""
_SKEW = np.linspace(2.2, 0.4, TIERS)
"""A customer of a tier picks the product at quantile u ** skew of the prices on offer."""
_FAVOURITES = (0.5, 0.25)
"""How often the first and the second favourite category is chosen; else any."""


@dataclass(frozen=True)
class Taste:
    """What customers pick: favourite categories, price tier, and weight of each kind of product."""

    first: Ints
    second: Ints
    tier: Ints
    kinds: Floats
    """Probabilities of shape (customers, kinds)."""


class Assortment:
    """All products of a shop, the same whichever bucket asks."""

    def __init__(self, seed: int) -> None:
        size = len(CATEGORIES) * _EACH
        key: Keys = keys(seed, -1 - np.arange(size))
        self.category = np.repeat(np.arange(len(CATEGORIES)), _EACH)
        self.kind = np.tile(_KIND_OF, len(CATEGORIES))
        spread = np.exp(0.45 * normal(key, Stream.BASKET))
        median = np.array(_MEDIAN_PRICES)[self.category]
        self.price: Floats = np.round(median * spread * _KIND_PRICE[self.kind]) + 0.95
        self._eco = uniform(key, Stream.VIEWS) < 0.15
        self._by_price = np.lexsort((self.price, self.kind, self.category))
        group = self.category * len(_KINDS) + self.kind
        self._size = np.bincount(group)
        self._start = np.cumsum(self._size) - self._size
        self._mean_price = self._expected_prices()

    def __len__(self) -> int:
        return len(self.price)

    def names(self) -> list[str]:
        place = np.arange(len(self)) % _EACH
        return [
            f"{_LOOKS[p % len(_LOOKS)]} {_NOUNS[c][p // len(_LOOKS)]}"
            for c, p in zip(self.category, place, strict=True)
        ]

    def tags(self) -> list[list[str]]:
        kinds = [[] if kind == 0 else [_KINDS[kind]] for kind in self.kind]
        return [[*tags, "eco"] if eco else tags for tags, eco in zip(kinds, self._eco, strict=True)]

    def pick(self, taste: Taste, owner: Ints, key: Keys, stream: Stream, counter: Ints) -> Ints:
        """A product for each row of `owner`, by that customer's taste."""
        u = uniform(key, stream, 3 * counter)
        anything = ((u - sum(_FAVOURITES)) / (1 - sum(_FAVOURITES)) * len(CATEGORIES)).astype(
            np.int64
        )
        category = np.where(
            u < _FAVOURITES[0],
            taste.first[owner],
            np.where(u < sum(_FAVOURITES), taste.second[owner], anything),
        )
        bound = np.cumsum(taste.kinds, axis=1)
        v = uniform(key, stream, 3 * counter + 1)
        kind = np.zeros(len(owner), dtype=np.int64)
        for border in range(len(_KINDS) - 1):
            kind += v > bound[owner, border]
        group = category * len(_KINDS) + kind
        quantile = uniform(key, stream, 3 * counter + 2) ** _SKEW[taste.tier[owner]]
        place = self._start[group] + (quantile * self._size[group]).astype(np.int64)
        picked: Ints = self._by_price[place]
        return picked

    def expected_price(self, taste: Taste) -> Floats:
        """The exact mean price of what `pick` picks for each customer."""
        mean = np.zeros(len(taste.tier))
        anything = 1 - sum(_FAVOURITES)
        overall = self._mean_price.mean(axis=1)
        for kind in range(len(_KINDS)):
            price = (
                _FAVOURITES[0] * self._mean_price[taste.tier, taste.first, kind]
                + _FAVOURITES[1] * self._mean_price[taste.tier, taste.second, kind]
                + anything * overall[taste.tier, kind]
            )
            mean += taste.kinds[:, kind] * price
        return mean

    def _expected_prices(self) -> Floats:
        """Mean price picked, of shape (tiers, categories, kinds)."""
        table = np.empty((TIERS, len(self._size)))
        for group, (start, size) in enumerate(zip(self._start, self._size, strict=True)):
            prices = self.price[self._by_price[start : start + size]]
            edges = np.arange(size + 1) / size
            for tier in range(TIERS):
                table[tier, group] = (np.diff(edges ** (1 / _SKEW[tier])) * prices).sum()
        return table.reshape(TIERS, len(CATEGORIES), len(_KINDS))
