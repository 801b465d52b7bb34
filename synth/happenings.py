"""Everything that is logged: sessions and their steps, mail, and what follows an order."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from synth.assortment import Assortment
from synth.baskets import Baskets
from synth.browsing import Sessions
from synth.campaigns import Played
from synth.chance import Flags, Floats, Ints, Stream, normal, poisson, uniform
from synth.log import Entries, entries
from synth.mail import campaign_mail, newsletter_mail
from synth.population import Population
from synth.ragged import chronological, spread

_SECOND = 1 / 86_400
_VIEWS = 64  # more than any session has, so that (session, view) numbers a draw


def happenings(
    people: Population,
    sessions: Sessions,
    baskets: Baskets,
    played: Played,
    assortment: Assortment,
    until: float,
) -> Entries:
    """The whole log before `until`, sorted by owner, then by time."""
    parts = [
        *_browsing(people, sessions, assortment),
        *_buying(people, baskets),
        *_afterwards(people, baskets),
        *newsletter_mail(people, until),
        *campaign_mail(people, baskets, played),
    ]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (field.name for field in fields(Entries))
    }
    kept = np.flatnonzero(columns["day"] < until)
    order = kept[chronological(columns["owner"][kept], columns["day"][kept])]
    return Entries(**{name: column[order] for name, column in columns.items()})


def _browsing(people: Population, s: Sessions, assortment: Assortment) -> list[Entries]:
    key = people.key[s.owner]
    length = s.seconds * _SECOND

    def picked(rows: Ints, purpose: int) -> Ints:
        counter = s.number[rows] * _VIEWS + _VIEWS - purpose
        return assortment.pick(people.taste, s.owner[rows], key[rows], Stream.VIEWS, counter)

    session, view = spread(np.minimum(s.views, _VIEWS - 8))
    look = s.number[session] * _VIEWS + view
    viewed = assortment.pick(people.taste, s.owner[session], key[session], Stream.VIEWS, look)
    at = s.day[session] + length[session] * 0.7 * (view + 0.5) / s.views[session]
    wished, left = np.flatnonzero(s.wished), np.flatnonzero(s.cart_left)
    cart = picked(left, 2)
    extra = people.extra_items[s.owner[left]]
    size = 1 + poisson(key[left], Stream.SESSION, extra, 16 * s.number[left] + 11)

    def during(kind: str, flags: Flags, share: float) -> Entries:
        return entries(kind, s.owner[flags], s.day[flags] + share * length[flags])

    return [
        entries("session", s.owner, s.day, seconds=s.seconds),
        entries("product_view", s.owner[session], at, product=viewed),
        during("content_read", s.read, 0.2),
        during("bestsellers_view", s.bestsellers, 0.3),
        entries(
            "wishlist_add",
            s.owner[wished],
            s.day[wished] + 0.75 * length[wished],
            product=picked(wished, 1),
        ),
        entries("cart_add", s.owner[left], s.day[left] + 0.8 * length[left], product=cart),
        entries(
            "cart_abandon",
            s.owner[left],
            s.day[left] + 0.95 * length[left],
            value=(assortment.price[cart] * size).round(2),
            step=s.step[left],
        ),
    ]


def _buying(people: Population, b: Baskets) -> list[Entries]:
    """Every order has a session that ends in it."""
    owner, key = b.orders.owner, people.key[b.orders.owner]
    minutes = 6 + 18 * uniform(key, Stream.AFTERWARDS, 8 * b.orders.number)
    start = np.maximum(b.orders.day - minutes / 1440, people.created[owner])
    length = b.orders.day - start
    lines = np.bincount(b.order, minlength=len(owner))
    share = (b.line + 1) / (lines[b.order] + 1)
    buyer = owner[b.order]
    return [
        entries("session", owner, start, seconds=(length / _SECOND).astype(np.int64) + 60),
        entries(
            "product_view",
            buyer,
            start[b.order] + 0.8 * share * length[b.order],
            product=b.product,
        ),
        entries(
            "cart_add", buyer, start[b.order] + 0.9 * share * length[b.order], product=b.product
        ),
    ]


def _afterwards(people: Population, b: Baskets) -> list[Entries]:
    owner, number = b.orders.owner, 8 * b.orders.number
    key = people.key[owner]
    first_line = np.flatnonzero(b.line == 0)
    z = {name: value[owner] for name, value in people.traits.items()}
    returned = np.bincount(b.order, weights=np.isfinite(b.returned), minlength=len(owner)) > 0
    reviews = uniform(key, Stream.AFTERWARDS, number + 1) < _logistic(-2.2 + 1.3 * z["conformity"])
    asks = uniform(key, Stream.AFTERWARDS, number + 2) < _logistic(
        -3.2 + 0.8 * z["reactance"] + returned
    )
    later = 4 + 16 * uniform(key, Stream.AFTERWARDS, number + 3)
    mood = 4.4 - 1.2 * returned + 0.9 * normal(key, Stream.AFTERWARDS, number + 4)
    soon = 1 + 9 * uniform(key, Stream.AFTERWARDS, number + 5)
    return [
        entries(
            "review",
            owner[reviews],
            (b.orders.day + later)[reviews],
            product=b.product[first_line][reviews],
            value=np.clip(np.round(mood), 1, 5)[reviews],
        ),
        entries("support_ticket", owner[asks], (b.orders.day + soon)[asks]),
    ]


def _logistic(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))
