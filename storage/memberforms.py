"""Members as platforms read them: JSON, lines of JSON, CSV and Parquet, whole or some fields."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from storage.memberjson import lines

_REASONS = ("reason_1", "reason_2", "reason_3")
_FORMULA = r"^[=+\-@\t\r\n]"
"""How a cell begins that a spreadsheet would run as a formula (OWASP, CSV injection)."""

_ODD = np.frombuffer(b"=+-@\t\r\n", np.uint8)

FORMS: Mapping[str, Mapping[str, str]] = {
    "customer_id": {"customer_id": "customer_id"},
    "recommended_trigger": {"recommended_trigger": "recommended_trigger"},
    "uplift": {"estimate": "uplift", "low": "uplift_low", "high": "uplift_high"},
    "uplift_score": {"uplift_score": "uplift_score"},
    "expected_net_value": {"expected_net_value": "expected_net_value"},
    "runner_up_trigger": {"runner_up_trigger": "runner_up_trigger"},
    "reasons": {name: name for name in _REASONS},
    "assignment_id": {"assignment_id": "assignment_id"},
}
"""A member's fields, and the columns of members (and their names in flat files) that each is of."""


def change(kind: bytes, member: bytes) -> bytes:
    """What a platform that mirrors a segment reads of a customer who entered or changed."""
    return b'{"change":"' + kind + b'","customer":' + member + b"}"


def removal(customer_id: str) -> bytes:
    """The tombstone of a customer who is given out no more."""
    return orjson.dumps({"change": "removed", "customer": {"customer_id": customer_id}})


def flat(rows: pa.Table, fields: Sequence[str]) -> pa.Table:
    """The fields as plain columns under their names in files."""
    columns = {new: old for field in fields for old, new in FORMS[field].items()}
    made = {}
    for new, old in columns.items():
        column = rows.column(old)
        text = pa.types.is_dictionary(column.type)
        made[new] = column.cast(pa.string()) if text else column
    return pa.table(made)


def harmless(rows: pa.Table) -> pa.Table:
    """Texts that a spreadsheet would take for a formula get an apostrophe put before them."""
    for place, field in enumerate(rows.schema):
        if not pa.types.is_string(field.type):
            continue
        column = rows.column(place)
        if not any(map(_begins_oddly, column.chunks)):
            continue
        risky = pc.fill_null(pc.match_substring_regex(column, _FORMULA), False)
        if pc.any(risky).as_py():
            marked = pc.binary_join_element_wise("'", column, "")
            rows = rows.set_column(place, field, pc.if_else(risky, marked, column))
    return rows


def _begins_oddly(texts: pa.StringArray) -> bool:
    """Whether any text, or what lies where an empty one would begin, is of `_FORMULA`: a look at
    first bytes alone takes a tenth of the expression's time."""
    _, offsets, content = texts.buffers()
    if content is None or not content.size:
        return False
    first = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts)]
    return bool(
        np.isin(np.frombuffer(content, np.uint8)[first.clip(max=content.size - 1)], _ODD).any()
    )


Chunks = Callable[[Iterable[pa.Table], Sequence[str]], Iterator[bytes]]


def ndjson(batches: Iterable[pa.Table], fields: Sequence[str]) -> Iterator[bytes]:
    for rows in batches:
        yield lines(rows, fields)


def csv(batches: Iterable[pa.Table], fields: Sequence[str]) -> Iterator[bytes]:
    """A header, then a line a member; texts are harmless in a spreadsheet."""
    names = [new for field in fields for new in FORMS[field].values()]
    yield (",".join(names) + "\r\n").encode()
    options = pacsv.WriteOptions(include_header=False, eol="\r\n", quoting_style="needed")
    for rows in batches:
        stream = io.BytesIO()
        pacsv.write_csv(harmless(flat(rows, fields)), stream, options)
        yield stream.getvalue()


def parquet(batches: Iterable[pa.Table], fields: Sequence[str]) -> Iterator[bytes]:
    """One Parquet file, a row group a batch, given out as it grows."""
    sink = _Sink()
    writer: pq.ParquetWriter | None = None
    for rows in batches:
        table = flat(rows, fields)
        if writer is None:
            writer = pq.ParquetWriter(sink, table.schema, compression="zstd")
        writer.write_table(table)
        yield sink.drain()
    if writer is None:
        writer = pq.ParquetWriter(sink, _nobody(fields), compression="zstd")
    writer.close()
    yield sink.drain()


def _nobody(fields: Sequence[str]) -> pa.Schema:
    numbers = {"uplift", "uplift_low", "uplift_high", "uplift_score", "expected_net_value"}
    names = [new for field in fields for new in FORMS[field].values()]
    return pa.schema([(n, pa.float64() if n in numbers else pa.string()) for n in names])


class _Sink(io.RawIOBase):
    """A file that only grows, and whose new bytes can be taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._new: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        content = bytes(data)
        self._new.append(content)
        self._written += len(content)
        return len(content)

    def tell(self) -> int:
        return self._written

    def drain(self) -> bytes:
        taken, self._new = b"".join(self._new), []
        return taken


STREAMS: Mapping[str, tuple[str, Chunks]] = {
    "ndjson": ("application/x-ndjson", ndjson),
    "csv": ("text/csv; charset=utf-8", csv),
    "parquet": ("application/vnd.apache.parquet", parquet),
}
"""The formats of whole segments, with their media types."""
