"""The compiler against a tiny evaluator, over random trees and random customers with nulls."""

import math
import unicodedata
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.choices import best_among
from domain.criteria import (
    EVERYONE,
    AllOf,
    AnyOf,
    Condition,
    Expression,
    Not,
    Op,
    moment,
    normalise,
)
from domain.customer import STANDARD
from storage.query import compile_criteria, matching_ids, resolve_percentages
from tests.domain.expressions import CITIES, expressions

COLUMNS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("lifetime_orders", pa.int64()),
        ("lifetime_value", pa.float64()),
        ("location_city", pa.string()),
        ("has_ever_returned_item", pa.bool_()),
        ("last_purchase_date", pa.timestamp("us", "UTC")),
        ("product_categories_purchased", pa.list_(pa.string())),
    ]
)
CATEGORIES = ["Shoes", "running shoe", "Jewelry", "boxes", "Crème", "shoehorn", "a box of"]
Row = dict[str, object]


def customers() -> st.SearchStrategy[list[Row]]:
    days = [datetime(2026, 1, day, hour, tzinfo=UTC) for day in (1, 2, 3) for hour in (0, 10)]
    row = st.fixed_dictionaries(
        {
            "lifetime_orders": st.none() | st.integers(0, 6),
            "lifetime_value": st.none() | st.sampled_from([0.0, 1.5, 2.0, 3.0, 4.0, 5.5]),
            "location_city": st.none() | st.sampled_from([*CITIES, "london", "Zurich"]),
            "has_ever_returned_item": st.none() | st.booleans(),
            "last_purchase_date": st.none() | st.sampled_from(days),
            "product_categories_purchased": st.none()
            | st.lists(st.sampled_from(CATEGORIES), max_size=3),
        }
    )
    return st.lists(row, min_size=1, max_size=12).map(
        lambda rows: [{"customer_id": f"c{i:02d}", **row} for i, row in enumerate(rows)]
    )


def oracle(expression: Expression, rows: list[Row]) -> list[str]:
    """Who meets the expression: straight from the words of the contract."""
    tree = normalise(expression)

    def holds(node: Expression, row: Row, *, percent: bool) -> bool | None:
        match node:
            case AllOf(all=members):
                kept = [holds(m, row, percent=percent) for m in members]
                return all(answer is not False for answer in kept)
            case AnyOf(any=members):
                kept = [
                    a for a in (holds(m, row, percent=percent) for m in members) if a is not None
                ]
                if members and not kept:
                    return True
                return any(kept)
            case Condition(op=op) if op in (Op.TOP_PERCENT, Op.BOTTOM_PERCENT) and not percent:
                return None
            case Condition():
                return leaf(node, row)
        raise AssertionError(node)

    def leaf(node: Condition, row: Row) -> bool:
        x, value = row[node.field], node.value
        if node.op is Op.IS_NULL:
            return x is None
        if x is None:
            return False
        if isinstance(x, datetime) and isinstance(value, str):
            value = moment(value)  # type: ignore[assignment]
        match node.op:
            case Op.NOT_NULL:
                return True
            case Op.EQ:
                return bool(x == value)
            case Op.NE:
                return bool(x != value)
            case Op.GT:
                return x > value  # type: ignore[operator]
            case Op.GTE:
                return x >= value  # type: ignore[operator]
            case Op.LT:
                return x < value  # type: ignore[operator]
            case Op.LTE:
                return x <= value  # type: ignore[operator]
            case Op.IN:
                return x in value  # type: ignore[operator]
            case Op.NOT_IN:
                return x not in value  # type: ignore[operator]
            case Op.CONTAINS:
                return has_phrase(x, str(value))
            case Op.NOT_CONTAINS:
                return not has_phrase(x, str(value))
        xs = sorted(
            (
                r[node.field]
                for r in rows
                if r[node.field] is not None and holds(tree, r, percent=False) is not False
            ),  # type: ignore[type-var]
            reverse=node.op is Op.TOP_PERCENT,
        )
        if not xs:
            return False
        border = xs[max(math.ceil(len(xs) * node.value / 100) - 1, 0)]  # type: ignore[operator]
        return x >= border if node.op is Op.TOP_PERCENT else x <= border  # type: ignore[operator]

    return [str(r["customer_id"]) for r in rows if holds(tree, r, percent=True) is not False]


def has_phrase(value: object, phrase: str) -> bool:
    texts = value if isinstance(value, list) else [value]
    wanted = words(phrase)
    return any(
        words(str(t))[i : i + len(wanted)] == wanted
        for t in texts
        for i in range(len(words(str(t))))
    )


def words(text: str) -> list[str]:
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c)
    )
    split = "".join(c if c.isalnum() else " " for c in plain).split()
    singulars = {"shoes": "shoe", "boxes": "box", "jewelries": "jewelry"}
    return [singulars.get(word, word) for word in split]


@settings(max_examples=120, deadline=None)
@given(expressions(), customers())
def test_compiled_criteria_find_whom_the_oracle_finds(tree: Expression, rows: list[Row]) -> None:
    with duckdb.connect() as connection:
        connection.register("people", pa.Table.from_pylist(rows, schema=COLUMNS))
        assert matching_ids(tree, STANDARD, connection, "people") == oracle(tree, rows)


@settings(max_examples=60, deadline=None)
@given(expressions(), customers())
def test_a_negation_never_matches_a_customer_twice(tree: Expression, rows: list[Row]) -> None:
    with duckdb.connect() as connection:
        connection.register("people", pa.Table.from_pylist(rows, schema=COLUMNS))
        resolved = resolve_percentages(tree, STANDARD, connection, "people")
        inside = set(matching_ids(resolved, STANDARD, connection, "people"))
        outside = set(matching_ids(Not(not_=resolved), STANDARD, connection, "people"))
    assert not inside & outside


def test_values_are_bound_never_spliced() -> None:
    evil = "London' OR 1=1 --"
    compiled = compile_criteria(Condition(field="location_city", op=Op.EQ, value=evil), STANDARD)
    assert evil not in compiled.sql
    assert compiled.parameters == (evil,)


def test_best_among_takes_the_highest_positive_net_value() -> None:
    schema = STANDARD.with_triggers(["a", "b", "c"])
    table = pa.table(
        {
            "customer_id": ["1", "2", "3", "4", "5"],
            "net_value_for_a": [1.0, -1.0, 2.0, None, 3.0],
            "net_value_for_b": [2.0, -2.0, 2.0, 0.5, None],
            "net_value_for_c": [9.0, 9.0, 9.0, 9.0, 9.0],
        }
    )
    name = best_among(["b", "a"])
    with duckdb.connect() as connection:
        connection.register("people", table)
        found = {
            key: matching_ids(
                Condition(field=name, op=Op.EQ, value=key), schema, connection, "people"
            )
            for key in ("a", "b", "none")
        }
    assert found == {"a": ["3", "5"], "b": ["1", "4"], "none": ["2"]}


@pytest.mark.parametrize(("percent", "expected"), [(10, 1), (25, 3), (50, 5), (99, 10)])
def test_top_percent_rounds_up_and_keeps_ties(percent: int, expected: int) -> None:
    table = pa.table({"customer_id": [str(i) for i in range(10)], "lifetime_value": range(10)})
    top = Condition(field="lifetime_value", op=Op.TOP_PERCENT, value=percent)
    with duckdb.connect() as connection:
        connection.register("people", table)
        assert len(matching_ids(top, STANDARD, connection, "people")) == expected
        tied = pa.table({"customer_id": ["a", "b", "c"], "lifetime_value": [1.0, 5.0, 5.0]})
        connection.register("tied", tied)
        assert matching_ids(top, STANDARD, connection, "tied") == (
            ["b", "c"] if percent <= 50 else ["a", "b", "c"]
        )


def test_everyone_means_everyone() -> None:
    table = pa.table({"customer_id": ["x"]})
    with duckdb.connect() as connection:
        connection.register("people", table)
        assert matching_ids(EVERYONE, STANDARD, connection, "people") == ["x"]
