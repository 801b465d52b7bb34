"""Outcomes after a cut against a slow count, and against what lies outside the period."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from profiles.scores.labels import Cut, label_bucket, together
from tests.profiles.raw import AS_OF, Rows, arrow, dense_rows

CUT = Cut(AS_OF - timedelta(days=90), 89)


def _slow(customer: str, rows: Rows, cut: Cut) -> dict[str, Any]:
    def within(name: str, time: str) -> list[dict[str, Any]]:
        return [
            row
            for row in rows[name]
            if row["customer_id"] == customer and cut.as_of <= row[time] < cut.until
        ]

    orders, events = within("orders", "ordered_at"), within("events", "occurred_at")
    limited = {p["product_id"] for p in rows["products"] if "limited_edition" in (p["tags"] or ())}
    known = {p["product_id"] for p in rows["products"]}
    elsewhere = {"email_sent", "email_open", "email_click", "support_ticket"}
    touched = [e["product_id"] for e in events if e["product_id"] in known]
    return {
        "customer_id": customer,
        "orders": len(orders),
        "revenue": pytest.approx(sum(order["total"] or 0 for order in orders)),
        "active": bool(orders) or any(e["type"] == "session" for e in events),
        "next_category": _category(orders, rows),
        "in_shop": sum(e["type"] not in elsewhere for e in events),
        "social_proof": sum(e["type"] in ("bestsellers_view", "review") for e in events),
        "content": sum(e["type"] in ("content_read", "email_click") for e in events),
        "product_touches": len(touched),
        "limited": sum(product in limited for product in touched),
    }


def _category(orders: list[dict[str, Any]], rows: Rows) -> str | None:
    if not orders:
        return None
    first = min(orders, key=lambda order: (order["ordered_at"], order["order_id"]))
    categories = {p["product_id"]: p["category"] for p in rows["products"]}
    best: tuple[float, int, str] | None = None
    for line in rows["order_items"]:
        category = line["category"] or categories.get(line["product_id"])
        if line["order_id"] != first["order_id"] or category is None:
            continue
        spent = 0.0 if line["unit_price"] is None else line["quantity"] * line["unit_price"]
        if best is None or (spent, -line["line"]) > best[:2]:
            best = (spent, -line["line"], category)
    return None if best is None else best[2]


def _rows() -> Rows:
    rows = dense_rows(np.random.default_rng(5), customers=60)
    for product in rows["products"]:
        if product["tags"]:
            product["tags"] = ["limited_edition"]
    return rows


def test_outcomes_are_those_of_the_period() -> None:
    rows = _rows()
    labelled = label_bucket(arrow(rows), CUT, threads=1)
    found = labelled.outcomes.to_pylist()
    assert [row["customer_id"] for row in found] == labelled.profiles["customer_id"].to_pylist()
    assert any(row["next_category"] for row in found)
    assert sum(row["limited"] for row in found) > 0
    for row in found:
        assert row == _slow(row["customer_id"], rows, CUT)


def test_what_happens_after_the_period_changes_nothing() -> None:
    rows = _rows()
    before = label_bucket(arrow(rows), CUT, threads=1)
    later = [
        row | {"order_id": f"late{n}", "ordered_at": CUT.until}
        for n, row in enumerate(rows["orders"])
    ]
    events = [
        row | {"event_id": f"late{n}", "occurred_at": CUT.until}
        for n, row in enumerate(rows["events"])
    ]
    grown = rows | {"orders": rows["orders"] + later, "events": rows["events"] + events}
    after = label_bucket(arrow(grown), CUT, threads=1)
    assert after.outcomes.equals(before.outcomes)
    assert after.profiles.equals(before.profiles)


def test_a_missing_table_makes_its_outcomes_unknown() -> None:
    rows = _rows()
    outcomes = label_bucket(arrow({"orders": rows["orders"]}), CUT).outcomes
    assert outcomes.column("orders").null_count == 0
    for name in ("active", "next_category", "content", "limited"):
        assert outcomes.column(name).null_count == outcomes.num_rows > 0


def test_only_parts_of_one_cut_go_together() -> None:
    tables = arrow(_rows())
    one = label_bucket(tables, CUT)
    assert together([one, one]).outcomes.num_rows == 2 * one.outcomes.num_rows
    with pytest.raises(ValueError, match="one cut"):
        together([one, label_bucket(tables, Cut(CUT.as_of, 5))])
