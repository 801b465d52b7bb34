"""Members written as JSON a column at a time are those written one at a time."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from storage.memberforms import FORMS
from storage.memberjson import Texts, as_json, lines
from tests.storage.membership import members

ALL = tuple(FORMS)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.floats()
REASONS = ("reason_1", "reason_2", "reason_3")


def slow(row: dict[str, Any], fields: tuple[str, ...]) -> bytes:
    """One member, as `domain.segment.Member` has it; `orjson` writes what is no number as null."""
    uplift = {name: row[name] for name in ("estimate", "low", "high")}
    made = row | {
        "uplift": {**uplift, "level": 0.95, "basis": row["basis"]},
        "reasons": [row[name] for name in REASONS if row[name] is not None],
    }
    return orjson.dumps({field: made[field] for field in fields})


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    count = draw(st.integers(0, 6))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    texts = ("runner_up_trigger", "assignment_id", "recommended_trigger", *REASONS)
    numbers = ("estimate", "low", "high", "uplift_score", "expected_net_value")
    changed = {name: column(st.none() | WORDS) for name in texts}
    changed |= {name: column(NUMBERS) for name in numbers}
    return members(column(WORDS), basis=column(WORDS), **changed)


@given(tables(), st.lists(st.sampled_from(ALL), min_size=1, unique=True), st.integers(0, 3))
def test_a_column_at_a_time_is_one_at_a_time(
    table: pa.Table, fields: list[str], first: int
) -> None:
    for rows in (table.slice(first), pa.concat_tables([table, table])):
        wanted = tuple(fields)
        told = [orjson.loads(text) for text in as_json(rows, wanted).to_pylist()]
        assert told == [orjson.loads(slow(row, wanted)) for row in rows.to_pylist()]


def test_what_is_no_number_is_null() -> None:
    odd = [math.nan, math.inf, -math.inf, -0.0, 1e300, 5e-324]
    texts = as_json(members([*"abcdef"], uplift_score=odd), ("uplift_score",)).to_pylist()
    told = [orjson.loads(text)["uplift_score"] for text in texts]
    assert told == [None, None, None, -0.0, 1e300, 5e-324]


def test_lines_are_a_text_each() -> None:
    table = members([*"abc"])
    for rows in (table, table.slice(1, 1), table.slice(3)):
        told = [orjson.loads(line)["customer_id"] for line in lines(rows, ALL).splitlines()]
        assert told == rows.column("customer_id").to_pylist()


@given(st.lists(st.lists(st.binary(max_size=3), max_size=5), max_size=4), st.data())
def test_texts_in_one_run_are_texts_one_by_one(
    groups: list[list[bytes]], data: st.DataObject
) -> None:
    def same(texts: Texts, expected: list[bytes]) -> None:
        assert [texts[number] for number in range(len(texts))] == expected
        assert texts.run == b",".join(expected)

    every = [text for group in groups for text in group]
    texts = Texts.together([Texts.of(group) for group in groups])
    same(texts, every)
    start = data.draw(st.integers(0, len(every)))
    stop = data.draw(st.integers(start, len(every)))
    same(texts.part(start, stop), every[start:stop])
    gone = data.draw(st.sets(st.integers(0, max(0, len(every) - 1)), max_size=len(every)))
    kept = [text for number, text in enumerate(every) if number not in gone]
    same(texts.without(sorted(gone)), kept)


def test_members_in_one_run() -> None:
    table = members([*"abc"])
    texts = Texts.members(table, ("customer_id",))
    assert texts.run == b'{"customer_id":"a"},{"customer_id":"b"},{"customer_id":"c"}'
    assert texts[2] == b'{"customer_id":"c"}'
    assert len(Texts.members(table.slice(3), ("customer_id",))) == 0
