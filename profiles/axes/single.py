"""The features of one customer given as rows: `axis_features` in plain Python.

A database takes longer to be asked about a handful of rows than the sums take. What each feature
means is said beside its SQL, in the modules of the parts; tests hold the two against each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from typing import Any

from profiles.axes.build import PARTS
from profiles.axes.contacts import CONTACTS, FOLLOW_UP_DAYS, MESSAGE_CHANNELS
from profiles.axes.items import ITEMS, PREMIUM, PRICE_PLACES
from profiles.axes.orders import HALVES, ORDERS, RECENT, YEAR
from profiles.visible import Source, open_tables

Rows = Sequence[Mapping[str, Any]]
Features = dict[str, float | None]
Places = Mapping[str, tuple[str | None, float | None]]
"""Each product's category, and its place among the prices there (see `items.PRICE_PLACES`)."""

_DAY = timedelta(days=1)


def price_places(products: Source | None) -> Places:
    """The places of a table of products, of none where there is no such table."""
    if products is None:
        return {}
    with open_tables({"products": products}, datetime(2000, 1, 1, tzinfo=UTC), threads=1) as found:
        return {row[0]: (row[1], row[2]) for row in found.execute(PRICE_PLACES).fetchall()}


def single_features(
    rows: Mapping[str, Rows],
    *,
    places: Places,
    names: Collection[str],
    as_of: datetime,
    created: datetime | None = None,
) -> Features | None:
    """The features of `FEATURE_SCHEMA` but the id, None where the customer was `created` too late
    to be seen.

    `rows` are the customer's own of `orders`, `order_items` (each of one of these orders) and
    `events`, with all their columns; `names` are the tables that the workspace has: a feature of
    any other is null.
    """
    if created is not None and created >= as_of:
        return None
    features: Features = {}
    for part in PARTS:
        known = part.needs <= set(names)
        for field, otherwise in part.otherwise.items():
            features[field] = 0 if known and otherwise == "0" else None
    del features["first_order"]
    starts = [] if created is None else [created]
    orders = [row for row in rows.get("orders", ()) if row["ordered_at"] < as_of]
    if ORDERS.needs <= set(names) and orders:
        features |= _of_orders(orders, as_of)
        starts.append(min(order["ordered_at"] for order in orders))
    seen = {order["order_id"] for order in orders}
    lines = [row for row in rows.get("order_items", ()) if row["order_id"] in seen]
    if ITEMS.needs <= set(names) and lines:
        features |= _of_lines(lines, places, as_of)
    events = [row for row in rows.get("events", ()) if row["occurred_at"] < as_of]
    if CONTACTS.needs <= set(names) and events:
        features |= _of_events(events)
    features["tenure_days"] = (as_of - min(starts)) // _DAY if starts else None
    return features


def _of_orders(orders: Rows, as_of: datetime) -> Features:
    times = sorted(order["ordered_at"] for order in orders)
    totals = [order["total"] for order in orders if order["total"] is not None]
    discounts = [o["discount_amount"] for o in orders if o["discount_amount"] is not None]
    both = [
        (order["total"], order["discount_amount"])
        for order in orders
        if order["total"] is not None and order["discount_amount"] is not None
    ]
    full_price = sum(total + discount for total, discount in both)
    gaps = [(later - earlier) / _DAY for earlier, later in pairwise(times)]
    gap_days = sum(gaps) / len(gaps) if len(gaps) >= 2 else None
    variation = None
    if gap_days:
        variation = sqrt(sum((gap - gap_days) ** 2 for gap in gaps) / len(gaps)) / gap_days

    def within(days: int) -> int:
        since = as_of - days * _DAY
        return sum(time >= since for time in times)

    return {
        "orders_ever": len(orders),
        "orders_last_year": within(YEAR),
        "orders_recent": within(RECENT),
        "orders_two_halves": within(HALVES),
        "average_order_value": sum(totals) / len(totals) if totals else None,
        "discount_known": len(discounts),
        "discounted_orders": sum(discount > 0 for discount in discounts),
        "discount_share": sum(discount for _, discount in both) / full_price
        if full_price
        else None,
        "gap_days": gap_days,
        "gap_variation": variation,
    }


def _of_lines(lines: Rows, places: Places, as_of: datetime) -> Features:
    nowhere = (None, None)
    found = [places.get(line["product_id"], nowhere) for line in lines]
    ranks = [place for _, place in found if place is not None]
    own = (line["category"] for line in lines)
    categories = Counter(
        category if category is not None else products
        for category, (products, _) in zip(own, found, strict=True)
    )
    categories.pop(None, None)
    pairs = {
        (line["order_id"], line["product_id"]) for line in lines if line["product_id"] is not None
    }
    returned = [line["returned_at"] for line in lines if line["returned_at"] is not None]
    return {
        "lines": len(lines),
        "returned_lines": sum(at < as_of for at in returned),
        "price_rank": sum(ranks) / len(ranks) if ranks else None,
        "priced_lines": len(ranks),
        "premium_lines": sum(rank >= PREMIUM for rank in ranks),
        "categories": len(categories),
        "category_lines": categories.total(),
        "top_category_lines": max(categories.values(), default=0),
        "products_bought": len(pairs),
        "rebought": len(pairs) - len({product for _, product in pairs}),
    }


def _of_events(events: Rows) -> Features:
    kinds = Counter(event["type"] for event in events)
    tickets = [event for event in events if event["type"] == "support_ticket"]
    times = sorted(ticket["occurred_at"] for ticket in tickets)
    handled = [t["duration_seconds"] for t in tickets if t["duration_seconds"] is not None]
    channels = Counter(t["channel"] for t in tickets if t["channel"] is not None)
    soon = timedelta(days=FOLLOW_UP_DAYS)
    return {
        "events": len(events),
        "tickets": len(tickets),
        "follow_ups": sum(later - earlier <= soon for earlier, later in pairwise(times)),
        "handling_seconds": sum(handled) / len(handled) if handled else None,
        "contacts": channels.total(),
        "contacts_email": channels["email"],
        "contacts_message": sum(channels[name] for name in MESSAGE_CHANNELS),
        "product_views": kinds["product_view"],
        "content_reads": kinds["content_read"],
        "reviews": kinds["review"],
    }
