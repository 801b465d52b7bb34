"""What the axes need of a customer's orders.

- `orders_ever`, `orders_last_year` (365 days); `orders_two_halves` of the last 360 days, and
  `orders_recent` of the last 180.
- `average_order_value`: over the orders with a known total.
- `discount_known` orders say whether there was a discount, `discounted_orders` had one;
  `discount_share` is what was taken off, as a share of what the orders with both amounts would
  have cost without it.
- `gap_days`: mean days between an order and the next, from three orders on; `gap_variation`: the
  standard deviation of these gaps over their mean (0 for a clockwork, 1 where orders come by
  chance).
"""

from __future__ import annotations

from profiles.part import Part

_DAY = "86400e6"
YEAR, RECENT, HALVES = 365, 180, 360

ORDERS = Part(
    name="axis_orders",
    needs=frozenset({"orders"}),
    select=f"""
        WITH counted AS (
        SELECT customer_id,
            count(*) AS orders_ever,
            count(*) FILTER (ordered_at >= as_of() - INTERVAL {YEAR} DAY) AS orders_last_year,
            count(*) FILTER (ordered_at >= as_of() - INTERVAL {RECENT} DAY) AS orders_recent,
            count(*) FILTER (ordered_at >= as_of() - INTERVAL {HALVES} DAY) AS orders_two_halves,
            avg(total) AS average_order_value,
            count(discount_amount) AS discount_known,
            count(*) FILTER (discount_amount > 0) AS discounted_orders,
            sum(discount_amount) FILTER (total IS NOT NULL)
                / nullif(sum(total + discount_amount), 0) AS discount_share,
            min(ordered_at) AS first_order,
            list_sort(list(epoch_us(ordered_at))) AS times
        FROM orders GROUP BY customer_id
        ), spaced AS (
            SELECT *, list_transform(
                list_zip(times[2:], times[:-2]), lambda two: two[1] - two[2]
            ) AS gaps FROM counted
        )
        SELECT * EXCLUDE (times, gaps),
            CASE WHEN len(gaps) >= 2 THEN list_avg(gaps) / {_DAY} END AS gap_days,
            CASE WHEN len(gaps) >= 2 THEN list_stddev_pop(gaps) / nullif(list_avg(gaps), 0) END
                AS gap_variation
        FROM spaced""",
    otherwise={
        "orders_ever": "0",
        "orders_last_year": "0",
        "orders_recent": "0",
        "orders_two_halves": "0",
        "average_order_value": "NULL",
        "discount_known": "0",
        "discounted_orders": "0",
        "discount_share": "NULL",
        "gap_days": "NULL",
        "gap_variation": "NULL",
        "first_order": "NULL",
    },
)
