"""Order lines become orders and their items; what was sent back marks the line it takes back."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from profiles.columns import ROW
from profiles.connection import in_memory
from profiles.contract import RAW_TABLES
from profiles.mapping import RulesPart

RETURN, KEPT = "return", "kept"
UNMATCHED = "returned, but bought before this file begins or never"


@dataclass(frozen=True)
class Gathered:
    tables: dict[str, pa.Table]
    kept: int
    returned: int
    set_aside: dict[str, int]


def gather_orders(typed: pa.Table, rules: RulesPart) -> Gathered:
    """`orders` and `order_items` of typed order lines (columns of the order, `lines.*` and `ROW`).

    Every row is kept, a return, or set aside for the first reason that fits it. A return marks the
    newest line of the same customer and product that was bought no later, whole, however many of
    it came back; one without such a line is set aside. An order's `total`, where the file has
    none, is the sum of its kept lines, and its time that of the first.
    """
    with in_memory(threads=2) as connection:
        connection.register("typed", typed)
        connection.execute(f"CREATE TEMP TABLE judged AS {_judged(typed, rules)}")
        connection.execute(f"CREATE TEMP TABLE sold AS {_sold(typed)}")
        connection.execute(f"CREATE TEMP TABLE sent_back AS {_SENT_BACK}")
        tables = {
            name: connection.sql(select).to_arrow_table().cast(RAW_TABLES[name].columns)
            for name, select in (("orders", _orders(typed)), ("order_items", _ITEMS))
        }
        fates = dict(
            connection.execute("SELECT fate, count(*) FROM judged GROUP BY 1 ORDER BY 1").fetchall()
        )
        matched = connection.execute(
            "SELECT count(*) FROM sent_back WHERE order_id IS NOT NULL"
        ).fetchall()[0][0]
    kept, returns = fates.pop(KEPT, 0), fates.pop(RETURN, 0)
    if returns > matched:
        fates[UNMATCHED] = returns - matched
    return Gathered(tables, kept, matched, fates)


def _judged(typed: pa.Table, rules: RulesPart) -> str:
    """Each line with its fate: kept, a return, or the reason why it is set aside."""
    product, quantity, price = '"lines.product_id"', '"lines.quantity"', '"lines.unit_price"'
    cases = [
        ("customer_id IS NULL", "without customer_id"),
        ("order_id IS NULL", "without order_id"),
        ("ordered_at IS NULL", "without ordered_at"),
        (f"{product} IS NULL", "without product_id"),
        (f"{quantity} IS NULL", "without quantity"),
    ]
    if rules.drop_repeated_lines:
        same = ", ".join(f'"{name}"' for name in typed.schema.names if name != ROW)
        first = f"row_number() OVER (PARTITION BY {same} ORDER BY {ROW}) > 1"
        cases.append((first, "repeated line"))
    if rules.not_products:
        listed = ", ".join("'" + name.replace("'", "''") + "'" for name in rules.not_products)
        cases.append((f"{product} IN ({listed})", "not a product"))
    negative = RETURN if rules.negative_quantity == "return" else "negative quantity"
    cases.append((f"{quantity} < 0", negative))
    if rules.cancellation_prefix is not None:
        prefix = rules.cancellation_prefix.replace("'", "''")
        cases.append((f"starts_with(order_id, '{prefix}')", "cancellation"))
    cases.append((f"{quantity} = 0", "quantity of zero"))
    if "lines.unit_price" in typed.schema.names:
        cases.append((f"{price} < 0", "negative price"))
    when = " ".join(f"WHEN {condition} THEN '{fate}'" for condition, fate in cases)
    return f"SELECT *, CASE {when} ELSE '{KEPT}' END AS fate FROM typed"


def _sold(typed: pa.Table) -> str:
    """The kept lines, numbered within their order as the file has them. An order has one customer
    and one time, those of its first line."""
    kinds = {"category": "VARCHAR", "unit_price": "DOUBLE", "returned_at": "TIMESTAMPTZ"}
    optional = ", ".join(
        f'"lines.{name}" AS {name}'
        if f"lines.{name}" in typed.schema.names
        else f"NULL::{kind} AS {name}"
        for name, kind in kinds.items()
    )
    number = f"row_number() OVER (PARTITION BY order_id ORDER BY {ROW})"
    line = '"lines.line"' if "lines.line" in typed.schema.names else number
    first = f"OVER (PARTITION BY order_id ORDER BY {ROW})"
    return f"""
        SELECT order_id, {line} AS line, first_value(customer_id) {first} AS customer_id,
            first_value(ordered_at) {first} AS ordered_at,
            "lines.product_id" AS product_id, "lines.quantity" AS quantity, {optional}, {ROW}
        FROM judged WHERE fate = '{KEPT}'"""


_SENT_BACK = f"""
    WITH bought AS (
        SELECT DISTINCT ON (customer_id, product_id, ordered_at) *
        FROM sold ORDER BY customer_id, product_id, ordered_at, {ROW}
    )
    SELECT back.ordered_at AS returned_at, bought.order_id, bought.line
    FROM judged AS back ASOF LEFT JOIN bought
        ON back.customer_id = bought.customer_id AND back."lines.product_id" = bought.product_id
        AND back.ordered_at >= bought.ordered_at
    WHERE back.fate = '{RETURN}'"""

_ITEMS = """
    SELECT order_id, line, product_id, category, quantity, unit_price,
        coalesce(sold.returned_at, back.returned_at) AS returned_at
    FROM sold LEFT JOIN (
        SELECT order_id, line, min(returned_at) AS returned_at FROM sent_back
        WHERE order_id IS NOT NULL GROUP BY order_id, line
    ) AS back USING (order_id, line)
    ORDER BY order_id, line"""


def _orders(typed: pa.Table) -> str:
    def stated(name: str, otherwise: str = "NULL") -> str:
        """An order's own column stands in every line of it: its first known value."""
        if name not in typed.schema.names:
            return f"{otherwise} AS {name}"
        return f"arg_min(judged.{name}, {ROW}) FILTER (judged.{name} IS NOT NULL) AS {name}"

    lines_total = f"round(list_sum(list(quantity * unit_price ORDER BY {ROW})), 6)"
    return f"""
        SELECT order_id, any_value(sold.customer_id) AS customer_id,
            any_value(sold.ordered_at) AS ordered_at, {stated("total", lines_total)},
            {stated("discount_amount")}, {stated("shipping_paid")}, {stated("campaign_id")}
        FROM sold JOIN judged USING (order_id, {ROW})
        GROUP BY order_id ORDER BY order_id"""
