from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadData
from profiles.build import build_profiles
from profiles.contract import RAW_TABLES
from profiles.mapping import parse_mapping, read_raw_mapping
from profiles.rawtables import Converted, convert, upsert
from profiles.readfile import read_file

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def converted(rows: dict[str, list[Any]], **mapping: Any) -> Converted:
    return convert(pa.table(rows), parse_mapping(mapping))


def same(name: str, *more: str) -> dict[str, str]:
    return {column: column for column in (name, *more)}


def test_orders_are_read_and_what_is_no_order_is_counted() -> None:
    result = converted(
        {
            "no": ["1", "2", "C3", "4", "5", "1", ""],
            "who": ["a", "", "a", "b", "b", "a", "a"],
            "when": ["2024-01-01"] * 7,
            "sum": ["5", "6", "7", "-8", "9", "10", "11"],
        },
        kind="orders",
        columns={"order_id": "no", "customer_id": "who", "ordered_at": "when", "total": "sum"},
        rules={"cancellation_prefix": "C"},
    )
    orders = result.tables["orders"].to_pylist()
    assert [(row["order_id"], row["total"]) for row in orders] == [("1", 10.0), ("5", 9.0)]
    assert result.set_aside == {
        "cancellation": 1,
        "negative total": 1,
        "repeated order_id, the last one kept": 1,
        "without customer_id": 1,
        "without order_id": 1,
    }
    assert result.kept == 2 and result.read == 7


def test_made_order_ids_keep_orders_of_one_day_apart_and_are_the_same_every_time() -> None:
    rows = {"who": ["a", "a", "b"], "when": ["19970101", "19970101", "19970101"]}
    mapping: dict[str, Any] = {
        "kind": "orders",
        "columns": {"customer_id": "who", "ordered_at": "when"},
        "read": {"date_format": "%Y%m%d"},
        "rules": {"make_ids": True},
    }
    first, again = converted(rows, **mapping), converted(rows, **mapping)
    assert first.tables["orders"].column("order_id").to_pylist() == [
        "a-19970101T000000-1",
        "a-19970101T000000-2",
        "b-19970101T000000-1",
    ]
    assert first.tables["orders"].equals(again.tables["orders"])


def test_events_of_unknown_types_are_counted_by_type() -> None:
    result = converted(
        {
            "who": ["a", "a", "b"],
            "at": ["2024-01-01"] * 3,
            "what": ["view", "scroll", "left"],
            "s": [None, None, "ship"],
        },
        kind="events",
        columns={"customer_id": "who", "occurred_at": "at", "type": "what", "properties.step": "s"},
        values={
            "type": {"view": "product_view", "left": "cart_abandon"},
            "properties.step": {"ship": "shipping"},
        },
        rules={"make_ids": True},
    )
    assert result.set_aside == {"event type scroll is not known": 1}
    rows = result.tables["events"].to_pylist()
    assert [row["type"] for row in rows] == ["product_view", "cart_abandon"]
    assert [row["properties"] and row["properties"]["step"] for row in rows] == [None, "shipping"]


def test_a_file_of_one_event_type_states_it_as_a_constant() -> None:
    result = converted(
        {"id": ["e1"], "who": ["a"], "at": ["2024-01-01"]},
        kind="events",
        columns={"event_id": "id", "customer_id": "who", "occurred_at": "at"},
        constants={"type": "session"},
    )
    assert result.tables["events"].to_pylist()[0]["type"] == "session"


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (
            "customers",
            {"customer_id": ["a"], "email_consent": ["yes"], "creation_date": ["2024-01-01"]},
        ),
        ("identities", {"customer_id": ["a"], "first_name": ["Ada"]}),
        ("products", {"product_id": ["p"], "tags": ["new|rare"], "price": ["1.5"]}),
        ("order_items", {"order_id": ["o"], "line": ["1"], "quantity": ["2"]}),
        ("campaigns", {"campaign_id": ["c"], "arm_probabilities": ['{"none": 1}']}),
    ],
)
def test_every_kind_has_its_standard_columns(kind: str, rows: dict[str, list[Any]]) -> None:
    result = converted(rows, kind=kind, columns=same(*rows))
    assert result.tables[kind].schema == RAW_TABLES[kind].columns
    assert result.tables[kind].num_rows == 1
    assert result.set_aside == {}


def test_order_items_without_line_numbers_get_them() -> None:
    result = converted(
        {"order_id": ["x", "y", "x"], "product_id": ["p", "q", "r"]},
        kind="order_items",
        columns=same("order_id", "product_id"),
        rules={"make_ids": True},
    )
    rows = result.tables["order_items"].to_pylist()
    assert [(r["order_id"], r["line"], r["product_id"]) for r in rows] == [
        ("x", 1, "p"),
        ("x", 2, "r"),
        ("y", 1, "q"),
    ]


def test_a_wrong_date_is_an_error_not_a_row_less() -> None:
    with pytest.raises(BadData, match="'when' holds '31/12/2024' in row 2"):
        converted(
            {"no": ["1", "2"], "who": ["a", "b"], "when": ["2024-12-01", "31/12/2024"]},
            kind="orders",
            columns={"order_id": "no", "customer_id": "who", "ordered_at": "when"},
        )


orders = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9))


@settings(max_examples=30, deadline=None)
@given(old=orders, new=orders)
def test_upsert_is_a_dictionarys_update_and_twice_changes_nothing(
    old: dict[str, int], new: dict[str, int]
) -> None:
    table = RAW_TABLES["products"]

    def rows(of: dict[str, int]) -> pa.Table:
        listed = [{"product_id": key, "price": value} for key, value in of.items()]
        return pa.Table.from_pylist(listed, schema=table.columns)

    once = upsert(rows(old), rows(new), table)
    found = {row["product_id"]: row["price"] for row in once.to_pylist()}
    assert found == old | new
    assert list(found) == sorted(found)
    assert upsert(once, rows(new), table).equals(once)


def test_upsert_goes_by_the_whole_key() -> None:
    table = RAW_TABLES["order_items"]

    def rows(*keys: tuple[str, int, int]) -> pa.Table:
        names = ("order_id", "line", "quantity")
        return pa.Table.from_pylist(
            [dict(zip(names, key, strict=True)) for key in keys], schema=table.columns
        )

    both = upsert(rows(("o", 1, 1), ("o", 2, 1)), rows(("o", 2, 5), ("p", 1, 1)), table)
    assert both.column("quantity").to_pylist() == [1, 5, 1]


def test_upsert_keeps_what_a_file_does_not_speak_of() -> None:
    table = RAW_TABLES["customers"]
    known = converted(
        {"id": ["a", "b"], "city": ["Ulm", "Bonn"], "mail": ["yes", "no"]},
        kind="customers",
        columns={"customer_id": "id", "location_city": "city", "email_consent": "mail"},
    )
    moved = converted(
        {"id": ["a", "c"], "city": ["Kiel", None]},
        kind="customers",
        columns={"customer_id": "id", "location_city": "city"},
    )
    assert moved.columns == {"customers": ("customer_id", "location_city")}
    old, new = known.tables["customers"], moved.tables["customers"]
    merged = upsert(old, new, table, moved.columns["customers"])
    assert [
        (r["customer_id"], r["location_city"], r["email_consent"]) for r in merged.to_pylist()
    ] == [
        ("a", "Kiel", True),
        ("b", "Bonn", False),
        ("c", None, None),
    ]
    assert upsert(merged, new, table, moved.columns["customers"]).equals(merged)
    assert upsert(old, new, table).column("email_consent").to_pylist() == [None, False, None]


def test_order_lines_speak_of_all_the_tables_they_fill() -> None:
    mapping = read_raw_mapping(EXAMPLES / "online_retail.toml")
    raw = pa.table(
        {
            "Invoice": ["1"],
            "Customer ID": ["a"],
            "InvoiceDate": ["2010-01-01"],
            "StockCode": ["p"],
            "Quantity": [2],
            "Price": [1.5],
            "Description": ["tea"],
            "Country": ["EIRE"],
        }
    )
    result = convert(raw, mapping)
    assert set(result.columns) == set(result.tables)
    for name, table in result.tables.items():
        filled = {column for column in table.schema.names if table.column(column).null_count == 0}
        assert filled <= set(result.columns[name])


@pytest.mark.real_data
def test_cdnow_whole(shared_data: Path) -> None:
    mapping = read_raw_mapping(EXAMPLES / "cdnow.toml")
    raw = read_file(shared_data / "cdnow" / "CDNOW_master.txt", mapping.read)
    result = convert(raw, mapping)
    assert (result.kept, result.set_aside) == (69_659, {})
    profiles = build_profiles(result.tables, datetime(1998, 7, 1, tzinfo=UTC))
    assert profiles.num_rows == 23_570
    assert sum(profiles.column("lifetime_value").to_pylist()) == pytest.approx(2_500_315.63)
    assert profiles.column("customer_id")[0].as_py() == "00001"
    assert profiles.column("has_ever_returned_item").null_count == 23_570
    again = upsert(
        result.tables["orders"], convert(raw, mapping).tables["orders"], RAW_TABLES["orders"]
    )
    assert again.equals(result.tables["orders"])


@pytest.mark.slow
@pytest.mark.real_data
def test_online_retail_whole(shared_data: Path) -> None:
    mapping = read_raw_mapping(EXAMPLES / "online_retail.toml")
    path = shared_data / "online_retail_ii" / "online_retail_2009_2010.parquet"
    raw = read_file(path, mapping.read)
    result = convert(raw, mapping)
    assert result.set_aside["without customer_id"] == 107_927
    assert result.kept + result.returned + sum(result.set_aside.values()) == 525_461
    profiles = build_profiles(result.tables, datetime(2010, 12, 10, tzinfo=UTC))
    frame = raw.to_pandas().dropna(subset="Customer ID")
    unlisted = frame["StockCode"].isin(mapping.rules.not_products)
    bought = frame[(frame["Quantity"] > 0) & ~unlisted].drop_duplicates()
    spent = (bought["Quantity"] * bought["Price"]).groupby(bought["Customer ID"]).sum()
    found = dict(
        zip(
            profiles.column("customer_id").to_pylist(),
            profiles.column("lifetime_value").to_pylist(),
            strict=True,
        )
    )
    assert len(found) == 4_383
    for customer, total in spent.items():
        assert found[f"{customer:.0f}"] == pytest.approx(total)
    back = sum(profiles.column("has_ever_returned_item").to_pylist())
    assert 1_000 < back < frame.loc[frame["Quantity"] < 0, "Customer ID"].nunique()
