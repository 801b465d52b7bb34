from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from profiles.build import build_profiles
from profiles.scores.features import Vocabulary, features

NOW = datetime(2024, 6, 1, tzinfo=UTC)
VOCABULARY = Vocabulary(categories=("hats", "shoes"), limited=("p1",))


def _tables() -> dict[str, pa.Table]:
    def ago(days: float) -> datetime:
        return NOW - timedelta(days=days)

    return {
        "customers": pa.table({"customer_id": ["a", "idle"], "creation_date": [ago(500), ago(10)]}),
        "products": pa.table({"product_id": ["p1", "p2"], "category": ["hats", "shoes"]}),
        "orders": pa.table(
            {
                "order_id": ["1", "2", "3"],
                "customer_id": ["a"] * 3,
                "ordered_at": [ago(200.5), ago(100.5), ago(20.5)],
                "total": [5.0, 30.0, 10.0],
            }
        ),
        "order_items": pa.table(
            {
                "order_id": ["1", "2", "2"],
                "line": [1, 1, 2],
                "product_id": ["p1", "p1", "p2"],
                "category": ["hats", "hats", "shoes"],
                "returned_at": pa.nulls(3, pa.timestamp("us")),
            }
        ),
        "events": pa.table(
            {
                "event_id": ["e1"],
                "customer_id": ["a"],
                "occurred_at": [ago(1)],
                "type": ["product_view"],
                "product_id": ["p1"],
            }
        ),
    }


def test_features_are_what_their_names_say() -> None:
    profiles = build_profiles(_tables(), NOW)
    X = features(profiles, VOCABULARY)
    assert X.shape == (2, len(VOCABULARY.names))
    busy, idle = (dict(zip(VOCABULARY.names, row.tolist(), strict=True)) for row in X)
    expected = {
        "tenure_days": 500,
        "lifetime_value": 45,
        "days_since_last_purchase": 20,
        "days_since_first_purchase": 200,
        "days_between_purchases": 90,
        "orders_last_30_days": 1,
        "orders_last_90_days": 1,
        "orders_last_180_days": 2,
        "last_total": 10,
        "first_total": 5,
        "largest_total": 30,
        "pages_viewed": 1,
        "categories_bought": 2,
        "limited_viewed": 1,
        "limited_bought": 2,
        "bought hats": 2,
        "bought shoes": 1,
        "saw hats": 1,
        "saw shoes": 0,
    }
    assert {name: busy[name] for name in expected} == expected
    assert np.isnan(idle["last_total"]) and np.isnan(idle["days_since_first_purchase"])
    assert idle["orders_last_90_days"] == idle["bought hats"] == idle["limited_viewed"] == 0
    assert np.isnan(busy["campaigns_received"]) and np.isnan(busy["email_open_rate"])


def test_rows_keep_their_order_and_know_nothing_of_each_other() -> None:
    profiles = build_profiles(_tables(), NOW)
    both = features(profiles, VOCABULARY)
    turned = features(profiles.take([1, 0]), VOCABULARY)
    assert np.array_equal(turned[::-1], both, equal_nan=True)
    assert np.array_equal(features(profiles.slice(1), VOCABULARY), both[1:], equal_nan=True)
    assert features(profiles.slice(0, 0), VOCABULARY).shape == (0, both.shape[1])


def test_orders_alone_give_features_too() -> None:
    X = features(build_profiles({"orders": _tables()["orders"]}, NOW), VOCABULARY)
    row = dict(zip(VOCABULARY.names, X[0].tolist(), strict=True))
    assert row["orders_last_180_days"] == 2
    assert np.isnan(row["session_count"]) and np.isnan(row["saw hats"])
