"""The cart a customer left and has not come back for.

`abandoned_cart_details` is the newest abandoned cart, unless they ordered at or after that time:
then there is none, whatever they bought, since reminding a buyer of a cart is the mistake that
these fields are read to avoid. `cart_id` and `items` are the event's properties; where it has
none, the event's own id, and the products put into a cart in the 24 hours before.
"""

from __future__ import annotations

from profiles.part import Part

CART = Part(
    name="cart",
    needs=frozenset({"events"}),
    select="""
        WITH newest AS (
            SELECT customer_id, unnest(max(struct_pack(
                at := occurred_at, event_id := event_id, value := value,
                cart_id := cart_id, items := items
            ), 1)) AS cart
            FROM events WHERE type = 'cart_abandon' GROUP BY customer_id
        ), waiting AS (
            SELECT customer_id, cart FROM newest
            LEFT JOIN (SELECT customer_id, max(ordered_at) AS ordered_at FROM orders GROUP BY ALL)
                USING (customer_id)
            WHERE ordered_at IS NULL OR ordered_at < cart.at
        ), filled AS (
            SELECT customer_id, list_sort(list(DISTINCT product_id)) AS items
            FROM waiting JOIN events USING (customer_id)
            WHERE type = 'cart_add' AND product_id IS NOT NULL
                AND occurred_at <= cart.at AND occurred_at >= cart.at - INTERVAL 24 HOUR
            GROUP BY customer_id
        )
        SELECT customer_id,
            struct_pack(
                cart_id := coalesce(cart.cart_id, cart.event_id), value := cart.value,
                items := coalesce(cart.items, filled.items, []), timestamp := cart.at
            ) AS abandoned_cart_details,
            cart.value AS abandoned_cart_value,
            days_since(cart.at) AS days_since_cart_abandoned
        FROM waiting LEFT JOIN filled USING (customer_id)""",
    otherwise={
        "abandoned_cart_details": "NULL",
        "abandoned_cart_value": "NULL",
        "days_since_cart_abandoned": "NULL",
    },
)
