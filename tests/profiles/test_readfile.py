from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.errors import BadData
from profiles.mapping import ReadPart
from profiles.readfile import read_file


def test_text_in_columns_of_blanks_keeps_its_zeros(tmp_path: Path) -> None:
    path = tmp_path / "orders.txt"
    path.write_bytes(b" id  date\r\n 00042 19970101\r\n  7 19970102\r\n")
    table = read_file(path, ReadPart(format="whitespace"))
    assert table.to_pydict() == {"id": ["00042", "7"], "date": ["19970101", "19970102"]}


def test_csv_by_delimiter_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes('id;city\n1;"Köln; Deutz"\n2;NA\n3;\n'.encode("latin-1"))
    table = read_file(path, ReadPart(delimiter=";", encoding="latin-1"))
    assert table.to_pydict() == {"id": ["1", "2", "3"], "city": ["Köln; Deutz", "NA", None]}
    with pytest.raises(BadData, match="can't be read"):
        read_file(path, ReadPart(delimiter=";", encoding="utf-8"))


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2]})
    pq.write_table(table, tmp_path / "ids.parquet")
    assert read_file(tmp_path / "ids.parquet", ReadPart()).schema.field("id").type == pa.int64()


@pytest.mark.parametrize("content", [b"", b"id,city\n", b'id,city\n1,"open\n'])
def test_an_empty_or_broken_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(BadData, match=r"bad\.csv"):
        read_file(path, ReadPart())
    with pytest.raises(BadData, match="no file"):
        read_file(tmp_path / "none.csv", ReadPart())
