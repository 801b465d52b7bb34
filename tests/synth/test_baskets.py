"""Orders add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.synth.conftest import World


def test_totals_are_the_goods_less_the_discount(world: World) -> None:
    orders = world.frame("orders").set_index("order_id")
    items = world.frame("order_items")
    goods = (items["unit_price"] * items["quantity"]).groupby(items["order_id"]).sum()
    np.testing.assert_allclose(
        orders["total"] + orders["discount_amount"], goods.reindex(orders.index), atol=0.006
    )
    assert (orders["total"] > 0).all()


def test_lines_are_numbered_and_priced_as_their_product(world: World) -> None:
    items = world.frame("order_items")
    products = world.frame("products").set_index("product_id")
    assert (items["unit_price"] == items["product_id"].map(products["price"])).all()
    assert (items["category"] == items["product_id"].map(products["category"])).all()
    count = items.groupby("order_id")["line"].agg(["min", "max", "size"])
    assert (count["min"] == 1).all()
    assert (count["max"] == count["size"]).all()


def test_returns_come_after_the_order_within_two_weeks(world: World) -> None:
    items = world.frame("order_items").dropna(subset="returned_at")
    ordered = world.frame("orders").set_index("order_id")["ordered_at"]
    wait = items["returned_at"] - items["order_id"].map(ordered)
    assert len(items) > 1000
    assert wait.min() >= pd.Timedelta(days=1.9)
    assert wait.max() <= pd.Timedelta(days=14.1)


def test_the_triggers_give_what_they_promise(world: World) -> None:
    """Only credited orders tell from the tables under which trigger they were placed."""
    orders = world.frame("orders").dropna(subset="campaign_id")
    given = world.frame("exposures")[["campaign_id", "customer_id", "trigger"]]
    orders = orders.merge(given, on=["campaign_id", "customer_id"])
    assert (orders.loc[orders["trigger"] == "free_shipping", "shipping_paid"] == 0).all()
    off = orders["discount_amount"] / (orders["total"] + orders["discount_amount"])
    by_trigger = off.groupby(orders["trigger"])
    assert by_trigger.min()["percentage_discount"] > 0.14
    assert by_trigger.min().drop("percentage_discount").max() == 0
