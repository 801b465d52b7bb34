from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadData
from profiles.columns import ROW, Column, typed_columns
from profiles.contract import PROBABILITIES, TIME
from profiles.mapping import ReadPart

WORDS = pa.list_(pa.string())


def one(values: list[Any] | pa.Array, kind: pa.DataType, **read: Any) -> list[Any]:
    raw = pa.table({"cell": values})
    typed = typed_columns(raw, {"it": Column(kind, source="cell")}, ReadPart(**read))
    assert typed.schema.field("it").type == kind
    assert typed.column(ROW).to_pylist() == list(range(raw.num_rows))
    result: list[Any] = typed.column("it").to_pylist()
    return result


BLANKS = "".join(chr(n) for n in range(0x3001) if unicodedata.category(chr(n)) == "Zs")
NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([" 00042 ", "", None, "NA"], pa.string(), ["00042", None, None, "NA"]),
        ([13085.0, math.nan, 0.5, 1200.0], pa.string(), ["13085", None, "0.5", "1200"]),
        ([7, None], pa.string(), ["7", None]),
        (["1.5", "n/a", "-2e3", ""], pa.float64(), [1.5, None, -2000.0, None]),
        (["3", "4.0", "NULL"], pa.int64(), [3, 4, None]),
        (["yes", "0", "True", None], pa.bool_(), [True, False, True, None]),
        ([1, 0], pa.bool_(), [True, False]),
        (["2024-07-01 12:00", "2024-07-01T14:00:00+02:00", ""], TIME, [NOON, NOON, None]),
        ([NOON.replace(tzinfo=None), NOON], TIME, [NOON, NOON]),
        (["a | b", "", "c"], WORDS, [["a", "b"], None, ["c"]]),
        ([["a"], None], WORDS, [["a"], None]),
        (
            ['{"none": 0.5, "discount": 0.5}', None],
            PROBABILITIES,
            [[("none", 0.5), ("discount", 0.5)], None],
        ),
    ],
)
def test_cells_become_their_type(values: list[Any], kind: pa.DataType, expected: list[Any]) -> None:
    if values and isinstance(values[0], datetime):
        values = [value.replace(tzinfo=None) for value in values]
    assert one(values, kind) == expected


def test_nanoseconds_and_dates_become_times() -> None:
    whole = pa.array([NOON.replace(tzinfo=None)], pa.timestamp("ns"))
    assert one(whole, TIME, date_format="%Y%m%d") == [NOON]
    assert one(pa.array([NOON.date()]), TIME) == [NOON.replace(hour=0)]


def test_a_date_format_reads_text_and_numbers() -> None:
    assert one(["19970112"], TIME, date_format="%Y%m%d") == [datetime(1997, 1, 12, tzinfo=UTC)]
    assert one([19970112], TIME, date_format="%Y%m%d") == [datetime(1997, 1, 12, tzinfo=UTC)]


def test_a_time_without_an_offset_is_of_the_stated_zone() -> None:
    assert one(["2024-07-01 14:00"], TIME, timezone="Europe/Berlin") == [NOON]
    assert one(
        ["01.07.2024 14:00"], TIME, timezone="Europe/Berlin", date_format="%d.%m.%Y %H:%M"
    ) == [NOON]
    with pytest.raises(BadData, match="no time zone 'Europe/Berln'"):
        one(["2024-07-01 14:00"], TIME, timezone="Europe/Berln")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2,5"], pa.float64()),
        (["1", "inf"], pa.float64()),
        (["1", "2.5"], pa.int64()),
        (["true", "maybe"], pa.bool_()),
        (["2024-01-31", "2024-02-31"], TIME),
        (['{"none": 1}', "none=1"], PROBABILITIES),
    ],
)
def test_the_first_cell_that_does_not_fit_is_named(values: list[str], kind: pa.DataType) -> None:
    with pytest.raises(BadData) as caught:
        one(values, kind)
    assert f"holds {values[1]!r} in row 2" in caught.value.message
    assert caught.value.field == "cell"


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(BadData, match="no column 'Invoice' \\(for order_id\\)"):
        typed_columns(
            pa.table({"a": [1]}), {"order_id": Column(pa.string(), "Invoice")}, ReadPart()
        )


def test_values_are_translated_and_constants_repeated() -> None:
    raw = pa.table({"Land's": ["EIRE", "o'er", "nowhere", None]})
    columns = {
        "land": Column(pa.string(), "Land's", values={"EIRE": "IE", "o'er": "it's", "nowhere": ""}),
        "count": Column(pa.int64(), constant=3),
    }
    typed = typed_columns(raw, columns, ReadPart())
    assert typed.column("land").to_pylist() == ["IE", "it's", None, None]
    assert typed.column("count").to_pylist() == [3, 3, 3, 3]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_written_as_text_come_back(numbers: list[float | None]) -> None:
    written = [None if number is None else repr(number) for number in numbers]
    assert one(pa.array(written, pa.string()), pa.float64()) == numbers


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1))
def test_any_text_is_an_id_or_nothing(texts: list[str]) -> None:
    assert one(texts, pa.string()) == [text.strip(BLANKS) or None for text in texts]
