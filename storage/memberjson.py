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
        run, starts = _one_run(as_json(rows, fields, ","))
        return cls(run[:-1], starts)

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


def as_json(rows: pa.Table, fields: Sequence[str], end: str = "") -> pa.StringArray:
    """Each row as a JSON object (n texts) of one field or more, with `end` after it. What we wrote
    was checked when it was written, so it is not checked again on every pull."""
    parts: list[pa.Array | str] = []
    for number, field in enumerate(fields):
        parts += ["," if number else "{", f'"{field}":', *_field(rows, field)]
    return _together(rows.num_rows, [*parts, "}" + end])


def lines(rows: pa.Table, fields: Sequence[str]) -> bytes:
    """Each row as a line of JSON."""
    return _one_run(as_json(rows, fields, "\n"))[0]


def _one_run(texts: pa.StringArray) -> tuple[bytes, NDArray[np.int64]]:
    """The texts (n) one after the other, and where each starts and the last one ends (n + 1,)."""
    if not len(texts):
        return b"", np.zeros(1, dtype=np.int64)
    _, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(memoryview(content)[ends[0] : ends[-1]]), ends.astype(np.int64) - ends[0]


def _field(rows: pa.Table, field: str) -> list[pa.Array | str]:
    if field == "uplift":
        low, high = _number(rows, "low"), _number(rows, "high")
        level = f',"level":{_LEVEL},"basis":'
        estimate = _number(rows, "estimate")
        start = '{"estimate":'
        return [start, estimate, ',"low":', low, ',"high":', high, level, _text(rows, "basis"), "}"]
    if field == "reasons":
        # One with a comma before it, or nothing where there is none; the first comma goes.
        texts = [_quoted(rows, name, ',"').fill_null("") for name in _REASONS]
        return ["[", pc.ascii_ltrim(_together(rows.num_rows, texts), ","), "]"]
    if pa.types.is_floating(rows.schema.field(field).type):
        return [_number(rows, field)]
    return [_text(rows, field)]


def _number(rows: pa.Table, name: str) -> pa.Array:
    column = _column(rows, name)
    texts = column.cast(pa.string())
    if column.null_count == 0 and np.isfinite(column.to_numpy()).all():
        return texts
    return pc.if_else(pc.is_finite(column), texts, "null").fill_null("null")


def _text(rows: pa.Table, name: str) -> pa.Array:
    return _quoted(rows, name).fill_null("null")


def _quoted(rows: pa.Table, name: str, start: str = '"') -> pa.Array:
    """A column of texts as JSON strings, which begin with `start`; missing ones stay missing."""
    column = _column(rows, name)
    if pa.types.is_dictionary(column.type):
        return _escaped(column.dictionary, start).take(column.indices)
    return _escaped(column, start)


def _escaped(texts: pa.Array, start: str) -> pa.Array:
    if _has_special(texts):
        plain = [
            None if text is None else orjson.dumps(text).decode() for text in texts.to_pylist()
        ]
        return pa.array([None if text is None else start + text[1:] for text in plain], pa.string())
    return pc.binary_join_element_wise(start, texts, '"', "")


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


def _together(count: int, parts: Sequence[pa.Array | str]) -> pa.StringArray:
    """Texts put together row by row (n = count), where a text alone is the same for every row."""
    if not count:
        return pa.array([], pa.string())
    merged: list[pa.Array | str] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return pc.binary_join_element_wise(*merged, "")
