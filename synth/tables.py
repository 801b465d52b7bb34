"""The raw tables in Arrow, with the names and types of the customer data contract."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pyarrow as pa

from synth.assortment import CATEGORIES, Assortment
from synth.baskets import Baskets
from synth.browsing import STEPS
from synth.campaigns import ORGANIC, Exposures
from synth.chance import AnyInts, Floats, Ints
from synth.effects import ARMS
from synth.log import CHANNELS, TYPES, Entries
from synth.places import place
from synth.plan import PLANS, campaign_id, start_day, window_days
from synth.population import SOURCES, Population
from synth.ragged import History, number_within
from synth.recipe import Recipe

TIME = pa.timestamp("us", "UTC")
_SHARES = pa.map_(pa.string(), pa.float64())
_MAIL_HOSTS = ("example.com", "example.net", "example.org")
"""Domains reserved for examples (RFC 2606): nobody has an address there."""

CAMPAIGNS_SCHEMA = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("name", pa.string()),
        ("started_at", TIME),
        ("design", pa.string()),
        ("audience", pa.string()),
        ("channel", pa.string()),
        ("outcome_window_days", pa.int64()),
        ("arm_probabilities", _SHARES),
    ]
)

_HEX = "".join(f"{n:04x}" for n in range(1 << 16)).encode()
_FOUR_DIGITS = np.frombuffer(_HEX, dtype=np.uint8).reshape(-1, 4)


class Clock:
    """Days since the start of the history as timestamps, to the second."""

    def __init__(self, start: datetime) -> None:
        self._start = int(start.timestamp())

    def at(self, day: Floats) -> pa.Array:
        """Timestamps; NaN becomes null."""
        known = np.isfinite(day)
        # Just above the floor, so that nine o'clock as a float is not a second before nine.
        seconds = np.floor(np.where(known, day, 0.0) * 86_400 + 1e-3).astype(np.int64)
        return pa.array((seconds + self._start) * 1_000_000, type=TIME, mask=~known)


def hex_ids(prefix: str, *parts: tuple[Ints, int]) -> pa.Array:
    """Texts of a prefix and fixed-width hex numbers `(value, digits)`, without a Python loop."""
    size = len(parts[0][0])
    width = len(prefix) + sum(count for _, count in parts)
    text = np.empty((size, width), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    column = len(prefix)
    for value, count in parts:
        for left in range(count, 0, -4):
            digits = min(left, 4)
            four = _FOUR_DIGITS[(value >> (4 * (left - digits))) & (16**digits - 1)]
            text[:, column : column + digits] = four[:, 4 - digits :]
            column += digits
    offsets = np.arange(size + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(size, pa.py_buffer(offsets), pa.py_buffer(text))


def customer_ids(people: Population, owner: AnyInts) -> pa.Array:
    return hex_ids("cust_", (people.number[owner], 8))


def product_ids(product: AnyInts) -> pa.Array:
    names = pa.array([f"prod_{n:04d}" for n in range(int(product.max(initial=0)) + 1)])
    return names.take(pa.array(product, mask=product < 0))


def _named(names: tuple[str, ...], code: AnyInts) -> pa.Array:
    return pa.array(names).take(pa.array(code, mask=code < 0))


def _order_ids(people: Population, owner: Ints) -> pa.Array:
    return hex_ids("ord_", (people.number[owner], 8), (number_within(owner), 4))


def identities(recipe: Recipe, people: Population) -> pa.Table:
    """Who the customers are. Phone numbers are of a country code that no country has."""
    first_name = np.empty(len(people), dtype=object)
    mailbox = np.empty(len(people), dtype=object)
    for n, code in enumerate(recipe.locales):
        here = people.locale == n
        pool = place(code)
        first_name[here] = np.array(pool.first_names, dtype=object)[people.first_name[here]]
        mailbox[here] = np.array(pool.mailboxes, dtype=object)[people.first_name[here]]
    emails = [
        f"{box}.{number:08x}@{_MAIL_HOSTS[number % 3]}"
        for box, number in zip(mailbox, people.number.tolist(), strict=True)
    ]
    return pa.table(
        {
            "customer_id": customer_ids(people, np.arange(len(people))),
            "first_name": pa.array(first_name, type=pa.string()),
            "email_address": pa.array(emails, type=pa.string()),
            "phone_number": pa.array(
                [f"+999{n:010d}" for n in people.number.tolist()], type=pa.string()
            ),
        }
    )


def customers(recipe: Recipe, people: Population, clock: Clock) -> pa.Table:
    city = np.empty(len(people), dtype=object)
    for n, code in enumerate(recipe.locales):
        here = people.locale == n
        city[here] = np.array(place(code).cities, dtype=object)[people.city[here]]
    countries = tuple(place(code).country for code in recipe.locales)
    return pa.table(
        {
            "customer_id": customer_ids(people, np.arange(len(people))),
            "location_city": pa.array(city, type=pa.string()),
            "location_country": _named(countries, people.locale),
            "acquisition_source": _named(SOURCES, people.source),
            "creation_date": clock.at(people.created),
            **{
                f"{channel}_consent": pa.array(people.consent[:, n])
                for n, channel in enumerate(("email", "sms", "push", "ads"))
            },
        }
    )


def orders(people: Population, baskets: Baskets, clock: Clock) -> pa.Table:
    """`total` is what was paid for the goods: less `discount_amount`, without `shipping_paid`."""
    o = baskets.orders
    names = tuple(campaign_id(number) for number in range(len(PLANS)))
    return pa.table(
        {
            "order_id": _order_ids(people, o.owner),
            "customer_id": customer_ids(people, o.owner),
            "ordered_at": clock.at(o.day),
            "total": baskets.total.round(2),
            "discount_amount": baskets.discount,
            "shipping_paid": baskets.shipping,
            "campaign_id": _named(names, np.where(o.campaign == ORGANIC, -1, o.campaign)),
        }
    )


def order_items(
    people: Population, baskets: Baskets, assortment: Assortment, clock: Clock, until: float
) -> pa.Table:
    b = baskets
    back = np.where(b.returned < until, b.returned, np.nan)
    return pa.table(
        {
            "order_id": _order_ids(people, b.orders.owner).take(pa.array(b.order)),
            "line": pa.array((b.line + 1).astype(np.int64)),
            "product_id": product_ids(b.product),
            "category": _named(CATEGORIES, assortment.category[b.product]),
            "quantity": pa.array(b.quantity.astype(np.int64)),
            "unit_price": assortment.price[b.product].round(2),
            "returned_at": clock.at(back),
        }
    )


def events(people: Population, log: Entries, clock: Clock) -> pa.Table:
    steps = _named(STEPS, log.step)
    return pa.table(
        {
            "event_id": hex_ids(
                "evt_", (people.number[log.owner], 8), (number_within(log.owner), 6)
            ),
            "customer_id": customer_ids(people, log.owner),
            "occurred_at": clock.at(log.day),
            "type": _named(TYPES, log.type),
            "product_id": product_ids(log.product),
            "value": pa.array(log.value, mask=np.isnan(log.value)),
            "duration_seconds": pa.array(log.seconds.astype(np.int64), mask=log.seconds < 0),
            "channel": _named(CHANNELS, log.channel),
            "properties": pa.StructArray.from_arrays(
                [steps], names=["step"], mask=pa.array(log.step < 0)
            ),
        }
    )


def exposures(
    people: Population,
    played: tuple[Exposures, ...],
    baskets: Baskets,
    log: Entries,
    clock: Clock,
) -> pa.Table:
    """Every campaign's exposures with the outcomes that the orders and sessions show."""
    session = log.type == TYPES.index("session")
    visits = History(len(people), log.owner[session], log.day[session])
    parts = [_exposures(people, one, baskets, visits, clock) for one in played]
    owner = np.concatenate([one.rows for one in played])
    return pa.concat_tables(parts).take(pa.array(np.argsort(owner, kind="stable")))


def _exposures(
    people: Population, one: Exposures, baskets: Baskets, visits: History, clock: Clock
) -> pa.Table:
    rows, size = one.rows, len(one.rows)
    end = one.day + one.window
    o = baskets.orders
    inside = (o.day >= one.day) & (o.day < end)
    count = np.bincount(o.owner[inside], minlength=len(people))[rows].astype(np.float64)
    net = (baskets.total - baskets.refund)[inside]
    revenue = np.bincount(o.owner[inside], weights=net, minlength=len(people))[rows].round(2)
    visit = visits.count(one.day, end)[rows] > 0
    outcomes = np.stack([count > 0, revenue, count, visit], axis=1).astype(np.float64)
    return pa.table(
        {
            "campaign_id": pa.array([campaign_id(one.campaign)]).take(
                pa.array(np.zeros(size, dtype=np.int64))
            ),
            "customer_id": customer_ids(people, rows),
            "trigger": _named(ARMS, one.arm),
            "propensities": _propensities(one),
            "assigned_at": clock.at(np.full(size, one.day)),
            "sent_at": clock.at(np.where(one.sent, one.sent_day, np.nan)),
            "outcomes": _maps(("converted", "revenue", "orders", "visit"), outcomes),
            "cluster_id": _households(people, rows),
        }
    )


def _households(people: Population, rows: Ints) -> pa.Array:
    ids = hex_ids("hh_", (people.household[rows], 8))
    shared = people.shares_home[rows]
    return ids.take(pa.array(np.arange(len(rows)), mask=~shared))


def _propensities(one: Exposures) -> pa.Array:
    if one.shares is None:
        return pa.nulls(len(one.rows), type=_SHARES)
    used = [n for n in range(len(ARMS)) if ARMS[n] in PLANS[one.campaign].shares]
    return _maps(tuple(ARMS[n] for n in used), one.shares[:, used])


def _maps(names: tuple[str, ...], values: Floats) -> pa.Array:
    """A map of the same keys for each row of `values`."""
    size = len(values)
    offsets = pa.array(np.arange(size + 1, dtype=np.int32) * np.int32(len(names)))
    keys = pa.array(names).take(pa.array(np.tile(np.arange(len(names)), size)))
    return pa.MapArray.from_arrays(offsets, keys, pa.array(values.ravel()))


def products(assortment: Assortment) -> pa.Table:
    return pa.table(
        {
            "product_id": product_ids(np.arange(len(assortment))),
            "name": assortment.names(),
            "category": _named(CATEGORIES, assortment.category),
            "price": assortment.price.round(2),
            "tags": pa.array(assortment.tags(), type=pa.list_(pa.string())),
        }
    )


def campaigns(recipe: Recipe, clock: Clock) -> pa.Table:
    """The campaigns. Where shares differ by stratum or are unknown, `arm_probabilities` is null;
    the exposures of a stratified one still carry each customer's propensities."""
    rows = []
    started = clock.at(np.array([start_day(n, recipe.days) for n in range(len(PLANS))]))
    for number, plan in enumerate(PLANS):
        leaves = [{"field": f, "op": op, "value": value} for f, op, value in plan.audience]
        known = plan.shares and plan.repeat_shares is None
        rows.append(
            {
                "campaign_id": campaign_id(number),
                "name": plan.name,
                "started_at": started[number].as_py(),
                "design": plan.design.value,
                "audience": json.dumps({"all": leaves}),
                "channel": plan.channel.value,
                "outcome_window_days": window_days(number, recipe.days),
                "arm_probabilities": list(plan.shares.items()) if known else None,
            }
        )
    return pa.Table.from_pylist(rows, schema=CAMPAIGNS_SCHEMA)
