"""Which rows of a table in memory meet criteria, by the same compiler as everything else."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.criteria import Expression
from domain.customer import Schema
from domain.lockdown import SETTINGS, lockdown
from storage.query import compile_column, compile_criteria, resolve_percentages

_RELATION = "rows"


class TableMatcher:
    """Opens a table (n rows) for criteria on its columns."""

    def __init__(self, table: pa.Table, schema: Schema, threads: int = 2) -> None:
        self._connection = duckdb.connect(config={"threads": threads, **SETTINGS})
        for statement in lockdown():
            self._connection.execute(statement)
        place = pa.array(np.arange(table.num_rows, dtype=np.int64))
        self._connection.register(_RELATION, table.append_column("@row", place))
        self._rows, self._schema = table.num_rows, schema

    def resolve(self, expression: Expression) -> Expression:
        """The expression with percent borders as numbers among these rows."""
        return resolve_percentages(expression, self._schema, self._connection, _RELATION)

    def meets(self, expressions: Sequence[Expression]) -> NDArray[np.bool_]:
        """(n, k) which rows meet each of k expressions without percent operators."""
        met = np.zeros((self._rows, len(expressions)), dtype=bool)
        for column, expression in enumerate(expressions):
            compiled = compile_criteria(expression, self._schema)
            found = self._connection.execute(
                f'SELECT "@row" FROM {_RELATION} WHERE {compiled.sql}', list(compiled.parameters)
            ).fetchnumpy()["@row"]
            met[np.asarray(found, dtype=np.int64), column] = True
        return met

    def values(self, name: str) -> pa.ChunkedArray:
        """A field's values (n,), be it computed from columns."""
        column = compile_column(name, self._schema)
        query = f'SELECT {column.sql} AS found FROM {_RELATION} ORDER BY "@row"'
        found = self._connection.sql(query, params=list(column.parameters)).to_arrow_table()
        return found.column("found")

    def close(self) -> None:
        self._connection.close()
