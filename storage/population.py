"""Customers as one relation: their profiles beside what a model says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from domain.choices import best_among_keys, net_value_fields
from domain.clusters import ClusterField
from domain.criteria import Expression, conditions
from domain.customer import FieldType, Schema
from domain.errors import UnknownField
from domain.lockdown import SETTINGS, lockdown
from storage.query import compile_column, compile_criteria, resolve_percentages
from storage.snapshots import DamagedSnapshot, Snapshot

_RELATION = "people"
_DAMAGE = (duckdb.IOException, duckdb.InvalidInputException)
"""How DuckDB says that a file is not as it was written."""
LABEL = "@label"


class Population:
    """Opens snapshots that share `customer_id` as one relation, in process and read-only.

    The first snapshot says who is there; the others add columns, null where they lack a customer.
    """

    def __init__(
        self,
        schema: Schema,
        snapshots: Sequence[Snapshot],
        *,
        threads: int = 2,
    ) -> None:
        self._connection = duckdb.connect(config={"threads": threads, **SETTINGS})
        for statement in lockdown([path for one in snapshots for path in one.paths()]):
            self._connection.execute(statement)
        try:
            self.columns = self._joined(snapshots)
        except _DAMAGE as error:
            raise _damaged(error) from None
        self._schema = schema

    def _joined(self, snapshots: Sequence[Snapshot]) -> frozenset[str]:
        """Make the relation; its columns."""
        joined = ""
        for place, snapshot in enumerate(snapshots):
            self._connection.execute(
                f"CREATE VIEW part{place} AS SELECT * FROM read_parquet({_list(snapshot)})"
            )
            if place == 0:
                joined = "part0"
            else:
                joined += f" LEFT JOIN part{place} USING (customer_id)"
        self._connection.execute(f"CREATE VIEW {_RELATION} AS SELECT * FROM {joined}")
        described = self._connection.execute(f"DESCRIBE {_RELATION}").fetchall()
        return frozenset(str(row[0]) for row in described)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        if isinstance(error, _DAMAGE):
            raise _damaged(error) from None

    def missing_fields(self, expression: Expression) -> list[str]:
        """Fields of the expression that these customers have no column for, or, of a kept
        discovery's, not all that its rules name."""
        needed: set[str] = set()
        for condition in conditions(expression):
            among = best_among_keys(condition.field)
            needed |= {condition.field} if among is None else set(net_value_fields(among))
        return sorted(name for name in needed if not self._has(name))

    def resolve(self, expression: Expression) -> Expression:
        """The expression with percent borders as numbers among these customers."""
        self._require_columns(expression)
        return resolve_percentages(expression, self._schema, self._connection, _RELATION)

    def count(self, expression: Expression) -> int:
        """How many meet a resolved expression."""
        where, parameters = self._where(expression)
        query = f"SELECT count(*) FROM {_RELATION} WHERE {where}"
        rows = self._connection.execute(query, parameters).fetchall()
        return int(rows[0][0])

    def count_each(self, expressions: Sequence[Expression]) -> tuple[int, ...]:
        """How many meet each of the resolved expressions, in one look at the customers."""
        if not expressions:
            return ()
        compiled = [self._where(expression) for expression in expressions]
        counts = ", ".join(f"count(*) FILTER (WHERE {where})" for where, _ in compiled)
        bound = [value for _, values in compiled for value in values]
        rows = self._connection.execute(f"SELECT {counts} FROM {_RELATION}", bound).fetchall()
        return tuple(map(int, rows[0]))

    def select(self, expression: Expression, columns: Sequence[str]) -> pa.Table:
        """Columns of those who meet a resolved expression, sorted by customer id."""
        where, parameters = self._where(expression)
        listed, bound = self._listed(columns)
        query = f"SELECT {listed} FROM {_RELATION} WHERE {where} ORDER BY customer_id"
        return self._connection.sql(query, params=[*bound, *parameters]).to_arrow_table()

    def label(
        self, expression: Expression, labels: Mapping[str, Expression], columns: Sequence[str]
    ) -> pa.Table:
        """As `select`, with a column `@label`: the first label whose expression a customer meets,
        null where none."""
        where, parameters = self._where(expression)
        cases, values = [], []
        for name, labelled in labels.items():
            condition, bound = self._where(labelled)
            cases.append(f"WHEN {condition} THEN ?")
            values += [*bound, name]
        listed, asked = self._listed(columns)
        query = (
            f'SELECT {listed}, CASE {" ".join(cases)} ELSE NULL END AS "{LABEL}" '
            f"FROM {_RELATION} WHERE {where} ORDER BY customer_id"
        )
        return self._connection.sql(query, params=[*asked, *values, *parameters]).to_arrow_table()

    def levels(self, column: str, limit: int) -> tuple[str, ...]:
        """The distinct values of a text column or of a list's elements, the commonest first."""
        field = self._schema.require(column)
        value = f'"{column}"'
        source = f"unnest({value})" if field.type is FieldType.STRINGS else value
        rows = self._connection.execute(
            f"SELECT x FROM (SELECT {source} AS x FROM {_RELATION}) WHERE x IS NOT NULL "
            "GROUP BY x ORDER BY count(*) DESC, x LIMIT ?",
            [limit],
        ).fetchall()
        return tuple(str(row[0]) for row in rows)

    def _where(self, expression: Expression) -> tuple[str, list[object]]:
        self._require_columns(expression)
        compiled = compile_criteria(expression, self._schema)
        return compiled.sql, list(compiled.parameters)

    def _has(self, name: str) -> bool:
        field = self._schema.get(name)
        if isinstance(field, ClusterField):
            return field.needs <= self.columns
        return name in self.columns

    def _listed(self, columns: Sequence[str]) -> tuple[str, list[object]]:
        """SQL of the columns, and its parameters."""
        listed: list[str] = []
        bound: list[object] = []
        for name in columns:
            if not self._has(name):
                raise UnknownField(f"These customers have no column {name!r}.", field=name)
            column = f'"{name}"'
            if name not in self.columns:
                compiled = compile_column(name, self._schema)
                bound += compiled.parameters
                column = f"{compiled.sql} AS {column}"
            listed.append(column)
        return ", ".join(listed), bound

    def _require_columns(self, expression: Expression) -> None:
        missing = self.missing_fields(expression)
        if missing:
            raise UnknownField(
                f"This workspace has no data for {missing[0]}.",
                remedy="Leave the condition out, or import data that has it.",
                field=missing[0],
            )


def _damaged(error: BaseException) -> DamagedSnapshot:
    return DamagedSnapshot(
        f"A snapshot can't be read: {str(error).splitlines()[0]}",
        remedy="See `aether doctor`; restore a backup, or import and train again.",
    )


def _list(snapshot: Snapshot) -> str:
    # Paths are our own, made from the workspace's folder; a quote in its name is doubled.
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in snapshot.paths())
    return f"[{quoted}]"
