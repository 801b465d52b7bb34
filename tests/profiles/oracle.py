"""A profile of one customer in plain Python: slow, and written from the contract's words alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
DAY = timedelta(days=1)
ABSENT = object()


def customers_of(tables: dict[str, list[Row]], as_of: datetime) -> list[str]:
    known: set[str] = set()
    later: set[str] = set()
    for row in tables.get("customers", []):
        born = row["creation_date"]
        (known if born is None or born < as_of else later).add(row["customer_id"])
    for table, time in (
        ("orders", "ordered_at"),
        ("events", "occurred_at"),
        ("exposures", "assigned_at"),
    ):
        known |= {row["customer_id"] for row in tables.get(table, []) if row[time] < as_of}
    return sorted(known - later)


def profile_of(customer: str, tables: dict[str, list[Row]], as_of: datetime) -> Row:
    mine = {
        name: [row for row in rows if row.get("customer_id", customer) == customer]
        for name, rows in tables.items()
    }
    profile: Row = {"customer_id": customer}
    profile |= _identity(mine.get("customers"), as_of)
    orders = sorted(
        (row for row in mine.get("orders", []) if row["ordered_at"] < as_of),
        key=lambda row: (row["ordered_at"], row["order_id"]),
    )
    profile |= _transactions(orders, mine, as_of)
    events = [row for row in mine.get("events", []) if row["occurred_at"] < as_of]
    profile |= _behaviour(events, mine, as_of)
    profile |= _cart(events, orders, "events" in mine, as_of)
    profile |= _campaigns(mine, events, as_of)
    return profile


def _whole_days(earlier: datetime | None, as_of: datetime) -> int | None:
    return None if earlier is None else (as_of - earlier) // DAY


def _identity(customers: list[Row] | None, as_of: datetime) -> Row:
    names = ["location_city", "location_country", "acquisition_source", "creation_date"]
    names += ["email_consent", "sms_consent", "push_consent", "ads_consent"]
    row = customers[0] if customers else {}
    profile = {name: row.get(name) for name in names}
    return profile | {"tenure_days": _whole_days(profile["creation_date"], as_of)}


def _transactions(orders: list[Row], mine: dict[str, list[Row]], as_of: datetime) -> Row:
    names = "transaction_history average_order_value lifetime_value purchase_frequency "
    names += "lifetime_orders last_purchase_date days_since_last_purchase"
    profile: Row = dict.fromkeys(names.split())
    profile |= {"has_ever_returned_item": None, "product_categories_purchased": None}
    if "orders" not in mine:
        return profile
    lines = {
        order["order_id"]: sorted(
            (line for line in mine.get("order_items", []) if line["order_id"] == order["order_id"]),
            key=lambda line: line["line"],
        )
        for order in orders
    }

    def returned(line: Row) -> bool:
        return line["returned_at"] is not None and line["returned_at"] < as_of

    last = orders[-1]["ordered_at"] if orders else None
    priced = [order["total"] for order in orders if order["total"] is not None]
    profile |= {
        "transaction_history": [
            {
                "order_id": order["order_id"],
                "date": order["ordered_at"],
                "total": order["total"],
                "items": [
                    {
                        "product_id": line["product_id"],
                        "category": line["category"],
                        "quantity": line["quantity"],
                        "unit_price": line["unit_price"],
                        "returned": returned(line),
                    }
                    for line in lines[order["order_id"]]
                ]
                or None,
            }
            for order in orders
        ],
        "lifetime_value": sum(priced),
        "average_order_value": sum(priced) / len(priced) if priced else None,
        "lifetime_orders": len(orders),
        "purchase_frequency": sum(o["ordered_at"] >= as_of - 365 * DAY for o in orders),
        "last_purchase_date": last,
        "days_since_last_purchase": _whole_days(last, as_of),
    }
    if "order_items" in mine:
        categories = {p["product_id"]: p["category"] for p in mine.get("products", [])}
        bought = [line for order in orders for line in lines[order["order_id"]]]
        named = {line["category"] or categories.get(line["product_id"]) for line in bought}
        profile["has_ever_returned_item"] = any(map(returned, bought))
        profile["product_categories_purchased"] = sorted(named - {None})
    return profile


def _behaviour(events: list[Row], mine: dict[str, list[Row]], as_of: datetime) -> Row:
    names = "last_seen_timestamp days_since_last_seen session_count avg_session_duration "
    names += "viewed_product_pages viewed_products carts_abandoned carts_abandoned_at_shipping "
    names += "viewed_bestsellers_page interacted_with_content product_reviews_written "
    names += "wishlist_items_count"
    profile: Row = dict.fromkeys(names.split())
    if "events" not in mine:
        return profile
    elsewhere = {"email_sent", "email_open", "email_click", "support_ticket"}
    seen = [event["occurred_at"] for event in events if event["type"] not in elsewhere]

    def of(kind: str, days: int = 10_000) -> list[Row]:
        return [e for e in events if e["type"] == kind and e["occurred_at"] >= as_of - days * DAY]

    lengths = [e["duration_seconds"] for e in of("session", 90)]
    lengths = [length for length in lengths if length is not None]
    views = sorted(of("product_view"), key=lambda e: (e["occurred_at"], e["event_id"]))[:-21:-1]
    profile |= {
        "last_seen_timestamp": max(seen, default=None),
        "days_since_last_seen": _whole_days(max(seen, default=None), as_of),
        "session_count": len(of("session", 90)),
        "avg_session_duration": _half_up(sum(lengths), len(lengths)) if lengths else None,
        "viewed_product_pages": [
            {"product_id": e["product_id"], "timestamp": e["occurred_at"]} for e in views
        ],
        "carts_abandoned": len(of("cart_abandon", 365)),
        "carts_abandoned_at_shipping": sum(
            (e["properties"] or {}).get("step") == "shipping" for e in of("cart_abandon", 365)
        ),
        "viewed_bestsellers_page": bool(of("bestsellers_view")),
        "interacted_with_content": bool(of("content_read")),
        "product_reviews_written": len(of("review")),
        "wishlist_items_count": len({e["product_id"] or e["event_id"] for e in of("wishlist_add")}),
    }
    if "products" in mine:
        looked_at = {e["product_id"] for e in views}
        words = {
            word
            for product in mine["products"]
            if product["product_id"] in looked_at
            for word in (product["name"], product["category"], *(product["tags"] or ()))
        }
        profile["viewed_products"] = sorted(words - {None})
    return profile


def _half_up(total: int, count: int) -> int:
    return (2 * total + count) // (2 * count)


def _cart(events: list[Row], orders: list[Row], known: bool, as_of: datetime) -> Row:
    names = ("abandoned_cart_details", "abandoned_cart_value", "days_since_cart_abandoned")
    profile: Row = dict.fromkeys(names)
    carts = sorted(
        (e for e in events if e["type"] == "cart_abandon"),
        key=lambda e: (e["occurred_at"], e["event_id"]),
    )
    if not known or not carts:
        return profile
    cart = carts[-1]
    if any(order["ordered_at"] >= cart["occurred_at"] for order in orders):
        return profile
    added = {
        e["product_id"]
        for e in events
        if e["type"] == "cart_add"
        and cart["occurred_at"] - DAY <= e["occurred_at"] <= cart["occurred_at"]
    }
    stated = cart["properties"] or {}
    items = stated.get("items")
    return {
        "abandoned_cart_details": {
            "cart_id": stated.get("cart_id") or cart["event_id"],
            "value": cart["value"],
            "items": sorted(added - {None}) if items is None else items,
            "timestamp": cart["occurred_at"],
        },
        "abandoned_cart_value": cart["value"],
        "days_since_cart_abandoned": _whole_days(cart["occurred_at"], as_of),
    }


def _campaigns(mine: dict[str, list[Row]], events: list[Row], as_of: datetime) -> Row:
    names = "campaign_history control_group_membership email_open_rate email_click_through_rate"
    profile: Row = dict.fromkeys(names.split())
    if "exposures" in mine:
        windows = {c["campaign_id"]: c["outcome_window_days"] for c in mine.get("campaigns", [])}
        given = sorted(
            (row for row in mine["exposures"] if row["assigned_at"] < as_of),
            key=lambda row: (row["assigned_at"], row["campaign_id"]),
        )
        history = []
        for row in given:
            window = windows.get(row["campaign_id"])
            closed = window is not None and row["assigned_at"] + window * DAY <= as_of
            outcomes = dict(row["outcomes"] or ()) if closed else {}
            converted = outcomes.get("converted")
            history.append(
                {
                    "campaign_id": row["campaign_id"],
                    "trigger": row["trigger"],
                    "converted": None if converted is None else converted > 0,
                    "revenue": outcomes.get("revenue"),
                    "date": row["assigned_at"],
                }
            )
        profile["campaign_history"] = history
        profile["control_group_membership"] = sorted(
            row["campaign_id"] for row in given if row["trigger"] == "none"
        )
    sent = sum(e["type"] == "email_sent" for e in events)
    if "events" in mine and sent:
        opened = sum(e["type"] == "email_open" for e in events)
        clicked = sum(e["type"] == "email_click" for e in events)
        profile["email_open_rate"] = min(opened / sent, 1.0)
        profile["email_click_through_rate"] = min(clicked / sent, 1.0)
    return profile


EPOCH = datetime(2024, 6, 1, tzinfo=UTC)
