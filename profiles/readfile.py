"""A company's file as it is: every column of a text file as text, Parquet with its types."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import BadData
from profiles.mapping import ReadPart

_PARQUET = (".parquet", ".pq")


def read_file(path: Path, read: ReadPart) -> pa.Table:
    """The file's table. Text stays text, so that an id such as `00042` keeps its zeros; what its
    columns mean is for the mapping to say. Raises `BadData` where it can't be read."""
    if not path.is_file():
        raise BadData(f"There is no file {path}.", remedy="Check the path.")
    parquet = read.format == "parquet" or (read.format is None and path.suffix in _PARQUET)
    try:
        table = pq.read_table(path) if parquet else _read_text(path, read)
    except (pa.ArrowInvalid, pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise BadData(
            f"{path} can't be read: {str(error).splitlines()[0]}",
            remedy="State its format, delimiter and encoding under [read] in the mapping.",
        ) from None
    if table.num_rows == 0:
        raise BadData(f"{path} has no rows.")
    return table


def _read_text(path: Path, read: ReadPart) -> pa.Table:
    frame = pd.read_csv(
        path,
        sep=r"\s+" if read.format == "whitespace" else read.delimiter,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        encoding=read.encoding,
        index_col=False,
    )
    return pa.Table.from_pandas(frame, preserve_index=False)
