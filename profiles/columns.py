"""A file's columns as typed standard columns: every cell checked, none guessed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from domain.errors import BadData
from profiles.connection import in_memory
from profiles.contract import PROBABILITIES, TIME
from profiles.mapping import ReadPart

ROW = "__row"
"""The position of the row in the file, from 0; named so that no file's column is called so."""

_NULLS = "('na', 'n/a', 'nan', 'null', 'none')"
_WANTED = {
    pa.int64(): "a whole number",
    pa.float64(): "a number",
    pa.bool_(): "true or false",
    TIME: "a date or time",
    PROBABILITIES: "a JSON object of numbers",
}


@dataclass(frozen=True)
class Column:
    """A standard column to be: from the file's `source`, or the same `constant` in every row;
    `values` translates its values and leaves those it does not name (to `""` means null)."""

    type: pa.DataType
    source: str | None = None
    constant: str | int | float | bool | None = None
    values: Mapping[str, str] | None = None


def typed_columns(raw: pa.Table, columns: Mapping[str, Column], read: ReadPart) -> pa.Table:
    """The columns by name in their types, and `ROW`; an empty cell is null.

    Raises `BadData` naming the column, row and value of the first cell that does not fit its type,
    or the column that the file lacks.
    """
    for name, column in columns.items():
        if column.source is not None and column.source not in raw.schema.names:
            raise BadData(
                f"The file has no column {column.source!r} (for {name}).",
                remedy=f"It has {', '.join(map(repr, raw.schema.names))}.",
                field=column.source,
            )
    try:
        opened = in_memory(threads=2, timezone=read.timezone)
    except duckdb.Error:
        raise BadData(
            f"There is no time zone {read.timezone!r}.",
            remedy="Name one like Europe/Berlin.",
            field="read.timezone",
        ) from None
    with opened as connection:
        raw = raw.append_column(ROW, pa.array(np.arange(raw.num_rows)))
        connection.register("file", raw)
        cells = {name: _cell(column, raw) for name, column in columns.items()}
        select = [
            f'{_typed(column.type, cells[name], _kind(column, raw), read)} AS "{name}"'
            for name, column in columns.items()
        ]
        select += [f'{cells[name]} IS NOT NULL AS "? {name}"' for name in columns]
        connection.execute(
            f"CREATE TEMP TABLE typed AS SELECT {ROW}, {', '.join(select)} FROM file"
        )
        for name, column in columns.items():
            _check(connection, name, column, raw)
        names = ", ".join([ROW, *(f'"{name}"' for name in columns)])
        typed = connection.sql(f"SELECT {names} FROM typed ORDER BY {ROW}").to_arrow_table()
    return typed.cast(
        pa.schema({ROW: pa.int64(), **{name: column.type for name, column in columns.items()}})
    )


def _cell(column: Column, raw: pa.Table) -> str:
    """SQL for the cell before it has a type: null where it is empty."""
    if column.source is None:
        return _text(str(column.constant))
    cell = '"' + column.source.replace('"', '""') + '"'
    kind = raw.schema.field(column.source).type
    if pa.types.is_floating(kind):
        # An id column with a gap has been read as floats: 13085.0 is the customer 13085.
        cell = f"CASE WHEN isnan({cell}) THEN NULL ELSE {cell} END"
        if column.type == pa.string():
            cell = f"regexp_replace(({cell})::DECIMAL(38, 6)::VARCHAR, '\\.?0+$', '')"
    if _is_text(kind):
        cell = f"nullif(trim({cell}), '')"
        if column.type != pa.string():
            cell = f"CASE WHEN lower({cell}) IN {_NULLS} THEN NULL ELSE {cell} END"
    if column.values:
        cases = " ".join(f"WHEN {_text(a)} THEN {_text(b)}" for a, b in column.values.items())
        cell = f"nullif(CASE ({cell})::VARCHAR {cases} ELSE ({cell})::VARCHAR END, '')"
    return f"({cell})"


def _typed(wanted: pa.DataType, cell: str, kind: pa.DataType, read: ReadPart) -> str:
    """SQL for the cell in its type; null where it does not fit."""
    if wanted == pa.string():
        return f"{cell}::VARCHAR"
    if wanted == pa.float64():
        return _finite(cell)
    if wanted == pa.int64():
        number = _finite(cell)
        return f"CASE WHEN {number} = trunc({number}) THEN {number}::BIGINT END"
    if wanted == pa.bool_():
        return (
            f"CASE WHEN lower({cell}::VARCHAR) IN ('true', 'yes', '1', 't', 'y') THEN true "
            f"WHEN lower({cell}::VARCHAR) IN ('false', 'no', '0', 'f', 'n') THEN false END"
        )
    if wanted == TIME:
        if read.date_format is None or pa.types.is_temporal(kind):
            return f"try_cast({cell} AS TIMESTAMPTZ)"
        return f"try_strptime({cell}::VARCHAR, {_text(read.date_format)})::TIMESTAMPTZ"
    if wanted == pa.list_(pa.string()):
        if pa.types.is_nested(kind):
            return f"try_cast({cell} AS VARCHAR[])"
        words = f"string_split({cell}::VARCHAR, {_text(read.list_separator)})"
        return f"list_transform({words}, lambda word: trim(word))"
    if pa.types.is_nested(kind):
        return f"try_cast({cell} AS MAP(VARCHAR, DOUBLE))"
    return f"try_cast(try_cast({cell} AS JSON) AS MAP(VARCHAR, DOUBLE))"


def _kind(column: Column, raw: pa.Table) -> pa.DataType:
    return pa.string() if column.source is None else raw.schema.field(column.source).type


def _finite(cell: str) -> str:
    number = f"try_cast({cell} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _check(connection: duckdb.DuckDBPyConnection, name: str, column: Column, raw: pa.Table) -> None:
    """Every cell that held something has become something."""
    row = connection.execute(
        f'SELECT min({ROW}) FROM typed WHERE "? {name}" AND "{name}" IS NULL'
    ).fetchall()[0][0]
    if row is None:
        return
    value = column.constant if column.source is None else raw.column(column.source)[row].as_py()
    wanted, where = _WANTED.get(column.type, "text"), column.source or name
    raise BadData(
        f"Column {where!r} holds {value!r} in row {row + 1}, which is not {wanted}.",
        remedy="Mend the row"
        + (", or state [read] date_format in the mapping." if column.type == TIME else "."),
        field=where,
    )


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text(value: str) -> str:
    """A SQL literal."""
    return "'" + value.replace("'", "''") + "'"
