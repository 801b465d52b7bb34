"""What campaigns a customer was part of, and how they take messages.

- `campaign_history`: every assignment, oldest first. `converted` and `revenue` are null until the
  campaign's outcome window has closed (and for ever where its length is unknown): what came after
  `as_of` is in them too.
- `control_group_membership`: the campaigns in which the customer was held out, sorted.
- `email_open_rate`, `email_click_through_rate`: opens and clicks over messages sent, at most 1
  (one message can be opened twice); null where nothing was sent.
"""

from __future__ import annotations

from profiles.part import Part

EXPOSURES = Part(
    name="assigned",
    needs=frozenset({"exposures"}),
    select="""
        SELECT customer_id,
            list_transform(list_sort(list(struct_pack(
                date := assigned_at, campaign_id := campaign_id, trigger := trigger,
                converted := converted, revenue := revenue
            ))), lambda one: struct_pack(
                campaign_id := one.campaign_id, trigger := one.trigger,
                converted := one.converted, revenue := one.revenue, date := one.date
            )) AS campaign_history,
            list_sort(coalesce(list(campaign_id) FILTER (trigger = 'none'), []))
                AS control_group_membership
        FROM exposures GROUP BY customer_id""",
    otherwise={"campaign_history": "[]", "control_group_membership": "[]"},
)

MESSAGES = Part(
    name="messages",
    needs=frozenset({"events"}),
    select="""
        WITH counted AS (
            SELECT customer_id,
                count(*) FILTER (type = 'email_sent') AS sent,
                count(*) FILTER (type = 'email_open') AS opened,
                count(*) FILTER (type = 'email_click') AS clicked
            FROM events WHERE type IN ('email_sent', 'email_open', 'email_click')
            GROUP BY customer_id
        )
        SELECT customer_id, least(opened / sent, 1) AS email_open_rate,
            least(clicked / sent, 1) AS email_click_through_rate
        FROM counted WHERE sent > 0""",
    otherwise={"email_open_rate": "NULL", "email_click_through_rate": "NULL"},
)
