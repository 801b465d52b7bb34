"""Files of members: the same members in every format, a group at a time, harmless in a sheet."""

from __future__ import annotations

import csv as slow_csv
import io

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.memberforms import FORMS, csv, flat, harmless, ndjson, parquet
from tests.storage.membership import members, numbered

ALL = tuple(FORMS)


def batches(count: int = 25) -> list[pa.Table]:
    table = members(numbered(count))
    return [table.slice(first, 10) for first in range(0, count, 10)]


def test_every_format_holds_the_same_members() -> None:
    expected = flat(pa.concat_tables(batches()), ALL).to_pylist()
    lines = b"".join(ndjson(batches(), ALL)).splitlines()
    told = [orjson.loads(line) for line in lines]
    assert [one["uplift"]["estimate"] for one in told] == [row["uplift"] for row in expected]
    read = list(slow_csv.DictReader(io.StringIO(b"".join(csv(batches(), ALL)).decode())))
    assert [row["customer_id"] for row in read] == [row["customer_id"] for row in expected]
    assert [float(row["uplift"]) for row in read] == [row["uplift"] for row in expected]
    assert [row["reason_3"] for row in read] == [""] * len(expected)
    table = pq.read_table(io.BytesIO(b"".join(parquet(batches(), ALL))))
    assert table.to_pylist() == expected


def test_files_of_some_fields_have_only_their_columns() -> None:
    fields = ("customer_id", "uplift")
    names = ["customer_id", "uplift", "uplift_low", "uplift_high"]
    assert next(iter(csv(batches(), fields))) == b"customer_id,uplift,uplift_low,uplift_high\r\n"
    assert pq.read_table(io.BytesIO(b"".join(parquet(batches(), fields)))).column_names == names


def test_files_of_nobody_still_say_their_columns() -> None:
    assert b"".join(ndjson([], ALL)) == b""
    assert b"".join(csv([], ALL)).count(b"\r\n") == 1
    empty = pq.read_table(io.BytesIO(b"".join(parquet([], ALL))))
    full = pq.read_table(io.BytesIO(b"".join(parquet(batches(), ALL))))
    assert empty.num_rows == 0
    assert empty.schema.equals(full.schema)


def test_a_stream_gives_out_as_it_reads() -> None:
    """What is given out before the last batch is read: a stream never holds the whole."""
    for chunks in (ndjson, csv, parquet):
        read = 0

        def counted() -> object:
            nonlocal read
            for batch in batches(1_000):
                read += 1
                yield batch

        stream = chunks(counted(), ALL)  # type: ignore[arg-type]
        for _ in range(3):
            next(stream)
        assert read <= 3


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_a_spreadsheet_would_run_is_text(start: str) -> None:
    evil = start + 'cmd|" /C calc"!A0'
    table = members(["c1", evil], reason_1=[evil, "-5 (+1.0 points)"])
    (_, body) = csv([table], ("customer_id", "uplift_score", "reasons"))
    rows = list(slow_csv.reader(io.StringIO(body.decode(), newline="")))
    assert rows[1][0] == "'" + evil
    assert rows[0][2] == "'" + evil
    assert rows[1][2] == "'-5 (+1.0 points)"
    assert rows[0][0] == "c1"


def test_numbers_below_zero_stay_numbers() -> None:
    table = members(["c1"], low=[-1.5])
    (_, body) = csv([table], ("uplift",))
    assert body.decode().split(",")[1] == "-1.5"


def test_nothing_is_touched_where_nothing_is_risky() -> None:
    table = flat(members(numbered(5)), ALL)
    assert harmless(table).equals(table)
    assert np.all(harmless(table).column("uplift_low").to_numpy() == -1)
