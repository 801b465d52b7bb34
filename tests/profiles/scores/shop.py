"""A little shop whose customers have tastes, habits and an end: something for scores to find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from profiles.contract import RAW_TABLES

END = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 500
START = END - timedelta(days=DAYS)
CATEGORIES = ("shoes", "hats", "tea")
Rows = list[dict[str, Any]]


def shop(customers: int, seed: int) -> dict[str, pa.Table]:
    """Raw tables of 500 days.

    Each customer lives for a while, comes at a rate of their own, buys at some visits, mostly of
    one category, and looks at bestsellers, articles or limited editions as often as they are
    inclined to. Three campaigns offer free shipping at random; it works for those who come
    often.
    """
    rng = np.random.default_rng(seed)
    products = [
        {
            "product_id": f"{category}{n}",
            "name": category,
            "category": category,
            "tags": ["limited_edition"] if n == 0 else [],
        }
        for category in CATEGORIES
        for n in range(4)
    ]
    rows: dict[str, Rows] = {"orders": [], "order_items": [], "events": [], "exposures": []}
    people: Rows = []
    for number in range(customers):
        who = f"c{number:05d}"
        born = float(rng.uniform(-200, 300))
        people.append({"customer_id": who, "creation_date": START + timedelta(days=born)})
        _live(rng, who, max(born, 0.0), rows)
    return {
        "customers": _table("customers", people),
        "products": _table("products", products),
        "campaigns": _table(
            "campaigns",
            [
                {"campaign_id": name, "started_at": at, "outcome_window_days": 14}
                for name, at in CAMPAIGNS.items()
            ],
        ),
        **{name: _table(name, listed) for name, listed in rows.items()},
    }


CAMPAIGNS = {f"camp{n}": START + timedelta(days=330 + 50 * n) for n in range(3)}


def _live(rng: np.random.Generator, who: str, born: float, rows: dict[str, Rows]) -> None:
    ends = born + rng.exponential(250)
    gap = 4 + rng.exponential(12)
    buys, social, content, limited = rng.beta(1, 4), rng.beta(1, 6), rng.beta(1, 4), rng.beta(1, 5)
    favourite = rng.integers(len(CATEGORIES))
    spend = rng.gamma(4, 10)
    day = born + rng.exponential(gap)
    while day < min(ends, DAYS):
        at = START + timedelta(days=float(day))

        def event(kind: str, product: str | None = None, at: datetime = at) -> None:
            rows["events"].append(
                {
                    "event_id": f"e{len(rows['events'])}",
                    "customer_id": who,
                    "occurred_at": at,
                    "type": kind,
                    "product_id": product,
                    "duration_seconds": 100 if kind == "session" else None,
                }
            )

        def pick() -> str:
            category = favourite if rng.random() < 0.8 else rng.integers(len(CATEGORIES))
            number = 0 if rng.random() < limited else rng.integers(1, 4)
            return f"{CATEGORIES[category]}{number}"

        event("session")
        event("product_view", pick())
        if rng.random() < social:
            event("bestsellers_view")
        if rng.random() < content:
            event("content_read")
        if rng.random() < buys:
            _order(rng, who, at, pick(), spend, rows)
        day += rng.exponential(gap)
    for name, at in CAMPAIGNS.items():
        treated = bool(rng.random() < 0.5)
        chance = 0.15 + (0.35 if gap < 12 else 0.0) * treated
        rows["exposures"].append(
            {
                "campaign_id": name,
                "customer_id": who,
                "assigned_at": at,
                "trigger": "free_shipping" if treated else "none",
                "propensities": [("none", 0.5), ("free_shipping", 0.5)],
                "outcomes": [("converted", float(rng.random() < chance))],
            }
        )


def _order(
    rng: np.random.Generator,
    who: str,
    at: datetime,
    product: str,
    spend: float,
    rows: dict[str, Rows],
) -> None:
    order = f"o{len(rows['orders'])}"
    total = round(float(spend * rng.gamma(10, 0.1)), 2)
    rows["orders"].append({"order_id": order, "customer_id": who, "ordered_at": at, "total": total})
    rows["order_items"].append(
        {
            "order_id": order,
            "line": 1,
            "product_id": product,
            "category": product[:-1],
            "quantity": 1,
            "unit_price": total,
        }
    )


def _table(name: str, rows: Rows) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=RAW_TABLES[name].columns)
