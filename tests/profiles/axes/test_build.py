"""The features of the axes against the same in plain Python, and the prepared queries too."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clustering.axes import AXES
from profiles.axes.build import FEATURE_SCHEMA, axis_features
from profiles.axes.single import price_places, single_features
from profiles.contract import RAW_TABLES
from tests.profiles.raw import AS_OF, Rows, arrow, dense_rows, raw_rows

DAY = timedelta(days=1)
TABLES = ("customers", "orders", "order_items", "products", "events", "exposures")


def places(products: list[dict[str, Any]]) -> dict[str, float]:
    """Where each product stands among its category's known prices, 0 to 1."""
    found = {}
    for product in products:
        same = [p["price"] for p in products if p["category"] == product["category"]]
        prices = sorted(price for price in same if price is not None)
        mine = product["price"]
        if mine is not None and len(set(prices)) > 1:
            found[product["product_id"]] = prices.index(mine) / (len(prices) - 1)
    return found


def features(rows: Rows, customer: str) -> dict[str, Any]:
    """One customer's features, a sum at a time."""
    orders = sorted(
        (
            o
            for o in rows.get("orders", [])
            if o["customer_id"] == customer and o["ordered_at"] < AS_OF
        ),
        key=lambda o: (o["ordered_at"], o["order_id"]),
    )
    products = {p["product_id"]: p for p in rows.get("products", [])}
    where = places(list(products.values()))
    lines = [
        line
        for line in rows.get("order_items", [])
        if line["order_id"] in {o["order_id"] for o in orders}
    ]
    events = [
        e
        for e in rows.get("events", [])
        if e["customer_id"] == customer and e["occurred_at"] < AS_OF
    ]

    def since(days: int) -> int:
        return sum(o["ordered_at"] >= AS_OF - days * DAY for o in orders)

    def divided(a: float, b: float) -> float | None:
        return a / b if b else None

    totals = [o["total"] for o in orders if o.get("total") is not None]
    discounts = [o["discount_amount"] for o in orders if o.get("discount_amount") is not None]
    both = [
        o for o in orders if o.get("total") is not None and o.get("discount_amount") is not None
    ]
    times = [o["ordered_at"] for o in orders]
    gaps = [(b - a) / DAY for a, b in pairwise(times)]
    known_gaps = gaps if len(gaps) >= 2 else []
    categories = [
        line["category"] or (products.get(line["product_id"]) or {}).get("category")
        for line in lines
    ]
    categories = [category for category in categories if category is not None]
    bought = {
        (line["order_id"], line["product_id"]) for line in lines if line["product_id"] is not None
    }
    ranks = [where[line["product_id"]] for line in lines if line["product_id"] in where]
    tickets = sorted(e["occurred_at"] for e in events if e["type"] == "support_ticket")
    asked = [e for e in events if e["type"] == "support_ticket"]
    handled = [e["duration_seconds"] for e in asked if e.get("duration_seconds") is not None]
    channels = [e["channel"] for e in asked if e.get("channel") is not None]
    created = [
        c["creation_date"]
        for c in rows.get("customers", [])
        if c["customer_id"] == customer and c["creation_date"] is not None
    ]
    starts = [*created, *times[:1]]
    return {
        "customer_id": customer,
        "tenure_days": (AS_OF - min(starts)) // DAY if starts else None,
        "orders_ever": len(orders),
        "orders_last_year": since(365),
        "orders_two_halves": since(360),
        "orders_recent": since(180),
        "average_order_value": mean(totals) if totals else None,
        "discount_known": len(discounts),
        "discounted_orders": sum(d > 0 for d in discounts),
        "discount_share": divided(
            sum(o["discount_amount"] for o in both),
            sum(o["total"] + o["discount_amount"] for o in both),
        ),
        "gap_days": mean(known_gaps) if known_gaps else None,
        "gap_variation": divided(pstdev(known_gaps), mean(known_gaps)) if known_gaps else None,
        "lines": len(lines),
        "returned_lines": sum(
            line["returned_at"] is not None and line["returned_at"] < AS_OF for line in lines
        ),
        "price_rank": mean(ranks) if ranks else None,
        "priced_lines": len(ranks),
        "premium_lines": sum(rank >= 0.75 for rank in ranks),
        "categories": len(set(categories)),
        "category_lines": len(categories),
        "top_category_lines": max((categories.count(c) for c in categories), default=0),
        "products_bought": len(bought),
        "rebought": len(bought) - len({product for _, product in bought}),
        "events": len(events),
        "tickets": len(tickets),
        "follow_ups": sum(b - a <= 7 * DAY for a, b in pairwise(tickets)),
        "handling_seconds": mean(handled) if handled else None,
        "contacts": len(channels),
        "contacts_email": channels.count("email"),
        "contacts_message": channels.count("sms") + channels.count("push"),
        "product_views": sum(e["type"] == "product_view" for e in events),
        "content_reads": sum(e["type"] == "content_read" for e in events),
        "reviews": sum(e["type"] == "review" for e in events),
    }


def assert_same(made: dict[str, Any], expected: dict[str, Any]) -> None:
    for name in FEATURE_SCHEMA.names:
        if isinstance(expected[name], float) and made[name] is not None:
            assert math.isclose(made[name], expected[name], rel_tol=1e-9, abs_tol=1e-9), name
        else:
            assert made[name] == expected[name], name


def richer(rows: Rows, rng: np.random.Generator) -> Rows:
    """The same with discounts, prices, and the channels of contacts."""
    for order in rows["orders"]:
        order["discount_amount"] = [None, 0.0, 2.5][rng.integers(3)]
    for product in rows["products"]:
        product["price"] = [None, 5.0, 9.0, 20.0][rng.integers(4)]
        product["category"] = ["tea", "hats"][rng.integers(2)]
    for event in rows["events"]:
        event["channel"] = [None, "email", "web", "sms"][rng.integers(4)]
    return rows


def test_dense_histories_have_the_features_of_the_oracle() -> None:
    rows = richer(dense_rows(np.random.default_rng(11), 60), np.random.default_rng(12))
    made = axis_features(arrow(rows), AS_OF)
    assert made.schema == FEATURE_SCHEMA
    assert made.num_rows > 40
    for row in made.to_pylist():
        assert_same(row, features(rows, row["customer_id"]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(raw_rows())
def test_any_history_has_the_features_of_the_oracle(rows: Rows) -> None:
    for row in axis_features(arrow(rows), AS_OF).to_pylist():
        assert_same(row, features(rows, row["customer_id"]))


def own_rows(rows: Rows, customer: str) -> Rows:
    """A customer's own rows, with every column that raw tables have."""
    mine = [order["order_id"] for order in rows["orders"] if order["customer_id"] == customer]
    own = {
        "orders": [row for row in rows["orders"] if row["customer_id"] == customer],
        "order_items": [row for row in rows["order_items"] if row["order_id"] in mine],
        "events": [row for row in rows["events"] if row["customer_id"] == customer],
    }
    return {
        name: [dict.fromkeys(RAW_TABLES[name].columns.names) | row for row in listed]
        for name, listed in own.items()
    }


def assert_single_is_batch(rows: Rows, created: datetime | None = None) -> None:
    """One customer at a time in plain Python gives what all at once give in SQL."""
    if created is not None:
        rows = rows | {
            "customers": [
                {"customer_id": who, "creation_date": created} for who in ("cust_a", "cust_b")
            ]
        }
    tables = arrow(rows)
    places = price_places(tables["products"])
    for row in axis_features(tables, AS_OF).to_pylist():
        who = row["customer_id"]
        born = [c["creation_date"] for c in rows.get("customers", []) if c["customer_id"] == who]
        found = single_features(
            own_rows(rows, who),
            places=places,
            names=set(tables),
            as_of=AS_OF,
            created=born[0] if born else None,
        )
        assert found is not None
        assert found.keys() | {"customer_id"} == set(FEATURE_SCHEMA.names)
        assert_same(found | {"customer_id": who}, row)


def test_one_customer_at_a_time_gives_the_same() -> None:
    rows = richer(dense_rows(np.random.default_rng(3), 40), np.random.default_rng(4))
    assert_single_is_batch(rows)
    assert_single_is_batch(rows, AS_OF - 500 * DAY)
    assert_single_is_batch(rows, AS_OF - DAY)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(raw_rows(), st.integers(0, 2**16))
def test_any_one_customer_gives_the_same(rows: Rows, seed: int) -> None:
    assert_single_is_batch(richer(rows, np.random.default_rng(seed)))


def test_one_customer_created_later_is_not_seen_and_unknown_tables_are_null() -> None:
    nothing: Rows = {"orders": [], "order_items": [], "events": []}
    assert single_features(nothing, places={}, names=(), as_of=AS_OF, created=AS_OF) is None
    found = single_features(nothing, places={}, names={"orders", "events"}, as_of=AS_OF)
    assert found is not None
    assert (found["orders_ever"], found["tickets"], found["lines"]) == (0, 0, None)
    assert price_places(None) == {}


def test_what_the_workspace_lacks_is_null_and_not_zero() -> None:
    orders = arrow({"orders": [order("o1", AS_OF - DAY)]})
    (row,) = axis_features(orders, AS_OF).to_pylist()
    assert row["orders_ever"] == 1
    assert {row["lines"], row["tickets"], row["returned_lines"]} == {None}
    (row,) = axis_features(orders | arrow({"order_items": []}), AS_OF).to_pylist()
    assert row["lines"] == 0


def test_nothing_at_or_after_the_time_counts() -> None:
    rows = arrow({"orders": [order("o1", AS_OF - DAY), order("o2", AS_OF)]})
    (row,) = axis_features(rows, AS_OF).to_pylist()
    assert (row["orders_ever"], row["average_order_value"]) == (1, 10.0)


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_every_column_of_an_axis_is_a_feature(axis: Any) -> None:
    numbers = {
        f.name
        for f in FEATURE_SCHEMA
        if pa.types.is_integer(f.type) or pa.types.is_floating(f.type)
    }
    assert set(axis.columns) <= numbers


def order(name: str, at: datetime) -> dict[str, Any]:
    return {"order_id": name, "customer_id": "cust_a", "ordered_at": at, "total": 10.0}
