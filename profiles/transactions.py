"""What a customer bought.

- `transaction_history`: every order, oldest first, with its lines where they are known.
- `lifetime_value`: the sum of the order totals, as charged: an item sent back is not taken off,
  since a total does not say what was refunded. `average_order_value` is that over the orders with
  a known total; null for someone who never ordered.
- `lifetime_orders` are all orders, `purchase_frequency` those of the last 365 days.
- `has_ever_returned_item`: any line sent back by then.
- `product_categories_purchased`: in alphabetical order, sent back or not; a line without a
  category has that of its product.
"""

from __future__ import annotations

from profiles.part import Part

# Sorting a list of structs, its key first, takes half the time of `list(... ORDER BY key)`. The
# sums run over the sorted totals, one after the other: adding floats in whatever order the threads
# finish would make two runs differ in the last bits.
ORDERS = Part(
    name="bought",
    needs=frozenset({"orders"}),
    select="""
        WITH baskets AS (
            SELECT order_id,
                list_transform(list_sort(list(struct_pack(line := line, item := struct_pack(
                    product_id := product_id, category := category, quantity := quantity,
                    unit_price := unit_price, returned := returned_at IS NOT NULL
                )))), lambda one: one.item) AS items
            FROM order_items GROUP BY order_id
        ), histories AS (
            SELECT customer_id,
                list_sort(list(struct_pack(
                    date := ordered_at, order_id := order_id, total := total, items := items
                ))) AS history,
                count(*) AS lifetime_orders,
                count(total) AS priced_orders,
                count(*) FILTER (ordered_at >= as_of() - INTERVAL 365 DAY) AS purchase_frequency,
                max(ordered_at) AS last_purchase_date
            FROM orders LEFT JOIN baskets USING (order_id)
            GROUP BY customer_id
        )
        SELECT customer_id, lifetime_orders, purchase_frequency,
            list_transform(history, lambda one: struct_pack(
                order_id := one.order_id, date := one.date, total := one.total, items := one.items
            )) AS transaction_history,
            coalesce(list_sum(list_transform(history, lambda one: one.total)), 0)
                AS lifetime_value,
            lifetime_value / nullif(priced_orders, 0) AS average_order_value,
            last_purchase_date, days_since(last_purchase_date) AS days_since_last_purchase
        FROM histories""",
    otherwise={
        "transaction_history": "[]",
        "average_order_value": "NULL",
        "lifetime_value": "0",
        "purchase_frequency": "0",
        "lifetime_orders": "0",
        "last_purchase_date": "NULL",
        "days_since_last_purchase": "NULL",
    },
)

ITEMS = Part(
    name="baskets",
    needs=frozenset({"orders", "order_items"}),
    select="""
        SELECT customer_id,
            bool_or(returned_at IS NOT NULL) AS has_ever_returned_item,
            list_sort(coalesce(
                list(DISTINCT coalesce(lines.category, products.category))
                    FILTER (coalesce(lines.category, products.category) IS NOT NULL),
                [])) AS product_categories_purchased
        FROM order_items AS lines LEFT JOIN products USING (product_id)
        GROUP BY customer_id""",
    otherwise={"has_ever_returned_item": "false", "product_categories_purchased": "[]"},
)
