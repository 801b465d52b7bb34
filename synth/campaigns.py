"""The campaigns played: who was in, who was given what, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from domain.triggers import Channel
from synth.browsing import Sessions, process
from synth.chance import Flags, Floats, Ints, Stream, uniform
from synth.effects import ARMS, CART_DAYS, DELIVERED, Outlook, Window, drives, outlook, respond
from synth.plan import PLANS, Leaf, Plan, start_day, window_days
from synth.population import Population, first_order
from synth.ragged import History
from synth.rhythm import Rhythm

ORGANIC = -1
_CAUSED = 1 << 20
"""Orders that a campaign caused are numbered from here, so that their draws are their own."""
_SIGN_UP = 0.02
"""Days from joining to the first order."""
_CREDITED = 0.5
"""How many of the orders that would have come anyway are credited to a campaign."""


@dataclass(frozen=True)
class Orders:
    """Orders, before their baskets are filled."""

    owner: Ints
    day: Floats
    number: Ints
    """The order's own number within its owner, by which its further draws are keyed."""
    arm: Ints
    """The code of the trigger under which the order was placed; 0 for none."""
    campaign: Ints
    """The campaign it is credited to, or ORGANIC."""

    def where(self, keep: Flags) -> Orders:
        return Orders(
            self.owner[keep],
            self.day[keep],
            self.number[keep],
            self.arm[keep],
            self.campaign[keep],
        )

    def caused_by(self, campaign: int) -> Flags:
        caused: Flags = self.number == _CAUSED + campaign
        return caused

    def and_(self, more: Orders) -> Orders:
        return Orders(
            *(
                np.concatenate([getattr(self, name), getattr(more, name)])
                for name in ("owner", "day", "number", "arm", "campaign")
            )
        )


@dataclass(frozen=True)
class Exposures:
    """Everyone who was in one campaign, in the order of the population."""

    campaign: int
    day: float
    window: int
    rows: Ints
    """Positions in the population."""
    arm: Ints
    shares: Floats | None
    """The probability of each arm for each customer, of shape (rows, arms); None where unknown."""
    sent: Flags
    sent_day: Floats
    outlook: Outlook
    """The hidden truth of these customers."""


@dataclass(frozen=True)
class Played:
    orders: Orders
    exposures: tuple[Exposures, ...]
    seen: Ints
    """Messages of each arm that each customer was sent, of shape (customers, arms)."""


def unprompted_orders(people: Population, rhythm: Rhythm, until: float) -> Orders:
    """The orders that would have come without any campaign."""
    owner, number, day = process(
        people, people.order_rate, rhythm, until, Stream.ORDERS, Stream.ORDER_TIME
    )
    first = np.flatnonzero(first_order(people) & (people.created < until - _SIGN_UP))
    owner = np.concatenate([first, owner])
    return Orders(
        owner=owner,
        day=np.concatenate([people.created[first] + _SIGN_UP, day]),
        number=np.concatenate([np.zeros(len(first), dtype=np.int64), number + 1]),
        arm=np.zeros(len(owner), dtype=np.int64),
        campaign=np.full(len(owner), ORGANIC),
    )


def play(
    people: Population,
    orders: Orders,
    sessions: Sessions,
    rhythm: Rhythm,
    price: Floats,
    days: int,
) -> Played:
    """All campaigns in turn, each on customers as the earlier ones left them."""
    driven_by = drives(people)
    seen = np.zeros((len(people), len(ARMS)), dtype=np.int64)
    visits = History(len(people), sessions.owner, sessions.day)
    carts = carts_left(people, sessions)
    played = []
    for number, plan in enumerate(PLANS):
        day, window = start_day(number, days), window_days(number, days)
        known = _known(people, History(len(people), orders.owner, orders.day), visits, carts, day)
        response = respond(people, driven_by, day, seen, carts.last(day) >= day - CART_DAYS)
        truth = outlook(people, response, price, _window(rhythm, day, window, plan.channel))
        exposures = _assign(people, plan, number, day, window, known, truth)
        given = np.zeros(len(people), dtype=np.int64)
        given[exposures.rows[exposures.sent]] = exposures.arm[exposures.sent]
        everyone = np.arange(len(people))
        orders = _respond(
            people,
            orders,
            given,
            response.cause[everyone, given],
            response.lose[everyone, given],
            exposures,
        )
        seen[everyone, given] += given > 0
        played.append(exposures)
    return Played(orders=orders, exposures=tuple(played), seen=seen)


def _known(
    people: Population, orders: History, visits: History, carts: History, day: float
) -> dict[str, Floats]:
    """What the shop knew of each customer on a day; NaN where there was nothing."""
    last = orders.last(day)
    since = np.where(np.isfinite(last), np.floor(day - last), np.nan)
    return {
        "email_consent": people.consent[:, 0].astype(np.float64),
        "sms_consent": people.consent[:, 1].astype(np.float64),
        "tenure_days": np.floor(day - people.created),
        "days_since_last_purchase": since,
        "lifetime_orders": orders.count(0.0, day).astype(np.float64),
        "orders": orders.count(day - 365, day).astype(np.float64),
        "weeks_since_order": np.where(np.isnan(since), 52.0, np.minimum(since / 7, 52.0)),
        "sessions": visits.count(day - 90, day).astype(np.float64),
        "carts": carts.count(day - 90, day).astype(np.float64),
    }


def _meets(leaf: Leaf, known: dict[str, Floats]) -> Flags:
    field, op, value = leaf
    compare = {"eq": np.equal, "gte": np.greater_equal, "lte": np.less_equal}[op]
    met: Flags = compare(known[field], float(value))
    return met


def _assign(
    people: Population,
    plan: Plan,
    number: int,
    day: float,
    window: int,
    known: dict[str, Floats],
    truth: Outlook,
) -> Exposures:
    key = people.home_key if plan.by_household else people.key
    within = uniform(people.key, Stream.CAMPAIGN, number) < plan.reach
    within &= people.created <= day
    for leaf in plan.audience:
        within &= _meets(leaf, known)
    rows = np.flatnonzero(within)
    draw = uniform(key[rows], Stream.ASSIGNMENT, number)
    shares: Floats | None = None
    if plan.rule:
        log_odds = sum(
            weight * (1.0 if name == "level" else known[name][rows])
            for name, weight in plan.rule.items()
        )
        chosen = draw < 1 / (1 + np.exp(-log_odds))
        arm = np.where(chosen, ARMS.index(plan.trigger), 0)
    else:
        usual = _shares(plan.shares)
        again = _shares(plan.repeat_shares or plan.shares)
        repeat = known["lifetime_orders"][rows] >= 2
        shares = np.where(repeat[:, None], again, usual)
        arm = (draw[:, None] > np.cumsum(shares, axis=1)[:, :-1]).sum(axis=1)
    sent = (arm > 0) & (uniform(people.key[rows], Stream.CAMPAIGN, 100 + number) < DELIVERED)
    hours = uniform(people.key[rows], Stream.CAMPAIGN, 200 + number) * 4
    return Exposures(
        campaign=number,
        day=day,
        window=window,
        rows=rows,
        arm=arm,
        shares=shares,
        sent=sent,
        sent_day=day + hours / 24,
        outlook=truth.of(rows),
    )


def _shares(shares: dict[str, float]) -> Floats:
    return np.array([shares.get(arm, 0.0) for arm in ARMS])


def _respond(
    people: Population,
    orders: Orders,
    given: Ints,
    cause: Floats,
    lose: Floats,
    exposures: Exposures,
) -> Orders:
    """The orders after a campaign: of those between its message and the end of its window some
    are lost and the rest marked, and some are caused."""
    number, day, window = exposures.campaign, exposures.day, exposures.window
    sent_day = np.full(len(people), np.inf)
    sent_day[exposures.rows[exposures.sent]] = exposures.sent_day[exposures.sent]
    inside = (orders.day >= sent_day[orders.owner]) & (orders.day < day + window)
    key = people.key[orders.owner]
    draw = uniform(key, Stream.RESPONSE, 4 * orders.number)
    credited = uniform(key, Stream.RESPONSE, 4 * orders.number + 1) < _CREDITED
    marked = replace(
        orders,
        arm=np.where(inside, given[orders.owner], orders.arm),
        campaign=np.where(inside & credited, number, orders.campaign),
    )
    kept = marked.where(~inside | (draw >= lose[orders.owner]))
    own = 4 * (_CAUSED + number)
    owner = np.flatnonzero(uniform(people.key, Stream.RESPONSE, own) < cause * (given > 0))
    when = uniform(people.key[owner], Stream.RESPONSE, own + 1) ** 1.5
    caused = Orders(
        owner=owner,
        day=sent_day[owner] + 0.01 + when * (day + window - sent_day[owner] - 0.02),
        number=np.full(len(owner), _CAUSED + number),
        arm=given[owner],
        campaign=np.full(len(owner), number),
    )
    return kept.and_(caused)


def carts_left(people: Population, sessions: Sessions) -> History:
    left = sessions.cart_left
    return History(len(people), sessions.owner[left], sessions.day[left])


def outlook_now(
    people: Population,
    played: Played,
    sessions: Sessions,
    rhythm: Rhythm,
    price: Floats,
    days: int,
    window: int,
) -> Outlook:
    """The hidden truth of every customer for a campaign by e-mail that starts now."""
    lately = carts_left(people, sessions).last(days) >= days - CART_DAYS
    response = respond(people, drives(people), float(days), played.seen, lately)
    return outlook(people, response, price, _window(rhythm, float(days), window, Channel.EMAIL))


def _window(rhythm: Rhythm, day: float, days: int, channel: Channel) -> Window:
    return Window(
        start=day,
        days=float(days),
        clock=rhythm.between(day, day + days),
        by_mail=channel is Channel.EMAIL,
    )
