"""The standard raw tables: names, keys, columns and types, as imports write and profiles read them.

All times are UTC, all money is in the shop's one currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")
PROBABILITIES = pa.map_(pa.string(), pa.float64())


@dataclass(frozen=True)
class RawTable:
    """One raw table: `key` identifies a row (an upsert replaces by it), `required` columns must be
    there and never null; any other column may be missing and is then null."""

    name: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    columns: pa.Schema

    def empty(self) -> pa.Table:
        return self.columns.empty_table()


def _table(name: str, key: str, required: str, /, **columns: pa.DataType) -> RawTable:
    return RawTable(name, tuple(key.split()), tuple(required.split()), pa.schema(columns))


_STR, _INT, _FLOAT, _BOOL = pa.string(), pa.int64(), pa.float64(), pa.bool_()

RAW_TABLES: Mapping[str, RawTable] = {
    table.name: table
    for table in (
        _table(
            "identities",
            "customer_id",
            "customer_id",
            customer_id=_STR,
            first_name=_STR,
            email_address=_STR,
            phone_number=_STR,
        ),
        _table(
            "customers",
            "customer_id",
            "customer_id",
            customer_id=_STR,
            location_city=_STR,
            location_country=_STR,
            acquisition_source=_STR,
            creation_date=TIME,
            email_consent=_BOOL,
            sms_consent=_BOOL,
            push_consent=_BOOL,
            ads_consent=_BOOL,
        ),
        _table(
            "products",
            "product_id",
            "product_id",
            product_id=_STR,
            name=_STR,
            category=_STR,
            price=_FLOAT,
            tags=pa.list_(_STR),
        ),
        _table(
            "orders",
            "order_id",
            "order_id customer_id ordered_at",
            order_id=_STR,
            customer_id=_STR,
            ordered_at=TIME,
            total=_FLOAT,
            discount_amount=_FLOAT,
            shipping_paid=_FLOAT,
            campaign_id=_STR,
        ),
        _table(
            "order_items",
            "order_id line",
            "order_id line",
            order_id=_STR,
            line=_INT,
            product_id=_STR,
            category=_STR,
            quantity=_INT,
            unit_price=_FLOAT,
            returned_at=TIME,
        ),
        _table(
            "events",
            "event_id",
            "event_id customer_id occurred_at type",
            event_id=_STR,
            customer_id=_STR,
            occurred_at=TIME,
            type=_STR,
            product_id=_STR,
            value=_FLOAT,
            duration_seconds=_INT,
            channel=_STR,
            properties=pa.struct({"step": _STR, "cart_id": _STR, "items": pa.list_(_STR)}),
        ),
        _table(
            "campaigns",
            "campaign_id",
            "campaign_id",
            campaign_id=_STR,
            name=_STR,
            started_at=TIME,
            design=_STR,
            audience=_STR,
            channel=_STR,
            outcome_window_days=_INT,
            arm_probabilities=PROBABILITIES,
        ),
        _table(
            "exposures",
            "campaign_id customer_id",
            "campaign_id customer_id trigger assigned_at",
            campaign_id=_STR,
            customer_id=_STR,
            trigger=_STR,
            propensities=PROBABILITIES,
            assigned_at=TIME,
            sent_at=TIME,
            outcomes=PROBABILITIES,
            cluster_id=_STR,
        ),
    )
}

IN_SHOP = (
    "session",
    "product_view",
    "cart_add",
    "cart_abandon",
    "wishlist_add",
    "review",
    "content_read",
    "bestsellers_view",
)
"""The types of event that are something done in the shop."""

EVENT_TYPES = (*IN_SHOP, "email_sent", "email_open", "email_click", "support_ticket")
