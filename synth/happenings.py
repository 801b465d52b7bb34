"""Everything that is logged: sessions and their steps, mail, and what follows an order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.triggers import Channel
from synth.assortment import Assortment
from synth.baskets import Baskets
from synth.browsing import Sessions
from synth.campaigns import Played
from synth.chance import Flags, Floats, Ints, Stream, normal, poisson, uniform
from synth.plan import PLANS
from synth.population import Population
from synth.ragged import chronological, spread

TYPES = (
    "session",
    "product_view",
    "cart_add",
    "cart_abandon",
    "wishlist_add",
    "review",
    "content_read",
    "bestsellers_view",
    "email_sent",
    "email_open",
    "email_click",
    "support_ticket",
)
CHANNELS = (Channel.WEB.value, Channel.EMAIL.value)
_NEWSLETTER_EVERY = 60
_NEWSLETTER_REACH = 0.8
_GONE_OPENS = 0.1
"""How often those who have stopped buying still open, against before."""
_SECOND = 1 / 86_400
_VIEWS = 64  # more than any session has, so that (session, view) numbers a draw


@dataclass(frozen=True)
class Happenings:
    """Log rows; -1 and NaN stand for "does not apply"."""

    owner: Ints
    day: Floats
    type: Ints
    product: Ints
    value: Floats
    seconds: Ints
    channel: Ints
    step: Ints


def _rows(
    kind: str,
    owner: Ints,
    day: Floats,
    *,
    product: Ints | None = None,
    value: Floats | None = None,
    seconds: Ints | None = None,
    channel: str = CHANNELS[0],
    step: Ints | None = None,
) -> Happenings:
    absent = np.full(len(owner), -1)
    return Happenings(
        owner=owner,
        day=day,
        type=np.full(len(owner), TYPES.index(kind)),
        product=absent if product is None else product,
        value=np.full(len(owner), np.nan) if value is None else value,
        seconds=absent if seconds is None else seconds,
        channel=np.full(len(owner), CHANNELS.index(channel)),
        step=absent if step is None else step,
    )


def happenings(
    people: Population,
    sessions: Sessions,
    baskets: Baskets,
    played: Played,
    assortment: Assortment,
    until: float,
) -> Happenings:
    """The whole log before `until`, sorted by owner, then by time."""
    parts = [
        *_browsing(people, sessions, assortment),
        *_buying(people, baskets),
        *_afterwards(people, baskets),
        *_newsletters(people, until),
        *_mailings(people, baskets, played),
    ]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Happenings.__dataclass_fields__
    }
    kept = np.flatnonzero(columns["day"] < until)
    order = kept[chronological(columns["owner"][kept], columns["day"][kept])]
    return Happenings(**{name: column[order] for name, column in columns.items()})


def _browsing(people: Population, s: Sessions, assortment: Assortment) -> list[Happenings]:
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

    def during(kind: str, flags: Flags, share: float) -> Happenings:
        return _rows(kind, s.owner[flags], s.day[flags] + share * length[flags])

    return [
        _rows("session", s.owner, s.day, seconds=s.seconds),
        _rows("product_view", s.owner[session], at, product=viewed),
        during("content_read", s.read, 0.2),
        during("bestsellers_view", s.bestsellers, 0.3),
        _rows(
            "wishlist_add",
            s.owner[wished],
            s.day[wished] + 0.75 * length[wished],
            product=picked(wished, 1),
        ),
        _rows("cart_add", s.owner[left], s.day[left] + 0.8 * length[left], product=cart),
        _rows(
            "cart_abandon",
            s.owner[left],
            s.day[left] + 0.95 * length[left],
            value=(assortment.price[cart] * size).round(2),
            step=s.step[left],
        ),
    ]


def _buying(people: Population, b: Baskets) -> list[Happenings]:
    """Every order has a session that ends in it."""
    owner, key = b.orders.owner, people.key[b.orders.owner]
    minutes = 6 + 18 * uniform(key, Stream.AFTERWARDS, 8 * b.orders.number)
    start = np.maximum(b.orders.day - minutes / 1440, people.created[owner])
    length = b.orders.day - start
    lines = np.bincount(b.order, minlength=len(owner))
    share = (b.line + 1) / (lines[b.order] + 1)
    buyer = owner[b.order]
    return [
        _rows("session", owner, start, seconds=(length / _SECOND).astype(np.int64) + 60),
        _rows(
            "product_view",
            buyer,
            start[b.order] + 0.8 * share * length[b.order],
            product=b.product,
        ),
        _rows("cart_add", buyer, start[b.order] + 0.9 * share * length[b.order], product=b.product),
    ]


def _afterwards(people: Population, b: Baskets) -> list[Happenings]:
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
        _rows(
            "review",
            owner[reviews],
            (b.orders.day + later)[reviews],
            product=b.product[first_line][reviews],
            value=np.clip(np.round(mood), 1, 5)[reviews],
        ),
        _rows("support_ticket", owner[asks], (b.orders.day + soon)[asks]),
    ]


def _newsletters(people: Population, until: float) -> list[Happenings]:
    parts = []
    for issue, day in enumerate(np.arange(20 + 10 / 24, until, _NEWSLETTER_EVERY)):
        chosen = uniform(people.key, Stream.EMAIL, 8 * issue) < _NEWSLETTER_REACH
        owner = np.flatnonzero(chosen & people.consent[:, 0] & (people.created < day))
        parts += _mail(people, owner, np.full(len(owner), day), 8 * issue, None)
    return parts


def _mailings(people: Population, b: Baskets, played: Played) -> list[Happenings]:
    """Campaign mail. Whoever it brought to buy has opened it and clicked."""
    parts = []
    for exposures in played.exposures:
        if PLANS[exposures.campaign].channel is not Channel.EMAIL:
            continue
        owner = exposures.rows[exposures.sent]
        brought = np.zeros(len(people), dtype=np.bool_)
        brought[b.orders.owner[b.orders.caused_by(exposures.campaign)]] = True
        number = 8 * (1000 + exposures.campaign)
        parts += _mail(people, owner, exposures.sent_day[exposures.sent], number, brought[owner])
    return parts


def _mail(
    people: Population, owner: Ints, day: Floats, number: int, brought: Flags | None
) -> list[Happenings]:
    key = people.key[owner]
    clicks = _logistic(-1.6 + 0.8 * people.traits["openness"][owner])
    wait = 0.002 + 1.5 * uniform(key, Stream.EMAIL, number + 1) ** 3
    interest = people.attention[owner] * np.where(people.dies[owner] > day, 1.0, _GONE_OPENS)
    opened = uniform(key, Stream.EMAIL, number + 2) < interest
    clicked = opened & (uniform(key, Stream.EMAIL, number + 3) < clicks)
    if brought is not None:
        opened, clicked = opened | brought, clicked | brought
        wait = np.where(brought, 0.002, wait)
    seconds = (20 + 200 * uniform(key, Stream.EMAIL, number + 4)).astype(np.int64)
    mail = CHANNELS[1]
    return [
        _rows("email_sent", owner, day, channel=mail),
        _rows("email_open", owner[opened], (day + wait)[opened], channel=mail),
        _rows("email_click", owner[clicked], (day + wait)[clicked] + 0.001, channel=mail),
        _rows("session", owner[clicked], (day + wait)[clicked] + 0.0011, seconds=seconds[clicked]),
    ]


def _logistic(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))
