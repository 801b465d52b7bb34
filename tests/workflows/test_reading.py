"""Any file is read, or refused with a clear error; what is read keeps its values."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customer import FieldType
from domain.errors import AetherError, BadData
from workflows.reading import ARROW_TYPES, NULLS, convert, field_name, infer, read_table

ODD_TEXTS = ["0", "1", "-3", " 7 ", "007", "1.5", ".5", "1e3", "1e999", "NaN", "inf", "true", "No"]
ODD_TEXTS += [
    "2026-01-31",
    "2026-02-31",
    "2026-01-31T10:00:00Z",
    "0001-01-01",
    "",
    "x",
    "É",
    "\x00",
]
texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=6)
whole = st.integers(-(2**63), 2**63 - 1)


def arrays() -> st.SearchStrategy[pa.Array]:
    """Columns of every kind that a Parquet file may hold."""

    def of(kind: pa.DataType, values: st.SearchStrategy[object]) -> st.SearchStrategy[pa.Array]:
        column = st.lists(st.none() | values, min_size=1, max_size=6)
        return column.map(lambda found: pa.array(found, kind))

    words = of(pa.string(), texts)
    return st.one_of(
        words,
        words.map(lambda column: column.cast(pa.large_string())),
        words.map(lambda column: column.cast(pa.string_view())),
        words.map(lambda column: column.dictionary_encode()),
        of(pa.int64(), whole),
        of(pa.uint64(), st.integers(0, 2**64 - 1)),
        of(pa.int64(), whole).map(lambda column: column.dictionary_encode()),
        of(pa.float64(), st.floats()),
        of(pa.bool_(), st.booleans()),
        of(pa.date32(), st.dates()),
        of(pa.timestamp("us"), st.datetimes()),
        of(pa.timestamp("ns"), st.integers(-(2**62), 2**62)),
        of(pa.timestamp("s", "Europe/Berlin"), st.integers(-(2**34), 2**34)),
        of(pa.time32("s"), st.integers(0, 86_399)),
        of(pa.binary(), st.binary(max_size=4)),
        of(pa.list_(pa.string()), st.lists(texts, max_size=2)),
        of(pa.large_list(pa.large_string()), st.lists(texts, max_size=2)),
        of(pa.list_(pa.int64()), st.lists(whole, max_size=2)),
        of(pa.struct([("a", pa.int64())]), st.fixed_dictionaries({"a": whole})),
        of(pa.null(), st.none()),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrays(), st.none() | st.sampled_from(FieldType))
def test_any_parquet_column_becomes_its_type_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, array: pa.Array, wanted: FieldType | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.parquet"
    pq.write_table(pa.table({"c": array}), path)
    column = read_table(path).column("c")
    try:
        kind = wanted or infer("c", column)
        found = convert("c", column, kind)
    except AetherError as error:
        assert "'c'" in error.message
        assert error.field == "c"
        return
    assert found.type == ARROW_TYPES[kind]
    assert len(found) == len(array)
    lost = [
        i for i in range(len(array)) if found[i].as_py() is None and array[i].as_py() is not None
    ]
    assert all(math.isnan(array[i].as_py()) for i in lost), "a value became null"
    if kind is FieldType.FLOAT:
        assert all(v is None or math.isfinite(v) for v in found.to_pylist())


round_trips: list[tuple[FieldType, st.SearchStrategy[object], Callable[[object], str]]] = [
    (FieldType.INT, st.integers(-(10**18) + 1, 10**18 - 1), str),
    (FieldType.FLOAT, st.floats(allow_nan=False, allow_infinity=False), repr),
    (FieldType.BOOL, st.booleans(), str),
    (FieldType.TIMESTAMP, st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)), str),
    (FieldType.STRING, st.text(st.characters(codec="utf-8"), max_size=8), str),
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_was_written_as_text_is_read_back(data: st.DataObject) -> None:
    kind, values, written = data.draw(st.sampled_from(round_trips))
    known = data.draw(st.lists(st.none() | values, min_size=1, max_size=8))
    column = pa.chunked_array([pa.array([None if v is None else written(v) for v in known])])
    found = convert("c", column.cast(pa.string()), kind).to_pylist()
    expected = [v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for v in known]
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=6),
        min_size=1,
        max_size=8,
    )
)
def test_quoted_text_of_any_kind_survives_a_csv(
    tmp_path_factory: pytest.TempPathFactory, known: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    numbers = pa.array(range(len(known)))
    options = pacsv.WriteOptions(quoting_style="all_valid")
    pacsv.write_csv(pa.table({"n": numbers, "c": pa.array(known)}), path, options)
    assert read_table(path).column("c").to_pylist() == known


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", None], FieldType.INT),
        (["01234", "99999"], FieldType.STRING),
        (["1", "2.5"], FieldType.FLOAT),
        (["true", "FALSE"], FieldType.BOOL),
        (["2026-01-31", "2026-01-31T10:00:00Z"], FieldType.TIMESTAMP),
        (["a", "b", "3"], FieldType.STRING),
        ([None, None], FieldType.STRING),
        (["12345678901234567890"], FieldType.FLOAT),
    ],
)
def test_types_are_inferred_from_all_values(values: list[str | None], kind: FieldType) -> None:
    assert infer("c", pa.chunked_array([pa.array(values, pa.string())])) is kind


def test_a_column_of_numbers_with_some_text_is_never_guessed() -> None:
    mostly = pa.chunked_array([pa.array(["1", "2", None, "twelve"])])
    with pytest.raises(BadData, match="row 4 holds 'twelve'"):
        infer("c", mostly)


def test_every_word_for_nothing_is_null(tmp_path: Path) -> None:
    path = tmp_path / "nulls.csv"
    path.write_text("n,c\n" + "".join(f"1,{word}\n" for word in NULLS))
    assert read_table(path).column("c").null_count == len(NULLS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_usual_delimiters_and_a_byte_order_mark(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"﻿a{delimiter}b\r\n1{delimiter}x\r\n", encoding="utf-8")
    assert read_table(path).to_pydict() == {"a": ["1"], "b": ["x"]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a,b\n", "has no rows"),
        (b"a,a\n1,2\n", "two columns named 'a'"),
        (b"a,b\n1,2\n3\n", "Row #3"),
        (b"a,b\n1,2\n3,4,5\n", "Row #3"),
        (b"a,b\n1,\xff\xfe\n", "can't be read"),
        ("a,b\n1,2\n".encode("utf-16"), "can't be read"),
    ],
)
def test_a_broken_csv_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(BadData) as caught:
        read_table(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 3, 40])
def test_a_broken_parquet_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "broken.parquet"
    pq.write_table(pa.table({"a": list(range(100))}), path)
    whole_file = path.read_bytes()
    path.write_bytes(whole_file[: len(whole_file) - cut - 1])
    with pytest.raises(BadData, match=r"broken\.parquet"):
        read_table(path)


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadData, match="no file"):
            read_table(path)


@given(st.text(max_size=20))
def test_a_field_name_is_always_plain(column: str) -> None:
    name = field_name(column)
    assert name.isascii()
    assert name.isidentifier()
