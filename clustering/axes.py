"""The thirteen behavioural axes: their features, and what their segments are called.

Each axis is clustered on its own, on one to three features (what the columns mean is said in
`profiles.axes`). A customer about whom too little is known has no segment on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from clustering.axis_definition import Axis, Family, Feature, Kind

_MARKETING, _SUPPORT = Family.MARKETING, Family.SUPPORT
_ORDERED = "at least one order"

AXES: Mapping[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            "purchase_frequency",
            _MARKETING,
            "How often a customer has ordered in the last year.",
            (
                Feature(
                    "orders_last_year", "orders in the last year", Kind.COUNT, ("orders_last_year",)
                ),
            ),
            {"orders_ever": 1},
            _ORDERED,
            ("dormant", "occasional", "regular", "frequent", "constant"),
        ),
        Axis(
            "purchase_value",
            _MARKETING,
            "How much an order of the customer is worth.",
            (
                Feature(
                    "average_order_value",
                    "average order value",
                    Kind.AMOUNT,
                    ("average_order_value",),
                    unit="money",
                ),
            ),
            {"orders_ever": 1},
            _ORDERED,
            ("small_basket", "modest_basket", "medium_basket", "large_basket", "big_spender"),
        ),
        Axis(
            "category_exploration",
            _MARKETING,
            "Whether a customer keeps to one category or tries many.",
            (
                Feature("categories", "categories bought", Kind.COUNT, ("categories",)),
                Feature(
                    "top_category",
                    "lines in the favourite category",
                    Kind.RATE,
                    ("top_category_lines", "category_lines"),
                    direction=-1,
                ),
            ),
            {"category_lines": 3},
            "three order lines with a category",
            ("specialist", "focused", "mixed_taste", "curious", "explorer"),
        ),
        Axis(
            "price_sensitivity",
            _MARKETING,
            "How much a customer's buying leans on discounts.",
            (
                Feature(
                    "discounted_orders",
                    "orders with a discount",
                    Kind.RATE,
                    ("discounted_orders", "discount_known"),
                ),
                Feature(
                    "discount_share",
                    "taken off the price",
                    Kind.SHARE,
                    ("discount_share",),
                    unit="share",
                ),
            ),
            {"discount_known": 2},
            "two orders of which the discount is known",
            ("full_price", "seldom_discounted", "half_and_half", "often_discounted", "deal_hunter"),
        ),
        Axis(
            "purchase_cadence",
            _MARKETING,
            "How quickly orders follow one another, and how evenly.",
            (
                Feature(
                    "gap_days", "days between orders", Kind.AMOUNT, ("gap_days",), -1, unit="days"
                ),
                Feature(
                    "gap_variation", "unevenness of the gaps", Kind.SHARE, ("gap_variation",), 0.0
                ),
            ),
            {"orders_ever": 3},
            "three orders",
            ("seasonal", "slow", "steady", "brisk", "rapid"),
        ),
        Axis(
            "customer_maturity",
            _MARKETING,
            "How long the customer has been with the shop, and how much they have ordered.",
            (
                Feature(
                    "tenure_days", "days as a customer", Kind.AMOUNT, ("tenure_days",), unit="days"
                ),
                Feature("orders_ever", "orders ever", Kind.COUNT, ("orders_ever",)),
            ),
            {"orders_ever": 1},
            _ORDERED,
            ("newcomer", "settling_in", "established", "long_standing", "veteran"),
        ),
        Axis(
            "repurchase_behavior",
            _MARKETING,
            "Whether a customer buys the same products again.",
            (
                Feature(
                    "rebought", "products bought before", Kind.RATE, ("rebought", "products_bought")
                ),
            ),
            {"orders_ever": 2, "products_bought": 3},
            "two orders and three products",
            ("always_new", "mostly_new", "some_again", "often_again", "replenisher"),
        ),
        Axis(
            "return_behavior",
            _MARKETING,
            "How much of what was ordered a customer sends back.",
            (Feature("returned_lines", "lines sent back", Kind.RATE, ("returned_lines", "lines")),),
            {"lines": 3},
            "three order lines",
            ("keeper", "rare_returner", "some_returns", "frequent_returner", "serial_returner"),
        ),
        Axis(
            "communication_preference",
            _SUPPORT,
            "By which channel a customer turns to support: e-mail, text message, or the web.",
            (
                Feature(
                    "contacts_email",
                    "contacts by e-mail",
                    Kind.RATE,
                    ("contacts_email", "contacts"),
                    mark="prefers_email",
                ),
                Feature(
                    "contacts_message",
                    "contacts by text message",
                    Kind.RATE,
                    ("contacts_message", "contacts"),
                    mark="prefers_messages",
                ),
            ),
            {"contacts": 2},
            "two support contacts with a channel",
            otherwise="prefers_web",
        ),
        Axis(
            "problem_complexity",
            _SUPPORT,
            "How much work a customer's support cases take.",
            (
                Feature(
                    "handling_seconds",
                    "seconds spent on a case",
                    Kind.AMOUNT,
                    ("handling_seconds",),
                    unit="seconds",
                ),
                Feature(
                    "follow_ups",
                    "cases that came back within a week",
                    Kind.RATE,
                    ("follow_ups", "tickets"),
                ),
            ),
            {"tickets": 2},
            "two support cases",
            ("simple_cases", "easy_cases", "usual_cases", "demanding_cases", "complex_cases"),
        ),
        Axis(
            "loyalty_trajectory",
            _SUPPORT,
            "Whether a customer orders more or less than half a year ago.",
            (
                Feature(
                    "order_trend",
                    "orders of the last 360 days that fell into the later half",
                    Kind.RATE,
                    ("orders_recent", "orders_two_halves"),
                ),
            ),
            {"tenure_days": 360, "orders_two_halves": 2},
            "two orders in the last 360 days, and as long a customer",
            ("fading", "cooling", "holding", "warming", "rising"),
        ),
        Axis(
            "product_knowledge",
            _SUPPORT,
            "How much a customer looks into products: pages, guides and own reviews.",
            (
                Feature("product_views", "product pages viewed", Kind.COUNT, ("product_views",)),
                Feature("content_reads", "guides and stories read", Kind.COUNT, ("content_reads",)),
                Feature("reviews", "reviews written", Kind.COUNT, ("reviews",)),
            ),
            {"events": 3},
            "three events",
            ("unacquainted", "browsing", "informed", "knowledgeable", "expert"),
        ),
        Axis(
            "value_sophistication",
            _SUPPORT,
            "Whether a customer buys the cheap or the fine products of a category.",
            (
                Feature(
                    "price_rank", "place among the category's prices", Kind.SHARE, ("price_rank",)
                ),
                Feature(
                    "premium_lines",
                    "lines from the dearest quarter",
                    Kind.RATE,
                    ("premium_lines", "priced_lines"),
                ),
            ),
            {"priced_lines": 3},
            "three order lines with a price to compare",
            (
                "budget_choice",
                "thrifty_choice",
                "middle_choice",
                "selective_choice",
                "premium_choice",
            ),
        ),
    )
}
