"""The tables as a whole: contract, referential integrity, and independence of buckets."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.customer import bucket_of
from domain.errors import BadRequest
from synth.generate import generate_bucket, global_tables, recipe
from tests.synth.conftest import World, make

TIME = pa.timestamp("us", "UTC")
TEXT, NUMBER, WHOLE, YES = pa.string(), pa.float64(), pa.int64(), pa.bool_()
SHARES = pa.map_(TEXT, NUMBER)
CONTRACT = {
    "identities": {
        "customer_id": TEXT,
        "first_name": TEXT,
        "email_address": TEXT,
        "phone_number": TEXT,
    },
    "customers": {
        "customer_id": TEXT,
        "location_city": TEXT,
        "location_country": TEXT,
        "acquisition_source": TEXT,
        "creation_date": TIME,
        "email_consent": YES,
        "sms_consent": YES,
        "push_consent": YES,
        "ads_consent": YES,
    },
    "products": {
        "product_id": TEXT,
        "name": TEXT,
        "category": TEXT,
        "price": NUMBER,
        "tags": pa.list_(TEXT),
    },
    "orders": {
        "order_id": TEXT,
        "customer_id": TEXT,
        "ordered_at": TIME,
        "total": NUMBER,
        "discount_amount": NUMBER,
        "shipping_paid": NUMBER,
        "campaign_id": TEXT,
    },
    "order_items": {
        "order_id": TEXT,
        "line": WHOLE,
        "product_id": TEXT,
        "category": TEXT,
        "quantity": WHOLE,
        "unit_price": NUMBER,
        "returned_at": TIME,
    },
    "events": {
        "event_id": TEXT,
        "customer_id": TEXT,
        "occurred_at": TIME,
        "type": TEXT,
        "product_id": TEXT,
        "value": NUMBER,
        "duration_seconds": WHOLE,
        "channel": TEXT,
        "properties": pa.struct([("step", TEXT)]),
    },
    "campaigns": {
        "campaign_id": TEXT,
        "name": TEXT,
        "started_at": TIME,
        "design": TEXT,
        "audience": TEXT,
        "channel": TEXT,
        "outcome_window_days": WHOLE,
        "arm_probabilities": SHARES,
    },
    "exposures": {
        "campaign_id": TEXT,
        "customer_id": TEXT,
        "trigger": TEXT,
        "propensities": SHARES,
        "assigned_at": TIME,
        "sent_at": TIME,
        "outcomes": SHARES,
        "cluster_id": TEXT,
    },
}

KEYS = {
    "identities": ["customer_id"],
    "customers": ["customer_id"],
    "products": ["product_id"],
    "orders": ["order_id"],
    "order_items": ["order_id", "line"],
    "events": ["event_id"],
    "campaigns": ["campaign_id"],
    "exposures": ["campaign_id", "customer_id"],
    "potential_outcomes": ["campaign_id", "customer_id"],
    "traits": ["customer_id"],
}


def test_tables_are_those_of_the_contract(world: World) -> None:
    assert {
        name: {field.name: field.type for field in table.schema}
        for name, table in world.tables.items()
    } == CONTRACT


@pytest.mark.parametrize(
    ("table", "column", "parent", "key"),
    [
        ("identities", "customer_id", "customers", "customer_id"),
        ("orders", "customer_id", "customers", "customer_id"),
        ("orders", "campaign_id", "campaigns", "campaign_id"),
        ("order_items", "order_id", "orders", "order_id"),
        ("order_items", "product_id", "products", "product_id"),
        ("events", "customer_id", "customers", "customer_id"),
        ("events", "product_id", "products", "product_id"),
        ("exposures", "customer_id", "customers", "customer_id"),
        ("exposures", "campaign_id", "campaigns", "campaign_id"),
    ],
)
def test_references_are_whole(world: World, table: str, column: str, parent: str, key: str) -> None:
    used = pc.unique(world.tables[table][column]).drop_null()
    assert len(used) > 0
    assert pc.all(pc.is_in(used, value_set=world.tables[parent][key].combine_chunks())).as_py()


@pytest.mark.parametrize(
    ("table", "key"),
    [
        *((name, key) for name, key in KEYS.items() if name in CONTRACT),
        ("identities", ["email_address"]),
    ],
)
def test_keys_are_unique_and_known(world: World, table: str, key: list[str]) -> None:
    rows = world.tables[table].select(key)
    assert rows.group_by(key).aggregate([]).num_rows == rows.num_rows
    assert all(rows[column].null_count == 0 for column in key)


def test_nothing_is_later_than_now_or_earlier_than_the_customer(world: World) -> None:
    joined = world.frame("customers").set_index("customer_id")["creation_date"]
    for table, column in (
        ("orders", "ordered_at"),
        ("events", "occurred_at"),
        ("exposures", "assigned_at"),
    ):
        frame = world.frame(table)
        assert frame[column].max() < world.recipe.ends_at
        assert frame[column].min() >= world.recipe.starts_at
        assert (frame[column] >= frame["customer_id"].map(joined)).all(), table


def test_every_cart_is_left_within_a_session(world: World) -> None:
    events = world.frame("events")
    sessions = events[events["type"] == "session"].sort_values("occurred_at")
    sessions["until"] = sessions["occurred_at"] + pd.to_timedelta(
        sessions["duration_seconds"].astype("int64"), unit="s"
    )
    carts = events[events["type"] == "cart_abandon"].sort_values("occurred_at")
    within = pd.merge_asof(
        carts[["customer_id", "occurred_at"]],
        sessions[["customer_id", "occurred_at", "until"]].rename(columns={"occurred_at": "since"}),
        left_on="occurred_at",
        right_on="since",
        by="customer_id",
    )
    assert len(carts) > 1000
    # A shorter session may have started meanwhile; the cart's own is still one of the two.
    assert (within["occurred_at"] <= within["until"]).mean() > 0.999


@pytest.mark.parametrize("buckets", [1, 3, 7])
def test_rows_are_the_same_whatever_the_number_of_buckets(buckets: int) -> None:
    small = recipe(600, months=12, seed=11)
    one, other = make(small, 2), make(small, buckets)
    for kind in ("tables", "truth"):
        for name, table in getattr(one, kind).items():
            keys = [(column, "ascending") for column in KEYS[name]]
            assert table.sort_by(keys).equals(getattr(other, kind)[name].sort_by(keys)), name


def test_a_bucket_holds_its_customers_sorted_and_no_others() -> None:
    small = recipe(900, months=12, seed=5)
    for bucket in range(3):
        ids = generate_bucket(small, bucket, 3).tables["customers"]["customer_id"].to_pylist()
        assert ids == sorted(ids)
        assert {bucket_of(one, 3) for one in ids} == {bucket}


def test_another_process_makes_the_same_rows() -> None:
    small = recipe(400, months=12, seed=6)
    here = generate_bucket(small, 1, 2)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(generate_bucket, small, 1, 2).result()
    for kind in ("tables", "truth"):
        for name, table in getattr(here, kind).items():
            assert table.equals(getattr(there, kind)[name]), name


def test_another_seed_is_another_shop() -> None:
    a, b = (generate_bucket(recipe(300, months=12, seed=seed), 0, 1) for seed in (1, 2))
    assert not a.tables["customers"].equals(b.tables["customers"])


@settings(max_examples=15, deadline=None)
@given(
    customers=st.integers(1, 60),
    months=st.integers(12, 36),
    seed=st.integers(0, 2**63),
    buckets=st.integers(1, 5),
)
def test_any_recipe_makes_all_its_customers(
    customers: int, months: int, seed: int, buckets: int
) -> None:
    of = recipe(customers, months=months, seed=seed)
    made = make(of, buckets)
    assert made.tables["customers"].num_rows == customers
    assert made.tables["campaigns"].num_rows == global_tables(of)["campaigns"].num_rows
    items = set(made.tables["order_items"]["order_id"].to_pylist())
    assert items == set(made.tables["orders"]["order_id"].to_pylist())


@pytest.mark.parametrize("bucket", [-1, 4])
def test_a_bucket_that_is_not_there_is_refused(bucket: int) -> None:
    with pytest.raises(BadRequest, match="no bucket"):
        generate_bucket(recipe(10), bucket, 4)
