"""What a customer did in the shop, from its events.

- `last_seen_timestamp`: the last thing they did in the shop. A message sent or opened and a
  support ticket are no visit.
- `session_count`, `avg_session_duration`: sessions of the last 90 days, and their mean length in
  whole seconds over those with a known one.
- `carts_abandoned`, `carts_abandoned_at_shipping`: of the last 365 days; the second where the step
  they left at was `shipping`.
- `viewed_bestsellers_page`, `interacted_with_content`, `product_reviews_written`: ever.
- `wishlist_items_count`: different products ever put there (an entry without a product is one).
- `viewed_product_pages`: the newest 20 views, newest first; `viewed_products` are the names,
  categories and tags of those products, sorted.
"""

from __future__ import annotations

from profiles.contract import IN_SHOP
from profiles.part import Part

_IN_SHOP = ", ".join(f"'{kind}'" for kind in IN_SHOP)

ACTIVITY = Part(
    name="activity",
    needs=frozenset({"events"}),
    select=f"""
        WITH counted AS (
            SELECT customer_id,
                max(occurred_at) FILTER (type IN ({_IN_SHOP})) AS last_seen_timestamp,
                count(*) FILTER (
                    type = 'session' AND occurred_at >= as_of() - INTERVAL 90 DAY
                ) AS session_count,
                avg(duration_seconds) FILTER (
                    type = 'session' AND occurred_at >= as_of() - INTERVAL 90 DAY
                ) AS mean_duration,
                count(*) FILTER (
                    type = 'cart_abandon' AND occurred_at >= as_of() - INTERVAL 365 DAY
                ) AS carts_abandoned,
                count(*) FILTER (
                    type = 'cart_abandon' AND occurred_at >= as_of() - INTERVAL 365 DAY
                    AND step = 'shipping'
                ) AS carts_abandoned_at_shipping,
                bool_or(type = 'bestsellers_view') AS viewed_bestsellers_page,
                bool_or(type = 'content_read') AS interacted_with_content,
                count(*) FILTER (type = 'review') AS product_reviews_written,
                count(DISTINCT coalesce(product_id, event_id))
                    FILTER (type = 'wishlist_add') AS wishlist_items_count
            FROM events GROUP BY customer_id
        )
        SELECT * EXCLUDE (mean_duration), days_since(last_seen_timestamp) AS days_since_last_seen,
            round(mean_duration)::BIGINT AS avg_session_duration
        FROM counted""",
    otherwise={
        "last_seen_timestamp": "NULL",
        "days_since_last_seen": "NULL",
        "session_count": "0",
        "avg_session_duration": "NULL",
        "carts_abandoned": "0",
        "carts_abandoned_at_shipping": "0",
        "viewed_bestsellers_page": "false",
        "interacted_with_content": "false",
        "product_reviews_written": "0",
        "wishlist_items_count": "0",
    },
)

_NEWEST_VIEWS = """
    SELECT customer_id,
        max(struct_pack(at := occurred_at, event_id := event_id, product_id := product_id), 20)
            AS newest
    FROM events WHERE type = 'product_view' GROUP BY customer_id"""

VIEWS = Part(
    name="views",
    needs=frozenset({"events"}),
    select=f"""
        SELECT customer_id,
            list_transform(newest, lambda view: struct_pack(
                product_id := view.product_id, timestamp := view.at
            )) AS viewed_product_pages
        FROM ({_NEWEST_VIEWS})""",
    otherwise={"viewed_product_pages": "[]"},
)

VIEWED = Part(
    name="viewed",
    needs=frozenset({"events", "products"}),
    select="""
        WITH words AS (
            SELECT product_id, list_filter(
                list_concat([name, category], coalesce(tags, [])), lambda word: word IS NOT NULL
            ) AS words
            FROM products
        ), seen AS (
            SELECT DISTINCT customer_id, unnest(viewed_product_pages).product_id AS product_id
            FROM views
        )
        SELECT customer_id, list_sort(list_distinct(flatten(list(words)))) AS viewed_products
        FROM seen JOIN words USING (product_id) GROUP BY customer_id""",
    otherwise={"viewed_products": "[]"},
)
