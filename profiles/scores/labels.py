"""What customers did after a time: the outcomes that score models learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from profiles.build import build_profiles
from profiles.contract import IN_SHOP
from profiles.visible import Source, open_tables

EXCLUSIVE_TAG = "limited_edition"
SOCIAL_PROOF = ("bestsellers_view", "review")
CONTENT = ("content_read", "email_click")


@dataclass(frozen=True)
class Cut:
    """Profiles as of `as_of`, and what happened in the `horizon_days` from then on."""

    as_of: datetime
    horizon_days: int

    @property
    def until(self) -> datetime:
        return self.as_of + timedelta(days=self.horizon_days)


@dataclass(frozen=True)
class Labelled:
    """Profiles as of a cut, and for each the outcomes after it, in the same order.

    `outcomes` has `orders`, `revenue`, `next_category` (null without orders) and `active` (a
    session or an order), and the counts of events `in_shop`, `social_proof`, `content`, and of
    those about a product, `product_touches`, of which `limited` were of a limited edition. What
    comes from a raw table that is missing is null.
    """

    cut: Cut
    profiles: pa.Table
    outcomes: pa.Table


OUTCOMES = pa.schema(
    {
        "customer_id": pa.string(),
        "orders": pa.int64(),
        "revenue": pa.float64(),
        "active": pa.bool_(),
        "next_category": pa.string(),
        "in_shop": pa.int64(),
        "social_proof": pa.int64(),
        "content": pa.int64(),
        "product_touches": pa.int64(),
        "limited": pa.int64(),
    }
)


def label_bucket(tables: Mapping[str, Source], cut: Cut, *, threads: int = 2) -> Labelled:
    """One bucket's profiles as of the cut and their outcomes: a pure function of its raw tables."""
    profiles = build_profiles(tables, cut.as_of, threads=threads)
    start = (cut.as_of if cut.as_of.tzinfo else cut.as_of.replace(tzinfo=UTC)).astimezone(UTC)
    with open_tables(tables, cut.until, threads=threads) as connection:
        connection.register("profiles", profiles.select(["customer_id"]))
        since = f"TIMESTAMP '{start:%Y-%m-%d %H:%M:%S.%f}'"
        outcomes = connection.sql(_outcomes(since, tables)).to_arrow_table()
    return Labelled(cut, profiles, outcomes.cast(OUTCOMES))


def together(parts: Iterable[Labelled]) -> Labelled:
    """The same cut of several buckets as one."""
    listed = list(parts)
    if len({part.cut for part in listed}) != 1:
        raise ValueError("parts of one cut are put together")
    return Labelled(
        listed[0].cut,
        pa.concat_tables([part.profiles for part in listed]),
        pa.concat_tables([part.outcomes for part in listed]),
    )


def _outcomes(since: str, tables: Mapping[str, Source]) -> str:
    def counted(needs: str, column: str, otherwise: str = "0") -> str:
        known = set(needs.split()) <= tables.keys()
        return f"{f'coalesce({column}, {otherwise})' if known else 'NULL'} AS {column}"

    types = {
        name: ", ".join(f"'{kind}'" for kind in kinds)
        for name, kinds in (("in_shop", IN_SHOP), ("social", SOCIAL_PROOF), ("content", CONTENT))
    }
    return f"""
        WITH bought AS (
            SELECT customer_id, count(*) AS orders,
                list_sum(list_sort(list(total))) AS revenue,
                arg_min(order_id, (ordered_at, order_id)) AS order_id
            FROM orders WHERE ordered_at >= {since} GROUP BY customer_id
        ), next AS (
            -- The line that most was spent on.
            SELECT order_id, arg_max(
                coalesce(lines.category, products.category),
                (coalesce(quantity * unit_price, 0), -line)
            ) AS next_category
            FROM order_items AS lines LEFT JOIN products USING (product_id)
            WHERE coalesce(lines.category, products.category) IS NOT NULL
            GROUP BY order_id
        ), exclusive AS (
            SELECT product_id FROM products WHERE list_contains(tags, '{EXCLUSIVE_TAG}')
        ), acted AS (
            SELECT customer_id, count(*) FILTER (type = 'session') AS sessions,
                count(*) FILTER (type IN ({types["in_shop"]})) AS in_shop,
                count(*) FILTER (type IN ({types["social"]})) AS social_proof,
                count(*) FILTER (type IN ({types["content"]})) AS content,
                count(product_id) AS product_touches,
                count(exclusive.product_id) AS limited
            FROM events LEFT JOIN exclusive USING (product_id)
            WHERE occurred_at >= {since} GROUP BY customer_id
        )
        SELECT profiles.customer_id, {counted("orders", "orders")},
            {counted("orders", "revenue")},
            {
        "coalesce(orders, 0) + coalesce(sessions, 0) > 0"
        if {"orders", "events"} <= tables.keys()
        else "NULL"
    } AS active,
            {counted("orders order_items", "next_category", "NULL")},
            {counted("events", "in_shop")}, {counted("events", "social_proof")},
            {counted("events", "content")},
            {counted("events products", "product_touches")}, {counted("events products", "limited")}
        FROM profiles LEFT JOIN bought USING (customer_id) LEFT JOIN next USING (order_id)
            LEFT JOIN acted USING (customer_id)
        ORDER BY profiles.customer_id"""
