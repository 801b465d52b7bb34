"""What the axes need of the lines of a customer's orders.

- `lines` of all orders, `returned_lines` of them sent back.
- `categories` bought from, `category_lines` that have a category, and `top_category_lines` in the
  one bought most. A line without a category has that of its product.
- `products_bought`: products of all orders, one that is in two orders twice; `rebought` of them
  were in an earlier order too.
- `price_rank`: the mean place (0 the cheapest, 1 the dearest) of what was bought among the products
  of its category by their price today, over the `priced_lines` where that is known; `premium_lines`
  of them are in the dearest quarter. A category of one price has no order.
"""

from __future__ import annotations

from profiles.part import Part

PREMIUM = 0.75

PRICE_PLACES = """
    SELECT product_id, category,
        CASE WHEN min(price) OVER same < max(price) OVER same THEN
            percent_rank() OVER (PARTITION BY category, price IS NULL ORDER BY price)
        END AS place
    FROM products WINDOW same AS (PARTITION BY category)"""
"""Where each product stands among its category's prices: the table `price_places`."""

ITEMS = Part(
    name="axis_items",
    needs=frozenset({"orders", "order_items"}),
    select=f"""
        WITH bought AS (
            SELECT customer_id, order_id, lines.product_id,
                coalesce(lines.category, price_places.category) AS category, returned_at, place
            FROM order_items AS lines LEFT JOIN price_places USING (product_id)
        )
        SELECT customer_id, count(*) AS lines, count(returned_at) AS returned_lines,
            avg(place) AS price_rank, count(place) AS priced_lines,
            count(*) FILTER (place >= {PREMIUM}) AS premium_lines,
            count(DISTINCT category) AS categories, count(category) AS category_lines,
            coalesce(list_max(map_values(histogram(category))), 0)::BIGINT AS top_category_lines,
            count(DISTINCT (order_id, product_id)) FILTER (product_id IS NOT NULL)
                AS products_bought,
            products_bought - count(DISTINCT product_id) AS rebought
        FROM bought GROUP BY customer_id""",
    otherwise={
        "lines": "0",
        "returned_lines": "0",
        "price_rank": "NULL",
        "priced_lines": "0",
        "premium_lines": "0",
        "categories": "0",
        "category_lines": "0",
        "top_category_lines": "0",
        "products_bought": "0",
        "rebought": "0",
    },
)
