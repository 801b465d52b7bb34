"""Who has a profile, and what the shop knows of them apart from what they did.

A customer is anyone in `customers` who had been created by then (or whose creation date is
unknown), and anyone else who had ordered, acted or been assigned to a campaign: a shop that brings
only orders has profiles too. Someone whom `customers` says was created later has none.

`tenure_days` counts whole days since `creation_date`. The consents are those of the `customers`
table given: it keeps no history of them, and a pull asks for the live value in any case.
"""

from __future__ import annotations

from profiles.part import Part

EVERYONE = """
    SELECT customer_id FROM (
        SELECT customer_id FROM customers
        UNION SELECT customer_id FROM orders
        UNION SELECT customer_id FROM events
        UNION SELECT customer_id FROM exposures
    )
    WHERE customer_id IS NOT NULL AND customer_id NOT IN (
        SELECT customer_id FROM raw_customers
        WHERE creation_date >= as_of() AND customer_id IS NOT NULL
    )"""

IDENTITY = Part(
    name="identity",
    needs=frozenset({"customers"}),
    select="""
        SELECT customer_id, location_city, location_country, acquisition_source,
            creation_date, days_since(creation_date) AS tenure_days,
            email_consent, sms_consent, push_consent, ads_consent
        FROM customers""",
    otherwise=dict.fromkeys(
        (
            "location_city",
            "location_country",
            "acquisition_source",
            "creation_date",
            "tenure_days",
            "email_consent",
            "sms_consent",
            "push_consent",
            "ads_consent",
        ),
        "NULL",
    ),
)
