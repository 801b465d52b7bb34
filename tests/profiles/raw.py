"""Small random raw tables, as lists of rows, and their Arrow form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from profiles.contract import EVENT_TYPES, RAW_TABLES

AS_OF = datetime(2024, 6, 1, 12, 30, tzinfo=UTC)
CUSTOMERS = ("cust_a", "cust_b", "cust_c")
PRODUCTS = ("p1", "p2", "p3", "p4")
CAMPAIGNS = ("spring", "summer")
Rows = dict[str, list[dict[str, Any]]]

# Days and seconds around as_of, so that the very moment, a day and the 90- and 365-day windows
# are all hit.
times = st.builds(
    lambda days, seconds: AS_OF + timedelta(days=days, seconds=seconds),
    st.sampled_from([-400, -365, -364, -91, -90, -89, -31, -30, -2, -1, 0, 1, 5, 40]),
    st.sampled_from([-60, -1, 0, 0, 1, 3600]),
)
money = st.none() | st.integers(0, 20_000).map(lambda cents: cents / 100)
words = st.sampled_from(["shoes", "hats", "limited_edition", "tea"])
maybe_words = st.none() | words


def _keyed(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return [row | {key: f"{key[0]}{number:05d}"} for number, row in enumerate(rows)]


@st.composite
def raw_rows(draw: st.DrawFn) -> Rows:
    """Every raw table for three customers; the ids are unique, the order is not by time."""
    customers = st.sampled_from(CUSTOMERS)
    orders = _keyed(
        draw(
            st.lists(
                st.fixed_dictionaries(
                    {"customer_id": customers, "ordered_at": times, "total": money}
                ),
                max_size=8,
            )
        ),
        "order_id",
    )
    items = [
        draw(
            st.fixed_dictionaries(
                {
                    "product_id": st.none() | st.sampled_from(PRODUCTS),
                    "category": maybe_words,
                    "quantity": st.integers(1, 3),
                    "unit_price": money,
                    "returned_at": st.none() | times,
                }
            )
        )
        | {"order_id": order["order_id"], "line": line, "customer_id": order["customer_id"]}
        for order in orders
        for line in range(draw(st.integers(0, 2)))
    ]
    return {
        "customers": [
            {
                "customer_id": customer,
                "location_city": draw(maybe_words),
                "location_country": "DE",
                "acquisition_source": "email",
                "creation_date": draw(st.none() | times),
                "email_consent": draw(st.booleans()),
                "sms_consent": False,
                "push_consent": None,
                "ads_consent": True,
            }
            for customer in CUSTOMERS[: draw(st.integers(0, 3))]
        ],
        "products": [
            {
                "product_id": product,
                "name": f"the {product}",
                "category": draw(maybe_words),
                "price": 1.0,
                "tags": draw(st.none() | st.lists(words, max_size=2)),
            }
            for product in PRODUCTS[: draw(st.integers(0, 4))]
        ],
        "orders": orders,
        "order_items": items,
        "events": draw(event_rows(st.integers(0, 40))),
        "campaigns": [
            {
                "campaign_id": campaign,
                "outcome_window_days": draw(st.sampled_from([None, 1, 14, 30])),
            }
            for campaign in CAMPAIGNS
        ],
        "exposures": draw(exposure_rows()),
    }


@st.composite
def event_rows(
    draw: st.DrawFn, how_many: st.SearchStrategy[int], when: st.SearchStrategy[datetime] = times
) -> list[dict[str, Any]]:
    row = st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(CUSTOMERS),
            "occurred_at": when,
            "type": st.sampled_from(EVENT_TYPES),
            "product_id": st.none() | st.sampled_from(PRODUCTS),
            "value": money,
            "duration_seconds": st.none() | st.integers(0, 4000),
            "properties": st.none()
            | st.fixed_dictionaries(
                {
                    "step": st.sampled_from(["cart", "shipping", "payment"]),
                    "cart_id": st.none() | st.just("basket"),
                    "items": st.none() | st.just(["p2", "p1"]),
                }
            ),
        }
    )
    size = draw(how_many)
    return _keyed(draw(st.lists(row, min_size=size, max_size=size)), "event_id")


@st.composite
def exposure_rows(
    draw: st.DrawFn, when: st.SearchStrategy[datetime] = times
) -> list[dict[str, Any]]:
    pairs = draw(st.sets(st.tuples(st.sampled_from(CAMPAIGNS), st.sampled_from(CUSTOMERS))))
    outcomes = st.none() | st.dictionaries(
        st.sampled_from(["converted", "revenue", "visit"]), st.sampled_from([0.0, 1.0, 9.5])
    ).map(lambda named: sorted(named.items()))
    return [
        {
            "campaign_id": campaign,
            "customer_id": customer,
            "trigger": draw(st.sampled_from(["none", "free_shipping"])),
            "assigned_at": draw(when),
            "outcomes": draw(outcomes),
        }
        for campaign, customer in sorted(pairs)
    ]


def dense_rows(rng: np.random.Generator, customers: int) -> Rows:
    """Customers with so many orders and events that every window's edge is met by some."""
    names = [f"cust_{number:03d}" for number in range(customers)]
    days = [-400, -366, -365, -364, -91, -90, -89, -30, -2, -1, 0, 1]
    seconds = [-60, -1, 0, 1, 3600]

    def time() -> datetime:
        return AS_OF + timedelta(days=int(rng.choice(days)), seconds=int(rng.choice(seconds)))

    def maybe(value: Any) -> Any:
        return None if rng.random() < 0.2 else value

    def cents() -> float:
        return int(rng.integers(0, 20_000)) / 100

    def rows(most: int, make: Any) -> list[dict[str, Any]]:
        return [{"customer_id": name} | make() for name in names for _ in range(rng.integers(most))]

    orders = _keyed(rows(6, lambda: {"ordered_at": time(), "total": maybe(cents())}), "order_id")
    categories = ["shoes", "hats", "tea"]
    return {
        "products": [
            {"product_id": product, "name": product, "category": category, "tags": tags}
            for product, category, tags in zip(
                PRODUCTS, [*categories, None], [["rare"], None, [], ["rare"]], strict=True
            )
        ],
        "orders": orders,
        "order_items": [
            {
                "order_id": order["order_id"],
                "customer_id": order["customer_id"],
                "line": line,
                "product_id": maybe(str(rng.choice(PRODUCTS))),
                "category": maybe(str(rng.choice(categories))),
                "quantity": int(rng.integers(1, 4)),
                "unit_price": maybe(cents()),
                "returned_at": time() if rng.random() < 0.1 else None,
            }
            for order in orders
            for line in range(rng.integers(3))
        ],
        "events": _keyed(
            rows(
                60,
                lambda: {
                    "occurred_at": time(),
                    "type": str(rng.choice([*EVENT_TYPES, "product_view"])),
                    "product_id": maybe(str(rng.choice(PRODUCTS))),
                    "value": maybe(cents()),
                    "duration_seconds": maybe(int(rng.integers(0, 4000))),
                    "properties": maybe({"step": str(rng.choice(["cart", "shipping"]))}),
                },
            ),
            "event_id",
        ),
    }


def arrow(rows: Rows) -> dict[str, pa.Table]:
    return {
        name: pa.Table.from_pylist(listed, schema=RAW_TABLES[name].columns)
        for name, listed in rows.items()
    }
