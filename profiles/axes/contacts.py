"""What the axes need of a customer's events: contacts with support, and what they looked into.

- `tickets` ever; `follow_ups` of them came within seven days of the one before;
  `handling_seconds`: the mean length of those with a known one.
- `contacts`: tickets with a known channel, and of them `contacts_email` and `contacts_message` (SMS
  and push).
- `product_views`, `content_reads` and `reviews` ever.
"""

from __future__ import annotations

from profiles.part import Part

FOLLOW_UP_DAYS = 7
MESSAGE_CHANNELS = ("sms", "push")

_COUNTS = (
    "tickets",
    "follow_ups",
    "contacts",
    "contacts_email",
    "contacts_message",
    "product_views",
    "content_reads",
    "reviews",
)

CONTACTS = Part(
    name="axis_contacts",
    needs=frozenset({"events"}),
    select=f"""
        WITH tickets AS (
            SELECT *, occurred_at - lag(occurred_at) OVER (
                PARTITION BY customer_id ORDER BY occurred_at, event_id
            ) <= INTERVAL {FOLLOW_UP_DAYS} DAY AS again FROM events WHERE type = 'support_ticket'
        ), asked AS (
            SELECT customer_id, count(*) AS tickets, count(*) FILTER (again) AS follow_ups,
                avg(duration_seconds) AS handling_seconds,
                count(channel) AS contacts,
                count(*) FILTER (channel = 'email') AS contacts_email,
                count(*) FILTER (channel IN {MESSAGE_CHANNELS}) AS contacts_message
            FROM tickets GROUP BY customer_id
        ), looked AS (
            SELECT customer_id, count(*) AS events,
                count(*) FILTER (type = 'product_view') AS product_views,
                count(*) FILTER (type = 'content_read') AS content_reads,
                count(*) FILTER (type = 'review') AS reviews
            FROM events GROUP BY customer_id
        )
        SELECT * FROM looked LEFT JOIN asked USING (customer_id)""",
    otherwise={
        "events": "0",
        **dict.fromkeys(_COUNTS, "0"),
        "handling_seconds": "NULL",
    },
)
