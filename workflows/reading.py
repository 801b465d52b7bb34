"""A file's columns as typed columns: inferred, or settled by the mapping, never guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from domain.customer import FieldType
from domain.errors import BadData

NULLS = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"]

_INT = r"^\s*[+-]?\d{1,18}\s*$"
_FLOAT = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$"
_LEADING_ZERO = r"^\s*0\d+\s*$"
_DATE = r"^\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?\s*$"
_TRUE, _FALSE = ["true", "yes", "1"], ["false", "no", "0"]
_MIXED_SHARE = 0.5

ARROW_TYPES: dict[FieldType, pa.DataType] = {
    FieldType.STRING: pa.string(),
    FieldType.INT: pa.int64(),
    FieldType.FLOAT: pa.float64(),
    FieldType.BOOL: pa.bool_(),
    FieldType.TIMESTAMP: pa.timestamp("us", "UTC"),
    FieldType.STRINGS: pa.list_(pa.string()),
}


def read_table(path: Path) -> pa.Table:
    """A CSV file with every column as text, or a Parquet file as it is."""
    if not path.is_file():
        raise BadData(f"There is no file {path}.", remedy="Check the path.")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = _with_plain_types(pq.read_table(path))
        else:
            table = _read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadData(
            f"{path} can't be read: {str(error).splitlines()[0]}",
            remedy="It must be CSV in UTF-8 with a header line, or Parquet.",
        ) from None
    doubled = {name for name in table.column_names if table.column_names.count(name) > 1}
    if doubled:
        raise BadData(f"{path} has two columns named {sorted(doubled)[0]!r}.")
    if table.num_rows == 0:
        raise BadData(f"{path} has no rows.")
    return table


def infer(name: str, column: pa.ChunkedArray) -> FieldType:
    """The type of a column. A text column in which most but not all values are numbers is an error
    that names the first odd row: guessing either way would spoil the field."""
    if not _is_text(column.type):
        return _of_arrow(name, column.type)
    known = column.drop_null()
    if len(known) == 0:
        return FieldType.STRING
    if _all(known, _INT):
        if _share(known, _LEADING_ZERO) > 0:
            return FieldType.STRING
        return FieldType.INT
    if _all(known, _FLOAT):
        return FieldType.FLOAT
    if pc.all(pc.is_in(pc.utf8_lower(known), pa.array(["true", "false"]))).as_py():
        return FieldType.BOOL
    if _all(known, _DATE):
        return FieldType.TIMESTAMP
    numbers = _share(known, _FLOAT)
    if numbers >= _MIXED_SHARE:
        row, value = _first_not(column, _FLOAT)
        raise BadData(
            f"Column {name!r} mixes numbers and text: row {row + 1} holds {value!r}.",
            remedy=f'Mend the file, or state [fields.{name}] type = "string" in the mapping.',
            field=name,
        )
    return FieldType.STRING


def convert(name: str, column: pa.ChunkedArray, kind: FieldType) -> pa.ChunkedArray:
    """The column as a type; an error names the first row that does not fit."""
    if column.type == ARROW_TYPES.get(kind):
        return _finite(name, column) if kind is FieldType.FLOAT else column
    text = column if _is_text(column.type) else None
    match kind:
        case FieldType.STRING:
            return _cast(name, column, pa.string())
        case FieldType.BOOL:
            return _to_bool(name, column)
        case FieldType.INT if text is not None:
            _require(name, text, _INT, "a whole number")
            return pc.cast(pc.utf8_trim_whitespace(text), pa.int64())
        case FieldType.FLOAT if text is not None:
            _require(name, text, _FLOAT, "a number")
            return _finite(name, pc.cast(pc.utf8_trim_whitespace(text), pa.float64()))
        case FieldType.TIMESTAMP if text is not None:
            _require(name, text, _DATE, "a date such as 2026-01-31")
            return _to_time(name, text)
        case FieldType.FLOAT:
            return _finite(name, _cast(name, column, pa.float64()))
        case FieldType.NESTED:
            raise BadData(f"Column {name!r} can't be a nested field.", field=name)
        case _:
            return _cast(name, column, ARROW_TYPES[kind])


def _read_csv(path: Path) -> pa.Table:
    with path.open(encoding="utf-8-sig") as stream:
        header = stream.readline()
    if not header.strip():
        raise BadData(f"{path} is empty.", remedy="It needs a header line and rows.")
    delimiter = max(",;\t|", key=header.count)
    parse = pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    # With threads the reader could not say in which row a fault is.
    serial = pacsv.ReadOptions(use_threads=False)
    names = pacsv.open_csv(path, read_options=serial, parse_options=parse).schema.names
    convert_options = pacsv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=NULLS,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    return pacsv.read_csv(
        path, read_options=serial, parse_options=parse, convert_options=convert_options
    )


def _with_plain_types(table: pa.Table) -> pa.Table:
    """The table with categories decoded and one kind of text and of list, whoever wrote it."""
    return table.cast(pa.schema([(field.name, _plain(field.type)) for field in table.schema]))


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    return kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind))


def _of_arrow(name: str, kind: pa.DataType) -> FieldType:
    if pa.types.is_boolean(kind):
        return FieldType.BOOL
    if pa.types.is_integer(kind):
        return FieldType.INT
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return FieldType.FLOAT
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return FieldType.TIMESTAMP
    if pa.types.is_list(kind) and _is_text(kind.value_type):
        return FieldType.STRINGS
    if pa.types.is_null(kind):
        return FieldType.STRING
    raise BadData(
        f"Column {name!r} is of type {kind}, which no customer field has.",
        remedy="List it under [ignore] columns in the mapping.",
        field=name,
    )


def _all(known: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(known, pattern)).as_py())


def _share(known: pa.ChunkedArray, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(known, pattern).cast(pa.float64())).as_py())


def _first_not(column: pa.ChunkedArray, pattern: str) -> tuple[int, object]:
    odd = pc.fill_null(pc.invert(pc.match_substring_regex(column, pattern)), False)
    row = pc.index(odd, True).as_py()
    return row, column[row].as_py()


def _require(name: str, column: pa.ChunkedArray, pattern: str, wanted: str) -> None:
    known = column.drop_null()
    if len(known) and not _all(known, pattern):
        row, value = _first_not(column, pattern)
        raise BadData(
            f"Column {name!r} holds {value!r} in row {row + 1}, which is not {wanted}.",
            remedy="Mend the row, or map the column as another type.",
            field=name,
        )


def _to_bool(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_floating(column.type):
        column = _cast(name, column, pa.int64())
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(_cast(name, column, pa.string())))
    true = pc.is_in(lower, pa.array(_TRUE))
    odd = pc.fill_null(pc.invert(pc.or_(true, pc.is_in(lower, pa.array([*_FALSE, None])))), False)
    row = pc.index(odd, True).as_py()
    if row >= 0:
        raise BadData(
            f"Column {name!r} holds {column[row].as_py()!r} in row {row + 1}, which is neither "
            "true nor false.",
            field=name,
        )
    return pc.if_else(pc.is_valid(lower), true, pa.scalar(None, pa.bool_()))


def _to_time(name: str, text: pa.ChunkedArray) -> pa.ChunkedArray:
    import pandas as pd

    moments = pd.to_datetime(
        text.to_pandas().str.strip(), utc=True, errors="coerce", format="ISO8601"
    )
    converted = pa.chunked_array([pa.array(moments, type=pa.timestamp("us", "UTC"))])
    lost = pc.and_(pc.is_valid(text), pc.is_null(converted))
    row = pc.index(lost, True).as_py()
    if row >= 0:
        raise BadData(
            f"Column {name!r} holds {text[row].as_py()!r} in row {row + 1}, which is no date.",
            field=name,
        )
    return converted


def _cast(name: str, column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        # Nanoseconds are more than anyone needs; they are cut off, which is no loss to report.
        safe = not (pa.types.is_timestamp(column.type) and column.type.unit == "ns")
        if pa.types.is_timestamp(kind) and getattr(column.type, "tz", None) is None:
            return column.cast(pa.timestamp("us"), safe=safe).cast(kind)
        return column.cast(kind, safe=safe)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadData(
            f"Column {name!r} can't be read as {kind}: {str(error).splitlines()[0]}", field=name
        ) from None


def _finite(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """NaN is a missing value; infinity is an error, since no customer has it."""
    infinite = pc.fill_null(pc.is_inf(column), False)
    row = pc.index(infinite, True).as_py()
    if row >= 0:
        raise BadData(f"Column {name!r} is infinite in row {row + 1}.", field=name)
    return pc.if_else(pc.fill_null(pc.is_nan(column), False), pa.scalar(None, pa.float64()), column)


def field_name(column: str) -> str:
    """A column's name as a field's: letters, digits and underscores, at most 100."""
    plain = re.sub(r"\W+", "_", column.strip(), flags=re.ASCII).strip("_")
    named = plain if plain and not plain[0].isdigit() else f"field_{plain}"
    return named[:100]
