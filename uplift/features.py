"""A data frame as the float32 matrix that LightGBM and the scoring kernel read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import BadData

MAX_LEVELS = 254
"""Levels kept of a categorical column, the most frequent first; the rest count as missing."""


class BadFeature(BadData):
    """A feature column can't be used as it is."""


def level_counts(X: pd.DataFrame) -> dict[str, Counter[str]]:
    """How often each level of each categorical column occurs. Raises BadFeature for a column that
    is neither a category nor a number or a bool."""
    counts: dict[str, Counter[str]] = {}
    for name in X.columns:
        column = X[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            texts = column.astype(object).map(str, na_action="ignore").value_counts()
            counts[str(name)] = Counter({str(level): int(n) for level, n in texts.items() if n})
        elif not (
            pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype)
        ):
            raise BadFeature(
                f"Column {name!r} has the type {column.dtype}, which no tree can split.",
                remedy="Make it a number, a bool or a pandas category, or leave it out.",
                field=str(name),
            )
    return counts


@dataclass(frozen=True)
class FeatureSpace:
    """The columns that a model was trained on, and the levels of the categorical ones.

    A level that training never saw becomes missing when it is encoded, so that a model meets new
    data without an error and without a guess. `levels` maps a categorical column to its kept
    levels, as text; a level's code is its place.
    """

    names: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, X: pd.DataFrame) -> FeatureSpace:
        """The space of a training frame. Raises BadFeature for a column of unusable type."""
        return cls.counted(tuple(str(name) for name in X.columns), level_counts(X))

    @classmethod
    def counted(
        cls, names: tuple[str, ...], counts: Mapping[str, Mapping[str, int]]
    ) -> FeatureSpace:
        """The space of columns whose levels were counted, perhaps in several parts of the rows."""
        levels = {
            name: tuple(sorted(found, key=lambda level: (-found[level], level))[:MAX_LEVELS])
            for name, found in counts.items()
        }
        return cls(names, levels)

    @property
    def categorical(self) -> tuple[int, ...]:
        """Places of the categorical columns."""
        return tuple(place for place, name in enumerate(self.names) if name in self.levels)

    def encode(self, X: pd.DataFrame) -> NDArray[np.float32]:
        """X as a C-ordered float32 matrix (n, columns): codes for levels, NaN for missing.

        Raises BadFeature where a column of the space is absent. Columns may come in any order;
        others are ignored.
        """
        absent = [name for name in self.names if name not in X.columns]
        if absent:
            raise BadFeature(
                f"The columns {', '.join(absent)} are missing.",
                remedy="Give every column that the model was trained on.",
                field=absent[0],
            )
        plain = not self.levels and list(X.columns) == list(self.names)
        if plain and (X.dtypes == np.float32).all():
            # The commonest large case, and the only one in which nothing need be copied.
            return np.ascontiguousarray(X.to_numpy(copy=False))
        matrix = np.empty((len(X), len(self.names)), dtype=np.float32)
        for place, name in enumerate(self.names):
            matrix[:, place] = self._encode_column(name, X[name])
        return matrix

    def _encode_column(self, name: str, column: pd.Series[Any]) -> NDArray[np.float32]:
        if name not in self.levels:
            return column.to_numpy(dtype=np.float32, na_value=np.nan)
        codes = {level: code for code, level in enumerate(self.levels[name])}
        if isinstance(column.dtype, pd.CategoricalDtype):
            per_level = np.array(
                [codes.get(str(level), np.nan) for level in column.cat.categories] + [np.nan],
                dtype=np.float32,
            )
            return np.asarray(per_level[column.cat.codes.to_numpy()], dtype=np.float32)
        texts = column.astype(object).map(str, na_action="ignore")
        return np.asarray(texts.map(codes), dtype=np.float32)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal space."""
        return {
            "names": list(self.names),
            "levels": {name: list(levels) for name, levels in self.levels.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FeatureSpace:
        """The space that `to_json` wrote."""
        levels = {name: tuple(levels) for name, levels in value["levels"].items()}
        return cls(tuple(value["names"]), levels)
