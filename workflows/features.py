"""Profile columns as model features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from domain.customer import Field, FieldType

_USED = (FieldType.INT, FieldType.FLOAT, FieldType.BOOL, FieldType.STRING)
MAX_LEVELS = 64
"""A text with more levels than this names customers rather than describes them: splits on it fit
noise. Criteria and explanations can still use it."""


def feature_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields a model may use: numbers, flags and categories; never ids, dates (their day
    counts are there) or nested fields."""
    return tuple(f for f in fields if f.type in _USED and f.name != "customer_id")


def feature_frame(
    table: pa.Table,
    fields: Iterable[Field],
    levels: Mapping[str, list[str]] | None = None,
) -> pd.DataFrame:
    """Features of a profile table: numbers as float32, flags as 0/1 with NaN for unknown, texts as
    categories. With `levels` the categories are those of training; another value is missing."""
    columns: dict[str, pd.Series | np.ndarray] = {}
    for field in feature_fields(fields):
        if field.name not in table.column_names:
            continue
        column = table.column(field.name)
        if field.type is not FieldType.STRING:
            numbers = column.cast(pa.float64()).to_numpy()
            columns[field.name] = numbers.astype(np.float32)
            continue
        known = None if levels is None else levels.get(field.name)
        if levels is not None and known is None:
            continue
        text = pd.Categorical(column.cast(pa.string()).to_pandas(), categories=known)
        if len(text.categories) <= MAX_LEVELS:
            columns[field.name] = pd.Series(text)
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
