"""Raw tables to profiles: one row a customer, as things stood just before a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from domain.errors import BadData
from profiles import behaviour, campaigns, carts, identity, transactions
from profiles.contract import RAW_TABLES, TIME
from profiles.part import Part
from profiles.visible import Source, open_tables

PARTS: tuple[Part, ...] = (
    identity.IDENTITY,
    transactions.ORDERS,
    transactions.ITEMS,
    behaviour.ACTIVITY,
    behaviour.VIEWS,
    behaviour.VIEWED,
    carts.CART,
    campaigns.EXPOSURES,
    campaigns.MESSAGES,
)

_STR, _INT, _FLOAT, _BOOL = pa.string(), pa.int64(), pa.float64(), pa.bool_()

_ITEM = pa.struct(
    {
        "product_id": _STR,
        "category": _STR,
        "quantity": _INT,
        "unit_price": _FLOAT,
        "returned": _BOOL,
    }
)

PROFILE_SCHEMA = pa.schema(
    {
        "customer_id": _STR,
        "location_city": _STR,
        "location_country": _STR,
        "acquisition_source": _STR,
        "creation_date": TIME,
        "tenure_days": _INT,
        "email_consent": _BOOL,
        "sms_consent": _BOOL,
        "push_consent": _BOOL,
        "ads_consent": _BOOL,
        "transaction_history": pa.list_(
            pa.struct({"order_id": _STR, "date": TIME, "total": _FLOAT, "items": pa.list_(_ITEM)})
        ),
        "average_order_value": _FLOAT,
        "lifetime_value": _FLOAT,
        "purchase_frequency": _INT,
        "lifetime_orders": _INT,
        "last_purchase_date": TIME,
        "days_since_last_purchase": _INT,
        "has_ever_returned_item": _BOOL,
        "product_categories_purchased": pa.list_(_STR),
        "last_seen_timestamp": TIME,
        "days_since_last_seen": _INT,
        "session_count": _INT,
        "avg_session_duration": _INT,
        "viewed_product_pages": pa.list_(pa.struct({"product_id": _STR, "timestamp": TIME})),
        "viewed_products": pa.list_(_STR),
        "abandoned_cart_details": pa.struct(
            {"cart_id": _STR, "value": _FLOAT, "items": pa.list_(_STR), "timestamp": TIME}
        ),
        "abandoned_cart_value": _FLOAT,
        "days_since_cart_abandoned": _INT,
        "carts_abandoned": _INT,
        "carts_abandoned_at_shipping": _INT,
        "viewed_bestsellers_page": _BOOL,
        "interacted_with_content": _BOOL,
        "product_reviews_written": _INT,
        "wishlist_items_count": _INT,
        "campaign_history": pa.list_(
            pa.struct(
                {
                    "campaign_id": _STR,
                    "trigger": _STR,
                    "converted": _BOOL,
                    "revenue": _FLOAT,
                    "date": TIME,
                }
            )
        ),
        "email_open_rate": _FLOAT,
        "email_click_through_rate": _FLOAT,
        "control_group_membership": pa.list_(_STR),
    }
)
"""Every field of a profile but the scores; the order and types never depend on the data."""


def build_profiles(tables: Mapping[str, Source], as_of: datetime, *, threads: int = 2) -> pa.Table:
    """One profile per customer, as things stood strictly before `as_of`.

    `tables` maps the names of the standard raw tables (`profiles.contract`) to an Arrow table or
    the path of one Parquet file: `products` and `campaigns` whole, the others of one bucket of
    customers. A table that is missing makes the fields it feeds null. An `as_of` without a time
    zone is UTC. The result has `PROFILE_SCHEMA`, is sorted by `customer_id`, and has the same bytes
    whatever the number of threads. Raises `BadData` for an unknown table, a missing required
    column, or a customer who is in `customers` twice.
    """
    for name in tables:
        if name not in RAW_TABLES:
            raise BadData(
                f"There is no raw table {name!r}.",
                remedy=f"Raw tables are {', '.join(RAW_TABLES)}.",
                field=name,
            )
    with open_tables(tables, as_of, threads=threads) as connection:
        connection.execute(f"CREATE TEMP TABLE everyone AS {identity.EVERYONE}")
        fields: dict[str, str] = {"customer_id": "everyone.customer_id"}
        joins = []
        for part in PARTS:
            if not part.needs <= tables.keys():
                fields |= dict.fromkeys(part.otherwise, "NULL")
                continue
            connection.execute(f"CREATE TEMP TABLE {part.name} AS {part.select}")
            fields |= {
                field: f"{part.name}.{field}"
                if otherwise == "NULL"
                else f"coalesce({part.name}.{field}, {otherwise})"
                for field, otherwise in part.otherwise.items()
            }
            joins.append(f"LEFT JOIN {part.name} USING (customer_id)")
        select = ", ".join(f"{fields[name]} AS {name}" for name in PROFILE_SCHEMA.names)
        profiles = connection.sql(
            f"SELECT {select} FROM everyone {' '.join(joins)} ORDER BY everyone.customer_id"
        ).to_arrow_table()
        count = connection.execute("SELECT count(*) FROM everyone").fetchall()[0][0]
    if profiles.num_rows != count:
        raise BadData(
            f"The raw table 'customers' has {profiles.num_rows - count} rows too many: "
            "a customer is there twice.",
            remedy="Keep one row per customer_id.",
            field="customer_id",
        )
    return profiles.cast(PROFILE_SCHEMA).combine_chunks()
