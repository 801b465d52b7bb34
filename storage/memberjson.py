"""Members as JSON texts, a column at a time: a page is then a slice of what is written already."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

_LEVEL = 0.95
_REASONS = ("reason_1", "reason_2", "reason_3")
_SPECIAL = r'["\\\x00-\x1f]'
"""What can't stand in a JSON string as it is (RFC 8259, 7)."""


def as_json(rows: pa.Table, fields: Sequence[str]) -> pa.StringArray:
    """Each row as a JSON object (n texts) of one field or more. What we wrote was checked when it was written, so it is
    not checked again on every pull."""
    parts: list[pa.Array | str] = []
    for number, field in enumerate(fields):
        parts += ["," if number else "{", f'"{field}":', *_field(rows, field)]
    return _together(rows.num_rows, *parts, "}")


def joined(texts: pa.StringArray, separator: str) -> bytes:
    """The texts as one."""
    if not len(texts):
        return b""
    one = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return bytes(pc.binary_join(one, separator)[0].as_buffer())


def _field(rows: pa.Table, field: str) -> list[pa.Array | str]:
    if field == "uplift":
        low, high = _number(rows, "low"), _number(rows, "high")
        level = f',"level":{_LEVEL},"basis":'
        estimate = _number(rows, "estimate")
        start = '{"estimate":'
        return [start, estimate, ',"low":', low, ',"high":', high, level, _text(rows, "basis"), "}"]
    if field == "reasons":
        # One with a comma before it, or nothing where there is none; the first comma goes.
        texts = [pc.binary_join_element_wise(",", _quoted(rows, name), "") for name in _REASONS]
        listed = pc.binary_join_element_wise(*(text.fill_null("") for text in texts), "")
        return ["[", pc.utf8_ltrim(listed, ","), "]"]
    if pa.types.is_floating(rows.schema.field(field).type):
        return [_number(rows, field)]
    return [_text(rows, field)]


def _number(rows: pa.Table, name: str) -> pa.Array:
    column = _column(rows, name)
    return pc.if_else(pc.is_finite(column), column.cast(pa.string()), "null").fill_null("null")


def _text(rows: pa.Table, name: str) -> pa.Array:
    return _quoted(rows, name).fill_null("null")


def _quoted(rows: pa.Table, name: str) -> pa.Array:
    """A column of texts as JSON strings; missing ones stay missing."""
    column = _column(rows, name)
    if pa.types.is_dictionary(column.type):
        return _escaped(column.dictionary).take(column.indices)
    return _escaped(column)


def _escaped(texts: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(texts, _SPECIAL)).as_py():
        return pa.array(
            [None if text is None else orjson.dumps(text).decode() for text in texts.to_pylist()],
            pa.string(),
        )
    return pc.binary_join_element_wise('"', texts, '"', "")


def _column(rows: pa.Table, name: str) -> pa.Array:
    column = rows.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _together(count: int, *parts: pa.Array | str) -> pa.StringArray:
    """Texts put together row by row. A text that is the same for every row may stand alone, but
    rows are counted by columns."""
    if not count:
        return pa.array([], pa.string())
    return pc.binary_join_element_wise(*parts, "")
