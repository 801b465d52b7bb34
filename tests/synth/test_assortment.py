"""Products, and what is picked of them."""

from __future__ import annotations

import numpy as np

from synth.assortment import CATEGORIES, TIERS, Assortment, Taste
from synth.chance import Stream, keys
from tests.synth.conftest import World

SHOP = Assortment(5)


def taste(tier: int, kinds: list[float], size: int) -> Taste:
    return Taste(
        first=np.full(size, 2),
        second=np.full(size, 7),
        tier=np.full(size, tier),
        kinds=np.tile(np.array(kinds) / sum(kinds), (size, 1)),
    )


def test_the_expected_price_is_the_mean_of_what_is_picked() -> None:
    size = 60_000
    key = keys(1, np.arange(size))
    for tier, kinds in ((0, [3.0, 0.2, 1.0, 2.0]), (TIERS - 1, [1.0, 3.0, 1.0, 0.1])):
        mine = taste(tier, kinds, size)
        price = SHOP.price[
            SHOP.pick(mine, np.arange(size), key, Stream.BASKET, np.ones(size, dtype=np.int64))
        ]
        error = price.mean() - SHOP.expected_price(mine)[0]
        assert abs(error) < 4 * price.std() / np.sqrt(size)


def test_favourites_and_kinds_are_picked_as_often_as_stated() -> None:
    size = 40_000
    key = keys(2, np.arange(size))
    mine = taste(3, [5.0, 3.0, 1.0, 1.0], size)
    picked = SHOP.pick(mine, np.arange(size), key, Stream.BASKET, np.ones(size, dtype=np.int64))
    category = np.bincount(SHOP.category[picked], minlength=len(CATEGORIES)) / size
    assert abs(category[2] - (0.5 + 0.025)) < 0.015
    assert abs(category[7] - (0.25 + 0.025)) < 0.015
    kind = np.bincount(SHOP.kind[picked], minlength=4) / size
    np.testing.assert_allclose(kind, [0.5, 0.3, 0.1, 0.1], atol=0.015)


def test_products_have_names_and_tags(world: World) -> None:
    products = world.frame("products")
    assert (products["price"] > 0).all()
    assert not products.duplicated(["category", "name"]).any()
    tags = {tag for row in products["tags"] for tag in row}
    assert tags == {"limited_edition", "bestseller", "sale", "eco"}
