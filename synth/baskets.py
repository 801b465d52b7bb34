"""What is in an order: lines, prices, discounts, shipping and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.assortment import Assortment
from synth.campaigns import Orders
from synth.chance import Floats, Ints, Stream, poisson, uniform
from synth.effects import ARMS, BUNDLE_ITEMS, DISCOUNT, SALE, TWICE
from synth.population import Population
from synth.ragged import chronological, spread

_LINES = 64  # more than any basket holds, so that (order, line) numbers a draw
_SHIPPING_FEE = 4.95
_FREE_FROM = 60.0
"""Orders from this value are shipped free."""
RETURN_DAYS = 14
"""The longest that anything takes to come back."""


@dataclass(frozen=True)
class Baskets:
    """Orders, sorted by owner and time, and their lines, sorted by order."""

    orders: Orders
    goods: Floats
    discount: Floats
    shipping: Floats
    refund: Floats
    """What was paid for goods that came back, ever."""
    order: Ints
    """The position of a line's order."""
    line: Ints
    product: Ints
    quantity: Ints
    returned: Floats
    """The day the line came back; NaN where it was kept."""

    @property
    def total(self) -> Floats:
        """What was paid for the goods: less discounts, without shipping."""
        return self.goods - self.discount


def fill(people: Population, orders: Orders, assortment: Assortment) -> Baskets:
    """Baskets for the orders, put into the order of owner and time."""
    place = chronological(orders.owner, orders.day)
    orders = Orders(
        orders.owner[place],
        orders.day[place],
        orders.number[place],
        orders.arm[place],
        orders.campaign[place],
    )
    owner, key = orders.owner, people.key[orders.owner]
    bundled = BUNDLE_ITEMS * (orders.arm == ARMS.index("bundle_offer"))
    extra = people.extra_items[owner] + bundled
    more = poisson(key, Stream.BASKET_SIZE, extra, orders.number)
    order, line = spread(1 + np.minimum(more, _LINES - 1))

    draw = orders.number[order] * _LINES + line
    buyer, buyer_key = owner[order], key[order]
    product = assortment.pick(people.taste, buyer, buyer_key, Stream.BASKET, 1 + draw)
    twice = uniform(buyer_key, Stream.QUANTITY, draw) < TWICE
    quantity = 1 + twice.astype(np.int64)
    paid = assortment.price[product] * quantity
    goods = _sum(paid, order, len(owner))

    on_sale = uniform(key, Stream.DISCOUNT, orders.number) < people.discount_rate[owner]
    campaign_off = np.where(orders.arm == ARMS.index("percentage_discount"), DISCOUNT, 0.0)
    off = np.where(on_sale, SALE, campaign_off)
    discount: Floats = (goods * off).round(2)
    free = (goods - discount >= _FREE_FROM) | (orders.arm == ARMS.index("free_shipping"))

    back = uniform(buyer_key, Stream.RETURNS, 2 * draw) < people.return_rate[buyer]
    wait = 2 + (RETURN_DAYS - 2) * uniform(buyer_key, Stream.RETURNS, 2 * draw + 1)
    refund = _sum(paid * back * (1 - off[order]), order, len(owner))
    return Baskets(
        orders=orders,
        goods=goods,
        discount=discount,
        shipping=np.where(free, 0.0, _SHIPPING_FEE),
        refund=refund,
        order=order,
        line=line,
        product=product,
        quantity=quantity,
        returned=np.where(back, orders.day[order] + wait, np.nan),
    )


def _sum(money: Floats, order: Ints, orders: int) -> Floats:
    total: Floats = np.bincount(order, weights=money, minlength=orders).astype(np.float64)
    return total.round(2)
