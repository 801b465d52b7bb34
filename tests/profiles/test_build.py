from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.customer import STANDARD, FieldGroup, FieldType
from domain.errors import BadData
from profiles.build import PROFILE_SCHEMA, build_profiles
from tests.profiles.oracle import customers_of, profile_of
from tests.profiles.raw import (
    AS_OF,
    CUSTOMERS,
    Rows,
    arrow,
    dense_rows,
    event_rows,
    exposure_rows,
    raw_rows,
)

OPTIONAL = ("customers", "products", "orders", "order_items", "events", "campaigns", "exposures")


def test_the_schema_is_the_contracts_less_the_scores() -> None:
    expected = [f for f in STANDARD.values() if f.group is not FieldGroup.SCORES]
    assert PROFILE_SCHEMA.names == [field.name for field in expected]
    kinds = {
        FieldType.STRING: pa.types.is_string,
        FieldType.INT: pa.types.is_integer,
        FieldType.FLOAT: pa.types.is_floating,
        FieldType.BOOL: pa.types.is_boolean,
        FieldType.TIMESTAMP: pa.types.is_timestamp,
        FieldType.STRINGS: lambda kind: kind == pa.list_(pa.string()),
        FieldType.NESTED: pa.types.is_nested,
    }
    for field in expected:
        assert kinds[field.type](PROFILE_SCHEMA.field(field.name).type), field.name


@settings(max_examples=30, deadline=None)
@given(rows=raw_rows(), missing=st.sets(st.sampled_from(OPTIONAL), max_size=3))
def test_every_field_agrees_with_the_slow_oracle(rows: Rows, missing: set[str]) -> None:
    given_rows = {name: listed for name, listed in rows.items() if name not in missing}
    _compare(given_rows)


@pytest.mark.parametrize("seed", range(3))
def test_busy_customers_agree_with_the_slow_oracle(seed: int) -> None:
    _compare(dense_rows(np.random.default_rng(seed), customers=150))


def _compare(rows: Rows) -> None:
    profiles = build_profiles(arrow(rows), AS_OF, threads=1)
    assert profiles.schema == PROFILE_SCHEMA
    expected = [profile_of(customer, rows, AS_OF) for customer in customers_of(rows, AS_OF)]
    found = profiles.to_pylist()
    assert [row["customer_id"] for row in found] == [row["customer_id"] for row in expected]
    for row, slow in zip(found, expected, strict=True):
        for name in PROFILE_SCHEMA.names:
            assert _same(row[name], slow[name]), (name, row[name], slow[name])


def _same(found: Any, slow: Any) -> bool:
    return bool(found == (pytest.approx(slow) if isinstance(slow, float) else slow))


LATER = st.builds(
    lambda seconds: AS_OF + timedelta(seconds=seconds), st.integers(0, 50 * 24 * 3600)
)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(rows=raw_rows(), data=st.data())
def test_nothing_at_or_after_as_of_changes_a_profile(rows: Rows, data: st.DataObject) -> None:
    before = build_profiles(arrow(rows), AS_OF, threads=1)
    later_events = [
        row | {"event_id": f"later{number}"}
        for number, row in enumerate(data.draw(event_rows(st.integers(1, 8), LATER)))
    ]
    later_orders = [
        {
            "order_id": f"later{number}",
            "customer_id": data.draw(st.sampled_from([*CUSTOMERS, "cust_new"])),
            "ordered_at": data.draw(LATER),
            "total": 99.0,
        }
        for number in range(data.draw(st.integers(1, 4)))
    ]
    later_items = [
        {"order_id": order["order_id"], "line": 0, "product_id": "p1", "category": "future"}
        for order in later_orders
    ]
    taken = {(row["campaign_id"], row["customer_id"]) for row in rows["exposures"]}
    later_exposures = [
        row
        for row in data.draw(exposure_rows(LATER))
        if (row["campaign_id"], row["customer_id"]) not in taken
    ]
    # An outcome whose window is open, and an item sent back later, are news of the future too.
    windows = {row["campaign_id"]: row["outcome_window_days"] for row in rows["campaigns"]}
    changed_exposures = [
        row | {"outcomes": [("converted", 1.0), ("revenue", 1e6)]}
        if _still_open(row, windows[row["campaign_id"]])
        else row
        for row in rows["exposures"]
    ]
    changed_items = [
        row | {"returned_at": data.draw(LATER)}
        if row["returned_at"] is None or row["returned_at"] >= AS_OF
        else row
        for row in rows["order_items"]
    ]
    newcomer = {"customer_id": "cust_new", "creation_date": data.draw(LATER)}
    after = build_profiles(
        arrow(
            rows
            | {
                "events": rows["events"] + later_events,
                "orders": rows["orders"] + later_orders,
                "order_items": changed_items + later_items,
                "exposures": changed_exposures + later_exposures,
                "customers": [*rows["customers"], newcomer],
            }
        ),
        AS_OF,
        threads=1,
    )
    assert after.equals(before)


def _still_open(exposure: dict[str, Any], window: int | None) -> bool:
    return window is None or exposure["assigned_at"] + timedelta(days=window) > AS_OF


@settings(max_examples=10, deadline=None)
@given(rows=raw_rows(), order=st.randoms(use_true_random=False))
def test_the_bytes_depend_on_neither_threads_nor_the_order_of_rows(rows: Rows, order: Any) -> None:
    shuffled = {name: order.sample(listed, len(listed)) for name, listed in rows.items()}
    one = build_profiles(arrow(rows), AS_OF, threads=1)
    two = build_profiles(arrow(shuffled), AS_OF, threads=2)
    assert _bytes(one) == _bytes(two)


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


@settings(max_examples=5, deadline=None)
@given(rows=raw_rows())
def test_parquet_files_are_read_like_tables(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows
) -> None:
    folder = tmp_path_factory.mktemp("raw's tables")
    tables = arrow(rows)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    paths = {name: folder / f"{name}.parquet" for name in tables}
    assert build_profiles(paths, AS_OF).equals(build_profiles(tables, AS_OF))


def test_a_campaigns_own_exposures_are_not_in_its_training_profile() -> None:
    exposures = pa.table(
        {"campaign_id": ["c"], "customer_id": ["x"], "trigger": ["none"], "assigned_at": [AS_OF]}
    )
    orders = pa.table(
        {"order_id": ["o"], "customer_id": ["x"], "ordered_at": [AS_OF - timedelta(1)]}
    )
    profile = build_profiles({"exposures": exposures, "orders": orders}, AS_OF).to_pylist()[0]
    assert profile["campaign_history"] == []
    assert profile["control_group_membership"] == []


def test_times_without_a_zone_are_utc() -> None:
    naive = AS_OF.replace(tzinfo=None)
    orders = pa.table(
        {"order_id": ["o"], "customer_id": ["x"], "ordered_at": [naive - timedelta(1)]}
    )
    profile = build_profiles({"orders": orders}, naive).to_pylist()[0]
    assert profile["last_purchase_date"] == AS_OF - timedelta(1)
    assert profile["days_since_last_purchase"] == 1


def test_no_tables_give_no_profiles() -> None:
    assert build_profiles({}, AS_OF).equals(PROFILE_SCHEMA.empty_table())


def test_a_missing_required_column_is_named() -> None:
    with pytest.raises(BadData, match="'orders' has no column 'ordered_at'"):
        build_profiles({"orders": pa.table({"order_id": ["o"], "customer_id": ["x"]})}, AS_OF)


def test_an_unknown_table_is_named() -> None:
    with pytest.raises(BadData, match="no raw table 'order'"):
        build_profiles({"order": pa.table({"order_id": ["o"]})}, AS_OF)


def test_a_customer_given_twice_is_an_error() -> None:
    with pytest.raises(BadData, match="twice"):
        build_profiles({"customers": pa.table({"customer_id": ["x", "x"]})}, AS_OF)
