"""A shop whose customers come in planted groups: raw tables of one bucket, and who is what.

Three traits are planted, each independent of the others: a customer pays the full price or hunts
deals, keeps what arrived or sends much of it back, and fills a small or a large basket. Everything
else about a customer varies in one lump.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from domain.customer import bucket_of
from profiles.contract import RAW_TABLES, TIME

ENDS_AT = datetime(2026, 1, 1, tzinfo=UTC)
PRODUCTS = 400
_DAY = 86_400_000_000


@dataclass(frozen=True)
class Shop:
    """Raw tables of one bucket, and each customer's planted traits by axis, in the order of
    `customers`."""

    tables: dict[str, pa.Table]
    planted: dict[str, np.ndarray]


def products() -> pa.Table:
    rng = np.random.default_rng(1)
    numbers = np.arange(PRODUCTS)
    return _typed(
        "products",
        product_id=[f"prod_{n:04d}" for n in numbers],
        name=[f"product {n}" for n in numbers],
        category=[f"category {n % 12}" for n in numbers],
        price=rng.gamma(3, 12, PRODUCTS).round(2),
    )


def shop_bucket(ids: list[str], orders_each: float, lines_each: float, seed: int) -> Shop:
    """The customers of these ids, with so many orders each and lines an order on average."""
    rng = np.random.default_rng(seed)
    n = len(ids)
    hunts, returns, large = (rng.random(n) < share for share in (0.3, 0.25, 0.4))
    tenure = rng.uniform(380, 1_400, n)
    count = 3 + rng.poisson(orders_each - 3, n)
    owner = np.repeat(np.arange(n), count)
    age = rng.random(len(owner)) * tenure[owner]
    total = np.where(large, 140.0, 22.0)[owner] * rng.lognormal(0, 0.25, len(owner))
    # How much a deal takes off varies by a lump around 30 %.
    deal = rng.random(len(owner)) < np.where(hunts, 0.92, 0.04)[owner]
    discount = np.where(deal, total * rng.beta(12, 28, len(owner)), 0.0)
    who = pa.array(ids)
    order_ids = _numbered(f"ord_{seed}_", len(owner))
    lines = 1 + rng.poisson(lines_each - 1, len(owner))
    order = np.repeat(np.arange(len(owner)), lines)
    product = rng.zipf(1.4, len(order)) % PRODUCTS
    back = rng.random(len(order)) < np.where(returns, 0.7, 0.03)[owner[order]]
    first = np.concatenate([[0], np.cumsum(lines)[:-1]])
    contacts = rng.poisson(0.6, n)
    asks = np.repeat(np.arange(n), contacts)
    tables = {
        "customers": _typed("customers", customer_id=who, creation_date=_times(tenure)),
        "orders": _typed(
            "orders",
            order_id=order_ids,
            customer_id=who.take(pa.array(owner)),
            ordered_at=_times(age),
            total=total.round(2),
            discount_amount=discount.round(2),
        ),
        "order_items": _typed(
            "order_items",
            order_id=order_ids.take(pa.array(order)),
            line=np.arange(len(order)) - first[order],
            product_id=pa.array([f"prod_{n:04d}" for n in range(PRODUCTS)]).take(pa.array(product)),
            quantity=np.ones(len(order), np.int64),
            unit_price=rng.gamma(3, 12, len(order)).round(2),
            returned_at=pa.array(_times(age[order] * 0.9).to_numpy(), TIME, mask=~back),
        ),
        "events": _typed(
            "events",
            event_id=_numbered(f"evt_{seed}_", len(asks)),
            customer_id=who.take(pa.array(asks)),
            occurred_at=_times(rng.random(len(asks)) * tenure[asks]),
            type=["support_ticket"] * len(asks),
            channel=pa.array(["email", "web"]).take(pa.array(rng.integers(0, 2, len(asks)))),
            duration_seconds=rng.gamma(2, 300, len(asks)).astype(np.int64),
        ),
    }
    return Shop(
        tables,
        {"price_sensitivity": hunts, "return_behavior": returns, "purchase_value": large},
    )


def ids_by_bucket(customers: int, buckets: int) -> dict[int, list[str]]:
    """Customers' ids in the buckets that a workspace puts them into, sorted."""
    places: dict[int, list[str]] = {}
    for number in range(customers):
        name = f"cust_{number:08x}"
        places.setdefault(bucket_of(name, buckets), []).append(name)
    return dict(sorted(places.items()))


def _typed(table: str, /, **columns: object) -> pa.Table:
    """A raw table with every column of the contract, null where none is given."""
    schema = RAW_TABLES[table].columns
    rows = len(next(iter(columns.values())))  # type: ignore[arg-type]
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns and not isinstance(columns[field.name], pa.Array)
        else columns[field.name].cast(field.type)  # type: ignore[attr-defined]
        if field.name in columns
        else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _times(days_before: np.ndarray) -> pa.Array:
    moments = ENDS_AT.timestamp() * 1e6 - days_before * _DAY
    return pa.array(moments.astype(np.int64), TIME)


def _numbered(prefix: str, count: int) -> pa.Array:
    return pa.array(np.char.add(prefix, np.char.zfill(np.arange(count).astype(str), 8)))
