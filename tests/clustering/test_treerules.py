"""Rules of clusters: what a tree says is what its criteria say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from clustering.fieldclasses import Usable, classify
from clustering.treerules import questions, tree_rule
from domain.criteria import NOBODY, Expression, Op, conditions
from domain.customer import Field, FieldType, Schema
from domain.parsing import check
from storage.matching import TableMatcher

SCHEMA = Schema(
    [
        Field(name="orders", type=FieldType.INT),
        Field(name="spend", type=FieldType.FLOAT),
        Field(name="colour", type=FieldType.STRING),
        Field(name="member", type=FieldType.BOOL),
    ]
)


def meets(table: pa.Table, expression: Expression) -> NDArray[np.bool_]:
    matcher = TableMatcher(table, SCHEMA)
    try:
        return np.asarray(matcher.meets([expression])[:, 0])
    finally:
        matcher.close()


def usable(table: pa.Table) -> list[Usable]:
    found = [classify(SCHEMA[name], table.column(name)) for name in SCHEMA]
    return [one for one in found if isinstance(one, Usable)]


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(40, 80))

    def some(values: st.SearchStrategy[object], kind: pa.DataType) -> pa.Array:
        return pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), kind)

    gaps = draw(st.booleans())

    def known(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
        return st.one_of(st.none(), values) if gaps else values

    return pa.table(
        {
            "orders": some(known(st.integers(-3, 9)), pa.int64()),
            "spend": some(known(st.sampled_from([0.0, 1.25, 10.0, 200.0, 3e4])), pa.float64()),
            "colour": some(known(st.sampled_from(["red", "green", "it's"])), pa.string()),
            "member": some(known(st.booleans()), pa.bool_()),
        }
    )


@settings(max_examples=40, deadline=None)
@given(table=tables(), which=st.sampled_from(["orders", "spend", "colour", "member", "both"]))
def test_a_cluster_that_is_a_rule_is_told_exactly(table: pa.Table, which: str) -> None:
    """Clusters made by one or two conditions are found again, missing values included."""
    orders = np.array([(x is not None and x > 2) for x in table["orders"].to_pylist()])
    spend = np.array([(x is None or x < 5) for x in table["spend"].to_pylist()])
    inside = {
        "orders": orders,
        "spend": spend,
        "colour": np.array([x == "it's" for x in table["colour"].to_pylist()]),
        "member": np.array([x is not True for x in table["member"].to_pylist()]),
        "both": orders & spend,
    }[which]
    fields = usable(table)
    if min(inside.sum(), (~inside).sum()) < 8 or len(fields) < 4:
        return
    rule = tree_rule(questions(table, fields), inside, np.random.default_rng(0))
    check(rule, SCHEMA)
    met = meets(table, rule)
    if which == "both":
        # A leaf holds five rows or more, so a few may be told wrongly.
        assert (met & inside).sum() >= 0.6 * inside.sum()
    else:
        assert np.array_equal(met, inside)


@settings(max_examples=40, deadline=None)
@given(table=tables(), seed=st.integers(0, 9))
def test_any_rule_can_be_checked_and_asked(table: pa.Table, seed: int) -> None:
    inside = np.random.default_rng(seed).random(table.num_rows) < 0.4
    fields = usable(table)
    if not inside.any() or not fields:
        return
    rule = tree_rule(questions(table, fields), inside, np.random.default_rng(seed))
    assert rule != NOBODY
    check(rule, SCHEMA)
    assert (meets(table, rule) & inside).any()
    assert len(list(conditions(rule))) <= 24


@pytest.mark.parametrize(
    ("inside", "op", "value"),
    [(range(6, 10), Op.GTE, 6), (range(4), Op.LTE, 3), (range(5, 6), Op.EQ, 5)],
)
def test_whole_numbers_are_told_in_whole_numbers(inside: range, op: Op, value: int) -> None:
    orders = np.arange(100) % 10
    table = pa.table({"orders": orders})
    found = classify(SCHEMA["orders"], table.column("orders"))
    assert isinstance(found, Usable)
    mine = np.isin(orders, list(inside))
    rule = tree_rule(questions(table, [found]), mine, np.random.default_rng(0))
    (one,) = conditions(rule)
    assert (one.field, one.op, one.value) == ("orders", op, value)


@pytest.mark.parametrize("value", [1234.5, 0.0001234])
def test_borders_are_rounded(value: float) -> None:
    spend = np.repeat([value, value * 1.5], 50)
    table = pa.table({"spend": spend})
    found = classify(SCHEMA["spend"], table.column("spend"))
    assert isinstance(found, Usable)
    rule = tree_rule(questions(table, [found]), spend > value, np.random.default_rng(0))
    (one,) = conditions(rule)
    assert isinstance(one.value, float)
    assert one.value == float(f"{one.value:.3g}")
