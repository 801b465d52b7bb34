"""Order lines against a slow reading of the same rules, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.mapping import parse_mapping
from profiles.rawtables import convert

DAY_0 = datetime(2024, 1, 1, tzinfo=UTC)
Line = dict[str, Any]

lines = st.lists(
    st.fixed_dictionaries(
        {
            "invoice": st.sampled_from(["1", "2", "3", "4", "C5", "C6"]),
            "code": st.sampled_from(["p", "q", "POST", None]),
            "qty": st.sampled_from([3, 1, 0, -1, -2, None]),
            "price": st.sampled_from([2.5, 1.0, -1.0, None]),
        }
    ),
    min_size=1,
    max_size=25,
)
buyers = {"1": "a", "2": "a", "3": "b", "4": None, "C5": "a", "C6": "b"}


def _mapping(**rules: Any) -> Any:
    return parse_mapping(
        {
            "kind": "orders",
            "columns": {"order_id": "invoice", "customer_id": "who", "ordered_at": "at"},
            "lines": {"product_id": "code", "quantity": "qty", "unit_price": "price"},
            "rules": {"cancellation_prefix": "C", "not_products": ["POST"], **rules},
        }
    )


def _slow_fate(line: Line) -> str:
    if line["who"] is None:
        return "without customer_id"
    if line["code"] is None:
        return "without product_id"
    if line["qty"] is None:
        return "without quantity"
    if line["code"] == "POST":
        return "not a product"
    if line["qty"] < 0:
        return "return"
    if line["invoice"].startswith("C"):
        return "cancellation"
    if line["qty"] == 0:
        return "quantity of zero"
    if line["price"] is not None and line["price"] < 0:
        return "negative price"
    return "kept"


@pytest.mark.slow
@settings(max_examples=35, deadline=None)
@given(rows=lines, days=st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_orders_items_returns_and_counts_agree(rows: list[Line], days: list[int]) -> None:
    day = dict(zip(buyers, days, strict=True))
    rows = [
        line | {"who": buyers[line["invoice"]], "at": DAY_0 + timedelta(days=day[line["invoice"]])}
        for line in rows
    ]
    schema = pa.schema(
        {
            "invoice": pa.string(),
            "code": pa.string(),
            "qty": pa.int64(),
            "price": pa.float64(),
            "who": pa.string(),
            "at": pa.timestamp("us", "UTC"),
        }
    )
    result = convert(pa.Table.from_pylist(rows, schema=schema), _mapping())

    fates = [_slow_fate(line) for line in rows]
    kept: list[Line] = []
    for line, fate in zip(rows, fates, strict=True):
        if fate == "kept":
            number = sum(other["invoice"] == line["invoice"] for other in kept) + 1
            kept.append(line | {"line": number, "returned_at": None})
    unmatched = returned = 0
    for line, fate in zip(rows, fates, strict=True):
        if fate != "return":
            continue
        bought = [
            other
            for other in kept
            if (other["who"], other["code"]) == (line["who"], line["code"])
            and other["at"] <= line["at"]
        ]
        if not bought:
            unmatched += 1
            continue
        returned += 1
        newest = max(other["at"] for other in bought)
        first = next(other for other in bought if other["at"] == newest)
        earlier = first["returned_at"]
        first["returned_at"] = line["at"] if earlier is None else min(earlier, line["at"])

    assert (result.kept, result.returned) == (len(kept), returned)
    expected = {fate: fates.count(fate) for fate in set(fates) - {"kept", "return"}}
    if unmatched:
        expected["returned, but bought before this file begins or never"] = unmatched
    assert result.set_aside == expected
    assert result.kept + result.returned + sum(result.set_aside.values()) == result.read

    items = result.tables["order_items"].to_pylist()
    key = ("invoice", "line", "code", "qty", "price", "returned_at")
    assert [
        (
            i["order_id"],
            i["line"],
            i["product_id"],
            i["quantity"],
            i["unit_price"],
            i["returned_at"],
        )
        for i in items
    ] == [
        tuple(line[k] for k in key)
        for line in sorted(kept, key=lambda o: (o["invoice"], o["line"]))
    ]
    found = {order["order_id"]: order for order in result.tables["orders"].to_pylist()}
    assert set(found) == {line["invoice"] for line in kept}
    for invoice, order in found.items():
        priced = [
            o["qty"] * o["price"]
            for o in kept
            if o["invoice"] == invoice and o["price"] is not None
        ]
        assert order["total"] == (sum(priced) if priced else None)
        assert order["customer_id"] == buyers[invoice]


def _one(rows: dict[str, list[Any]], **mapping: Any) -> Any:
    return convert(pa.table(rows), _mapping(**mapping))


REPEATED: dict[str, list[Any]] = {
    "invoice": ["1", "1", "1"],
    "who": ["a", "a", "a"],
    "at": [DAY_0, DAY_0, DAY_0],
    "code": ["p", "p", "q"],
    "qty": [1, 1, 1],
    "price": [2.0, 2.0, 2.0],
}


def test_repeated_lines_are_two_sales_unless_the_mapping_says_otherwise() -> None:
    assert _one(REPEATED).tables["orders"].column("total").to_pylist() == [6.0]
    dropped = _one(REPEATED, drop_repeated_lines=True)
    assert dropped.tables["orders"].column("total").to_pylist() == [4.0]
    assert dropped.set_aside == {"repeated line": 1}


def test_negative_quantities_can_be_set_aside() -> None:
    rows = REPEATED | {"qty": [1, 1, -1], "code": ["p", "q", "q"]}
    result = _one(rows, negative_quantity="set_aside")
    assert result.set_aside == {"negative quantity": 1}
    assert result.tables["order_items"].column("returned_at").null_count == 2


def test_products_and_customers_are_gathered_from_the_lines() -> None:
    mapping = parse_mapping(
        {
            "kind": "orders",
            "columns": {"order_id": "invoice", "customer_id": "who", "ordered_at": "at"},
            "lines": {"product_id": "code", "quantity": "qty", "unit_price": "price"},
            "products": {"name": "text"},
            "customers": {"location_country": "land"},
            "values": {"location_country": {"EIRE": "IE"}},
        }
    )
    rows = REPEATED | {"text": ["old", "new", None], "land": ["GB", "EIRE", None]}
    tables = convert(pa.table(rows), mapping).tables
    names = {row["product_id"]: row["name"] for row in tables["products"].to_pylist()}
    assert names == {"p": "new", "q": None}
    assert tables["customers"].to_pylist()[0]["location_country"] == "IE"
