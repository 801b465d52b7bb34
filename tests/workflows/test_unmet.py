"""A customer's own values as they are said."""

from datetime import UTC, datetime

import pytest

from domain.customer import STANDARD, Field, FieldType
from workflows.unmet import as_typed, own_value, said_value

FLAG = Field(name="vip", type=FieldType.BOOL)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("days_since_last_purchase", 12, "days since the last purchase 12"),
        ("days_since_last_purchase", None, "days since the last purchase not known"),
        ("lifetime_value", 12345.6, "lifetime value 12,346"),
        ("clv_score", 0.81234, "predicted value (percentile) 0.8123"),
        ("has_ever_returned_item", True, "has returned an item"),
        ("has_ever_returned_item", False, "has never returned an item"),
        ("has_ever_returned_item", None, "has returned an item not known"),
        ("location_city", "Rome", "city Rome"),
        ("product_categories_purchased", [], "categories bought none"),
        (
            "product_categories_purchased",
            list("abcdefg"),
            "categories bought a, b, c, d, e and 2 more",
        ),
        ("last_purchase_date", datetime(2026, 1, 2, tzinfo=UTC), "last purchase 2026-01-02"),
    ],
)
def test_a_value_is_said_with_its_field(name: str, value: object, said: str) -> None:
    assert said_value(own_value(value, STANDARD[name]), STANDARD[name]) == said


def test_a_feature_takes_the_type_of_its_field() -> None:
    assert as_typed(1.0, FLAG) is True
    assert own_value(as_typed(0.0, FLAG), FLAG) == "not: vip"
    assert as_typed(3.0, STANDARD["lifetime_orders"]) == 3
    assert as_typed(0.5, STANDARD["clv_score"]) == 0.5
    assert as_typed("Rome", STANDARD["location_city"]) == "Rome"
