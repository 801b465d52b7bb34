from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.errors import BadMapping
from profiles.mapping import parse_mapping, read_raw_mapping

ROOT = Path(__file__).resolve().parents[2]
ORDERS: dict[str, Any] = {
    "kind": "orders",
    "columns": {"order_id": "Invoice", "customer_id": "Customer", "ordered_at": "Date"},
}
LINES: dict[str, Any] = {"product_id": "Code", "quantity": "Qty", "unit_price": "Price"}


@pytest.mark.parametrize("example", ["cdnow", "online_retail"])
def test_the_examples_are_mappings(example: str) -> None:
    assert read_raw_mapping(ROOT / "examples" / f"{example}.toml").kind == "orders"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "order"}, "kind"),
        ({"columns": {"order_id": "Invoice"}}, "need 'customer_id'"),
        ({"columns": {**ORDERS["columns"], "ordered": "Date"}}, "no column 'ordered'"),
        ({"colums": {}}, "colums"),
        ({"rules": {"make_ids": True}}, "'order_id' is in the file already"),
        ({"lines": {"quantity": "Qty"}}, "'product_id'"),
        ({"lines": {"product_id": "Code"}}, "'quantity'"),
        ({"lines": {"product_id": "Code", "quantity": "Qty"}}, "'unit_price'"),
        ({"lines": {**LINES, "order_id": "Invoice"}}, "'order_id' is taken from the order"),
        ({"products": {"name": "Name"}}, "only where a row is an order line"),
        ({"values": {"location_country": {"EIRE": "IE"}}}, "values.location_country"),
        ({"read": {"delimiter": ";;"}}, "read.delimiter"),
        (
            {"kind": "customers", "columns": {"customer_id": "Id"}, "lines": LINES},
            'kind = "orders"',
        ),
        (
            {"kind": "products", "columns": {"product_id": "Id"}, "rules": {"make_ids": True}},
            "no key",
        ),
        ({"kind": "events", "columns": {"event_id": "Id"}}, "need 'customer_id'"),
    ],
)
def test_a_wrong_mapping_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadMapping, match=said):
        parse_mapping(ORDERS | change)


def test_a_file_that_is_not_there_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="no mapping file"):
        read_raw_mapping(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("kind = ")
    with pytest.raises(BadMapping, match="is not TOML"):
        read_raw_mapping(tmp_path / "bad.toml")
