"""Raw tables to the features of every axis: one row a customer, as of a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from profiles import identity
from profiles.axes.contacts import CONTACTS
from profiles.axes.items import ITEMS, PRICE_PLACES
from profiles.axes.orders import ORDERS
from profiles.visible import Source, open_tables

PARTS = (ORDERS, ITEMS, CONTACTS)

_INT, _FLOAT = pa.int64(), pa.float64()

FEATURE_SCHEMA = pa.schema(
    {
        "customer_id": pa.string(),
        "tenure_days": _INT,
        "orders_ever": _INT,
        "orders_last_year": _INT,
        "orders_recent": _INT,
        "orders_two_halves": _INT,
        "average_order_value": _FLOAT,
        "discount_known": _INT,
        "discounted_orders": _INT,
        "discount_share": _FLOAT,
        "gap_days": _FLOAT,
        "gap_variation": _FLOAT,
        "lines": _INT,
        "returned_lines": _INT,
        "price_rank": _FLOAT,
        "priced_lines": _INT,
        "premium_lines": _INT,
        "categories": _INT,
        "category_lines": _INT,
        "top_category_lines": _INT,
        "products_bought": _INT,
        "rebought": _INT,
        "events": _INT,
        "tickets": _INT,
        "follow_ups": _INT,
        "handling_seconds": _FLOAT,
        "contacts": _INT,
        "contacts_email": _INT,
        "contacts_message": _INT,
        "product_views": _INT,
        "content_reads": _INT,
        "reviews": _INT,
    }
)
"""Every feature, what it means in the module of its part. A count is 0 for a customer who did
nothing of the kind, and null for everyone where the workspace lacks the raw table."""


def axis_features(tables: Mapping[str, Source], as_of: datetime, *, threads: int = 1) -> pa.Table:
    """Features of every customer of these raw tables, as things stood strictly before `as_of`.

    `tables` are as for `build_profiles`; who is a customer is the same too. The result has
    `FEATURE_SCHEMA` and is sorted by `customer_id`. `tenure_days` counts from the creation date,
    or from the first order where that is earlier or the date is not known. Raises `BadData` for a
    table without its required columns.
    """
    with open_tables(tables, as_of, threads=threads) as connection:
        prepare(connection)
        made = connection.sql(features_query(tables)).to_arrow_table()
    return made.cast(FEATURE_SCHEMA).combine_chunks()


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Lay out what `features_query` reads beside the views of `open_tables`."""
    connection.execute(f"CREATE TEMP VIEW everyone AS {identity.EVERYONE}")
    connection.execute(f"CREATE TEMP TABLE price_places AS {PRICE_PLACES}")


def features_query(names: Collection[str]) -> str:
    """SQL of every feature, where the workspace has the raw tables of these names."""
    fields: dict[str, str] = {"customer_id": "everyone.customer_id", "first_order": "NULL"}
    joins = []
    for part in PARTS:
        if not part.needs <= set(names):
            fields |= dict.fromkeys(part.otherwise, "NULL")
            continue
        fields |= {
            field: f"{part.name}.{field}"
            if otherwise == "NULL"
            else f"coalesce({part.name}.{field}, {otherwise})"
            for field, otherwise in part.otherwise.items()
        }
        joins.append(f"LEFT JOIN ({part.select}) AS {part.name} USING (customer_id)")
    # `least` passes over a null.
    born = f"least(born.creation_date, {fields['first_order']}::TIMESTAMP)"
    fields["tenure_days"] = f"days_since({born})"
    joins.append(
        "LEFT JOIN (SELECT customer_id, min(creation_date) AS creation_date FROM customers "
        "GROUP BY customer_id) AS born USING (customer_id)"
    )
    select = ", ".join(f"{fields[name]} AS {name}" for name in FEATURE_SCHEMA.names)
    return f"SELECT {select} FROM everyone {' '.join(joins)} ORDER BY everyone.customer_id"
