"""Members as JSON texts, a column at a time: a page is then a slice of what is written already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_LEVEL = 0.95
_REASONS = ("reason_1", "reason_2", "reason_3")


@dataclass(frozen=True)
class Texts:
    """JSON texts (n) in one run of bytes with commas between. Text i is
    `run[starts[i]:starts[i + 1] - 1]`; `starts` is (n + 1,)."""

    run: bytes
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Self:
        lengths = [len(text) + 1 for text in texts]
        return cls(b",".join(texts), np.cumsum([0, *lengths]))

    @classmethod
    def members(cls, rows: pa.Table, fields: Sequence[str]) -> Self:
        """Each row as a JSON object of one field or more."""
        texts = as_json(rows, fields)
        lengths = np.asarray(pc.binary_length(texts))
        starts = np.concatenate([[0], np.cumsum(lengths + 1, dtype=np.int64)])
        return cls(joined(texts, ","), starts)

    @classmethod
    def together(cls, parts: Sequence[Texts]) -> Self:
        """The texts of each part, one part after the other."""
        filled = [part for part in parts if len(part)]
        ends = np.cumsum([0, *(part.starts[-1] for part in filled)])
        starts = [part.starts[:-1] + end for part, end in zip(filled, ends, strict=False)]
        return cls(b",".join(part.run for part in filled), np.concatenate([*starts, ends[-1:]]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> bytes:
        return self.run[self.starts[number] : self.starts[number + 1] - 1]

    def part(self, start: int, stop: int) -> Texts:
        """The texts from `start` up to `stop`."""
        first, last = int(self.starts[start]), int(self.starts[stop])
        return Texts(self.run[first : max(first, last - 1)], self.starts[start : stop + 1] - first)

    def without(self, numbers: Iterable[int]) -> Texts:
        """Without those of some numbers, given in ascending order."""
        parts, start = [], 0
        for number in numbers:
            parts.append(self.part(start, number))
            start = number + 1
        return Texts.together([*parts, self.part(start, len(self))])


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
        return ["[", pc.ascii_ltrim(listed, ","), "]"]
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
    if _has_special(texts):
        return pa.array(
            [None if text is None else orjson.dumps(text).decode() for text in texts.to_pylist()],
            pa.string(),
        )
    return pc.binary_join_element_wise('"', texts, '"', "")


def _has_special(texts: pa.StringArray) -> bool:
    """Whether there is anything that can't stand in a JSON string as it is (RFC 8259, 7). Looked
    for in all texts at once, and beside them where the array is a slice."""
    content = texts.buffers()[2]
    if content is None:
        return False
    units = np.frombuffer(content, dtype=np.uint8)
    return bool(((units < 0x20) | (units == ord('"')) | (units == ord("\\"))).any())


def _column(rows: pa.Table, name: str) -> pa.Array:
    column = rows.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _together(count: int, *parts: pa.Array | str) -> pa.StringArray:
    """Texts put together row by row. A text that is the same for every row may stand alone, but
    rows are counted by columns."""
    if not count:
        return pa.array([], pa.string())
    return pc.binary_join_element_wise(*parts, "")
