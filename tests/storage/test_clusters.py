"""`cluster.<name>` compiled, against an oracle that asks every cluster in turn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clusters import Cluster, Clustering
from domain.criteria import AllOf, AnyOf, Condition, Expression, Not, Op
from domain.customer import STANDARD
from domain.errors import UnknownField
from storage.population import Population
from storage.query import compile_column, compile_criteria, matching_ids
from storage.snapshots import SnapshotStore
from tests.domain.expressions import expressions
from tests.storage.test_query import COLUMNS, Row, customers, oracle

NAMES = ("Low", "High end", "Loyal 'friends'")
FIELD = "cluster.kept"


def clustering(rules: list[Expression]) -> Clustering:
    return Clustering(
        name="kept",
        discovery_id="dis_0",
        clusters=tuple(
            Cluster(name=name, criteria=rule, text="")
            for name, rule in zip(NAMES, rules, strict=False)
        ),
        counts={},
        customers=0,
        agreement=None,
        kept_by="Ada",
        kept_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def without_percent(tree: Expression) -> Expression:
    match tree:
        case Condition(op=Op.TOP_PERCENT | Op.BOTTOM_PERCENT):
            return Condition(field="lifetime_orders", op=Op.GTE, value=2)
        case AllOf(all=members):
            return AllOf(all=tuple(map(without_percent, members)))
        case AnyOf(any=members):
            return AnyOf(any=tuple(map(without_percent, members)))
        case Not(not_=member):
            return Not(not_=without_percent(member))
    return tree


def placed(rules: list[Expression], rows: list[Row]) -> dict[str, str | None]:
    """Each customer's cluster: the first whose rules the oracle says they meet."""
    met = [set(oracle(rule, rows)) for rule in rules]
    return {
        str(row["customer_id"]): next(
            (n for n, who in zip(NAMES, met, strict=False) if row["customer_id"] in who), None
        )
        for row in rows
    }


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.lists(expressions().map(without_percent), min_size=1, max_size=3), customers())
def test_compiled_clusters_hold_whom_the_oracle_places_there(
    rules: list[Expression], rows: list[Row]
) -> None:
    schema = STANDARD.with_fields([clustering(rules).field])
    theirs = placed(rules, rows)
    asked: list[tuple[Condition, set[str | None]]] = [
        (Condition(field=FIELD, op=Op.EQ, value=NAMES[0]), {NAMES[0]}),
        (Condition(field=FIELD, op=Op.NE, value=NAMES[0]), {*NAMES[1:]}),
        (Condition(field=FIELD, op=Op.IN, value=NAMES[1:]), {*NAMES[1:]}),
        (Condition(field=FIELD, op=Op.NOT_IN, value=NAMES[1:]), {NAMES[0]}),
        (Condition(field=FIELD, op=Op.CONTAINS, value="friend"), {NAMES[2]}),
        (Condition(field=FIELD, op=Op.IS_NULL), {None}),
        (Condition(field=FIELD, op=Op.NOT_NULL), {*NAMES}),
    ]
    with duckdb.connect() as connection:
        connection.register("people", pa.Table.from_pylist(rows, schema=COLUMNS))
        column = compile_column(FIELD, schema)
        query = f"SELECT customer_id, {column.sql} FROM people"
        assert dict(connection.execute(query, list(column.parameters)).fetchall()) == theirs
        for condition, levels in asked:
            found = matching_ids(condition, schema, connection, "people")
            assert found == [who for who, name in theirs.items() if name in levels], condition
            beside = AllOf(all=(Condition(field="lifetime_orders", op=Op.GTE, value=2), condition))
            few = matching_ids(beside, schema, connection, "people")
            enough = set(oracle(beside.all[0], rows))
            assert few == [who for who in found if who in enough]


def test_a_clusters_name_and_values_are_bound_never_spliced() -> None:
    rule = Condition(field="location_city", op=Op.EQ, value="London' OR 1=1 --")
    schema = STANDARD.with_fields([clustering([rule, rule, rule]).field])
    compiled = compile_criteria(Condition(field=FIELD, op=Op.EQ, value=NAMES[2]), schema)
    assert "London" not in compiled.sql
    assert "friends" not in compiled.sql
    column = compile_column(FIELD, schema)
    assert "London" not in column.sql
    assert "friends" not in column.sql
    assert column.parameters[-1] == NAMES[2]


def test_a_population_gives_it_as_a_column_beside_parameters(tmp_path: Path) -> None:
    people = pa.table({"customer_id": ["a", "b", "c"], "lifetime_orders": [0, 3, None]})
    snapshot = SnapshotStore(tmp_path).write("profiles", [(0, people)])
    rule = Condition(field="lifetime_orders", op=Op.GTE, value=2)
    schema = STANDARD.with_fields([clustering([rule]).field])
    few = Condition(field="customer_id", op=Op.IN, value=("b", "c"))
    with Population(schema, [snapshot]) as opened:
        found = opened.select(few, [FIELD, "customer_id"]).to_pylist()
        assert [(row["customer_id"], row[FIELD]) for row in found] == [("b", "Low"), ("c", None)]
        labelled = opened.label(few, {"has": rule}, [FIELD]).to_pylist()
        assert [tuple(row.values()) for row in labelled] == [("Low", "has"), (None, None)]
    city = Condition(field="location_city", op=Op.EQ, value="Rome")
    schema = STANDARD.with_fields([clustering([city]).field])
    with Population(schema, [snapshot]) as opened:
        named = Condition(field=FIELD, op=Op.NOT_NULL)
        assert opened.missing_fields(named) == [FIELD]
        with pytest.raises(UnknownField):
            opened.select(few, [FIELD])
