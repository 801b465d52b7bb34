"""What a trigger does to a customer: the potential outcomes, in closed form.

A trigger either brings about one more order within the window, with probability `cause`, or it
puts the customer off, so that each order that would have come is lost with probability `lose`.
`campaigns.py` plays exactly this; the formulas here are its expectation.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from domain.triggers import CATALOGUE, NO_TRIGGER
from synth.assortment import TIERS
from synth.attention import NEWSLETTER_REACH, clicks, newsletters, opens
from synth.chance import Flags, Floats, Ints
from synth.population import Population

ARMS: tuple[str, ...] = (NO_TRIGGER, *CATALOGUE)
"""The arms in the order in which their codes count: 0 is the control."""

DELIVERED = 0.97
"""How many of the messages that were to be sent are."""
DISCOUNT = 0.15
"""What `percentage_discount` takes off."""
SALE = 0.2
"""What an ordinary sale takes off. It is never combined with a campaign's discount."""
TWICE = 0.1
"""How often a product is bought twice in one line."""
BUNDLE_ITEMS = 0.2
"""How many more items `bundle_offer` puts into a basket, on average."""

_LEVEL = {
    "free_shipping": 0.115,
    "percentage_discount": 0.118,
    "loyalty_reward": 0.092,
    "bundle_offer": 0.078,
    "scarcity_message": -0.042,
    "exclusivity_offer": 0.056,
    "social_proof": 0.074,
    "content_story": 0.052,
    "product_recommendation": 0.080,
}
"""The effect on a customer of average traits and full attention, as a probability."""
_SLOPE = {
    "free_shipping": 0.145,
    "percentage_discount": 0.145,
    "loyalty_reward": 0.105,
    "bundle_offer": 0.125,
    "scarcity_message": 0.140,
    "exclusivity_offer": 0.140,
    "social_proof": 0.125,
    "content_story": 0.110,
    "product_recommendation": 0.095,
}
"""How much the effect changes by a standard deviation of what drives it."""
_FADE = {
    "free_shipping": 0.85,
    "percentage_discount": 0.8,
    "loyalty_reward": 0.85,
    "bundle_offer": 0.75,
    "scarcity_message": 0.5,
    "exclusivity_offer": 0.6,
    "social_proof": 0.7,
    "content_story": 0.75,
    "product_recommendation": 0.85,
}
"""What is left of the effect after each earlier message of the same trigger."""
_GONE = 0.15
"""What is left of the effect on those who have stopped buying."""
_CART_BOOST = {"free_shipping": 1.5, "percentage_discount": 1.25}
"""How many times stronger the effect is on those who lately left a cart."""
CART_DAYS = 30.0
"""How long ago is lately."""
_ANNOYANCE = 0.35
"""How much less any message does, for each standard deviation of reactance beyond the first."""
_MOST = 0.6
_PUT_OFF = 4.0
"""How many times more strongly a message that puts off works on the orders that would come."""


@dataclass(frozen=True)
class Window:
    """The days in which a campaign's outcomes are counted. The shop's clock runs `clock` in it."""

    start: float
    days: float
    clock: float
    by_mail: bool


@dataclass(frozen=True)
class Outlook:
    """What would happen within one window, for each customer (rows) and arm (columns)."""

    converted: Floats
    """Probability of at least one order."""
    orders: Floats
    """Expected number of orders."""
    revenue: Floats
    """Expected revenue, returns and discounts taken off."""
    visit: Floats
    """Probability of at least one session."""

    def of(self, rows: Ints) -> Outlook:
        """The outlook of some of the customers."""
        return Outlook(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Response:
    """How customers respond to each arm (columns): see the module's text."""

    cause: Floats
    lose: Floats


def drives(people: Population) -> dict[str, Floats]:
    """What each trigger's effect follows: hidden traits, some of them together."""
    z = people.traits
    dear = (people.taste.tier - (TIERS - 1) / 2) / 2.0
    buys = (np.log(people.order_rate) - np.log(2.3 / 365) + 0.32) / 0.81
    looks = (np.log(people.session_rate) - np.log(12 / 365)) / 0.61
    return {
        "free_shipping": 0.9 * z["shipping"] - 0.25 * dear + 0.3 * z["shipping"] * z["price"],
        "percentage_discount": 0.9 * z["price"] - 0.25 * dear - 0.25 * z["loyalty"],
        "loyalty_reward": 0.7 * z["loyalty"] + 0.4 * buys + 0.3 * z["loyalty"] * buys,
        "bundle_offer": 0.85 * z["variety"] + 0.3 * z["price"] * z["variety"],
        "scarcity_message": 0.9 * z["impulse"] - 0.4 * z["reactance"],
        "exclusivity_offer": 0.75 * z["status"] + 0.35 * dear - 0.25 * z["reactance"],
        "social_proof": 0.85 * z["conformity"] - 0.3 * z["reactance"] - 0.3 * z["status"],
        "content_story": 0.85 * z["curiosity"] - 0.25 * z["impulse"],
        "product_recommendation": 0.75 * z["openness"] + 0.4 * looks,
    }


def respond(
    people: Population, driven_by: dict[str, Floats], day: float, seen: Ints, left_cart: Flags
) -> Response:
    """The response on a day to each arm, after `seen` earlier messages of it (rows, arms), of
    customers of whom some have lately left a cart."""
    attention = 0.35 + 1.9 * people.attention
    alive = np.where(people.dies > day, 1.0, _GONE)
    annoyed = _ANNOYANCE * np.maximum(people.traits["reactance"] - 1.0, 0.0)
    push = np.zeros((len(people), len(ARMS)))
    for trigger, drive in driven_by.items():
        arm = ARMS.index(trigger)
        fading = _FADE[trigger] ** seen[:, arm]
        pull = _LEVEL[trigger] + _SLOPE[trigger] * drive - annoyed
        cart = np.where(left_cart, _CART_BOOST.get(trigger, 1.0), 1.0)
        push[:, arm] = attention * alive * fading * cart * pull
    return Response(
        cause=np.clip(push, 0.0, _MOST),
        lose=np.where(push < 0, 1.0 - np.exp(_PUT_OFF * push), 0.0),
    )


def order_value(people: Population, price: Floats) -> Floats:
    """Expected revenue of one order under each arm, where `price` is the mean price of an item."""
    value = np.empty((len(people), len(ARMS)))
    for arm, trigger in enumerate(ARMS):
        extra = people.extra_items + (BUNDLE_ITEMS if trigger == "bundle_offer" else 0.0)
        off = people.discount_rate * SALE
        if trigger == "percentage_discount":
            off = off + (1 - people.discount_rate) * DISCOUNT
        kept = (1 - off) * (1 - people.return_rate)
        value[:, arm] = (1 + extra) * (1 + TWICE) * price * kept
    return value


def outlook(people: Population, response: Response, price: Floats, window: Window) -> Outlook:
    """The potential outcomes within a window, where `price` is the mean price of an item.

    Orders and sessions come at steady rates until the customer dies, which happens at a steady
    hazard, given that the customer was alive at the start: with rate r and hazard h a day,
    P(none) = h/(r+h) (1 - exp(-(r+h) w)) + exp(-(r+h) w) and E(number) = r (1 - exp(-h w)) / h.
    """
    days, hazard = window.days, people.hazard
    pace = np.where(people.dies > window.start, window.clock / days, 0.0)
    rate, sessions = people.order_rate * pace, people.session_rate * pace
    span = -np.expm1(-hazard * days) / hazard
    click = opens(people, window.start) * clicks(people)
    issues = len(newsletters(window.start, window.start + days))
    ignored = (1 - NEWSLETTER_REACH * click * people.consent[:, 0]) ** issues
    values = order_value(people, price)

    # What happens to those who are not sent anything, and what to those who are.
    idle, orders = _quiet(rate, hazard, days), rate * span
    away = _quiet(rate + sessions, hazard, days)
    columns: dict[str, list[Floats]] = {field.name: [] for field in fields(Outlook)}
    for arm in range(len(ARMS)):
        sent = DELIVERED if arm else 0.0
        uncaused, kept = 1 - response.cause[:, arm], rate * (1 - response.lose[:, arm])
        stays = uncaused * (1 - click) if window.by_mail else uncaused
        idle_sent = _quiet(kept, hazard, days) * uncaused
        orders_sent = kept * span + response.cause[:, arm]
        away_sent = _quiet(kept + sessions, hazard, days) * stays
        columns["converted"].append(1 - (1 - sent) * idle - sent * idle_sent)
        columns["orders"].append((1 - sent) * orders + sent * orders_sent)
        columns["revenue"].append(
            (1 - sent) * orders * values[:, 0] + sent * orders_sent * values[:, arm]
        )
        columns["visit"].append(1 - ((1 - sent) * away + sent * away_sent) * ignored)
    return Outlook(**{name: np.stack(arms, axis=1) for name, arms in columns.items()})


def _quiet(rate: Floats, hazard: Floats, window: float) -> Floats:
    """The probability of no order."""
    both = rate + hazard
    end = np.exp(-both * window)
    quiet: Floats = hazard / both * (1 - end) + end
    return quiet
