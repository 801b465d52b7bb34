"""A profile as numbers, for models that forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from profiles.connection import in_memory

Matrix = NDArray[np.float32]

_PLAIN = (
    "tenure_days",
    "average_order_value",
    "lifetime_value",
    "purchase_frequency",
    "lifetime_orders",
    "days_since_last_purchase",
    "has_ever_returned_item",
    "days_since_last_seen",
    "session_count",
    "avg_session_duration",
    "abandoned_cart_value",
    "days_since_cart_abandoned",
    "carts_abandoned",
    "carts_abandoned_at_shipping",
    "viewed_bestsellers_page",
    "interacted_with_content",
    "product_reviews_written",
    "wishlist_items_count",
    "email_open_rate",
    "email_click_through_rate",
    "email_consent",
    "sms_consent",
    "push_consent",
    "ads_consent",
)

_FROM_HISTORY = {
    "days_since_first_purchase": (
        "days_since_last_purchase + date_sub('day', first.date, last.date)"
    ),
    "days_between_purchases": (
        "date_sub('day', first.date, last.date) / nullif(lifetime_orders - 1, 0)"
    ),
    "orders_last_30_days": "len(list_filter(ages, lambda age: age < 30))",
    "orders_last_90_days": "len(list_filter(ages, lambda age: age < 90))",
    "orders_last_180_days": "len(list_filter(ages, lambda age: age < 180))",
    "last_total": "last.total",
    "first_total": "first.total",
    "largest_total": "list_max(list_transform(orders, lambda one: one.total))",
    "pages_viewed": "len(viewed_product_pages)",
    "categories_bought": "len(product_categories_purchased)",
    "campaigns_received": "len(campaign_history)",
    "campaigns_converted": "len(list_filter(campaign_history, lambda one: one.converted))",
}


@dataclass(frozen=True)
class Vocabulary:
    """The categories and the products of limited edition that the features count."""

    categories: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        per_category = (f"{kind} {name}" for kind in ("bought", "saw") for name in self.categories)
        return (*_PLAIN, *_FROM_HISTORY, "limited_viewed", "limited_bought", *per_category)


@dataclass(frozen=True)
class Prepared:
    """Profiles with their features, computed once for all scores."""

    profiles: pa.Table
    X: Matrix


def prepare(profiles: pa.Table, vocabulary: Vocabulary, *, threads: int = 2) -> Prepared:
    return Prepared(profiles, features(profiles, vocabulary, threads=threads))


# The unnested products are joined, not searched for in a list: a shop may have many thousands of
# limited editions.
_SEEN = """
    WITH parts AS (
        SELECT *, transaction_history AS orders,
            transaction_history[1] AS first, transaction_history[-1] AS last,
            list_transform(transaction_history, lambda one:
                date_sub('day', one.date, transaction_history[-1].date)
                + days_since_last_purchase) AS ages,
            flatten(list_transform(transaction_history, lambda one: coalesce(one.items, [])))
                AS items
        FROM given
    ), viewed AS (
        SELECT place, count(*) AS limited_viewed
        FROM (SELECT place, unnest(viewed_product_pages).product_id AS id FROM given)
        JOIN limited USING (id) GROUP BY place
    ), bought AS (
        SELECT place, count(*) AS limited_bought
        FROM (SELECT place, unnest(items).product_id AS id FROM parts)
        JOIN limited USING (id) GROUP BY place
    )
    SELECT parts.*, CASE WHEN viewed_product_pages IS NOT NULL
            THEN coalesce(limited_viewed, 0) END AS limited_viewed,
        CASE WHEN items IS NOT NULL THEN coalesce(limited_bought, 0) END AS limited_bought
    FROM parts LEFT JOIN viewed USING (place) LEFT JOIN bought USING (place)"""


def features(profiles: pa.Table, vocabulary: Vocabulary, *, threads: int = 2) -> Matrix:
    """One row a profile, one column a name of `vocabulary.names`; NaN where the profile is null.

    Everything is relative to the profile's own time, so that profiles of different times compare.
    """
    plain = [*_PLAIN, *_FROM_HISTORY.values(), "limited_viewed", "limited_bought"]
    columns = ", ".join(f"({sql})::FLOAT AS f{n}" for n, sql in enumerate(plain))
    with in_memory(threads=threads) as connection:
        place = pa.array(np.arange(profiles.num_rows))
        connection.register("given", profiles.append_column("place", place))
        connection.register("limited", _words("id", vocabulary.limited))
        connection.register("categories", _words("name", vocabulary.categories))
        connection.execute("SET VARIABLE names = (SELECT coalesce(list(name), []) FROM categories)")
        table = connection.sql(f"""
            SELECT {columns},
                list_transform(getvariable('names'), lambda name:
                    len(list_filter(items, lambda item: item.category = name))::FLOAT) AS bought,
                list_transform(getvariable('names'), lambda name:
                    list_contains(viewed_products, name)::FLOAT) AS saw
            FROM ({_SEEN}) ORDER BY place""").to_arrow_table()
    width = len(vocabulary.categories)
    wide = [
        _numbers(pa.chunked_array([table.column(name).combine_chunks().flatten()])).reshape(
            table.num_rows, width
        )
        for name in ("bought", "saw")
    ]
    narrow = [_numbers(table.column(f"f{n}")) for n in range(len(plain))]
    return np.ascontiguousarray(np.column_stack([*narrow, *wide]), dtype=np.float32)


def _words(column: str, words: tuple[str, ...]) -> pa.Table:
    return pa.table({column: pa.array(words, pa.string())})


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float32]:
    return np.asarray(column.to_numpy(), dtype=np.float32)
