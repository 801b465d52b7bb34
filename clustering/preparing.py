"""Fields of any kind become a matrix in which distances mean something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from clustering.fieldclasses import Refused, Usable, classify
from domain.customer import Field, FieldType
from domain.discovery import FEWEST_ADVISED, MOST_ADVISED, FieldKind, FieldNote
from domain.errors import BadRequest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SKEWED = 1.0
"""Skewness beyond which the logarithm is taken, if it is less skewed."""
CLIPPED = 4.0
"""In scaled units: farther values are drawn in, so that a few rows make no cluster of their own."""
FLAG = float(np.sqrt(0.5))
"""Weight of a level's column: two rows of different levels are one scaled unit apart."""
NORMAL_IQR = 1.349
"""Interquartile range of a standard normal variable."""


@dataclass(frozen=True)
class Prepared:
    """The matrix `X` (n, d), which field each column is of as its place in `usable` (d,), and what
    was done to every field."""

    X: FloatArray
    groups: IntArray
    usable: tuple[Usable, ...]
    notes: tuple[FieldNote, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before trusting the result."""
        count = len(self.usable)
        found = [note.warning for note in self.notes if note.warning]
        if not FEWEST_ADVISED <= count <= MOST_ADVISED:
            found.insert(
                0,
                f"{count} field{'s are' if count != 1 else ' is'} used; {FEWEST_ADVISED} to "
                f"{MOST_ADVISED} are advised.",
            )
        return tuple(found)


def prepare(table: pa.Table, fields: Sequence[Field]) -> Prepared:
    """The fields of a table (n rows) as a matrix.

    Numbers: the logarithm where skewed, then centred at the median and divided by the interquartile
    range (over that of a normal variable), drawn in at `CLIPPED`. Categories: a column a level.
    Missing numbers become the median and are marked by a column; a missing category is a level.

    Raises BadRequest where no field can be used.
    """
    usable, notes, blocks = [], [], []
    for field in fields:
        found = classify(field, table.column(field.name))
        if isinstance(found, Refused):
            text = f"not used: {found.reason}"
            notes.append(FieldNote(field=field.name, kind=FieldKind.REFUSED, text=text))
            continue
        block, text = encode(found, table.column(field.name))
        usable.append(found)
        blocks.append(block)
        notes.append(FieldNote(field=field.name, kind=found.kind, text=text, warning=found.warning))
    if not usable:
        told = "; ".join(f"{note.field}: {note.text.removeprefix('not used: ')}" for note in notes)
        raise BadRequest(
            f"None of the fields can be used ({told or 'there are none'}).",
            remedy="Choose numbers or categories that describe what customers do.",
            field="fields",
        )
    groups = np.repeat(np.arange(len(blocks)), [block.shape[1] for block in blocks])
    return Prepared(np.hstack(blocks), groups, tuple(usable), tuple(notes))


def encode(usable: Usable, column: pa.ChunkedArray) -> tuple[FloatArray, str]:
    """One field as columns (n, d) of the matrix, and in words what was done."""
    if usable.kind is FieldKind.CATEGORICAL:
        return _categorical(usable, column)
    return _numeric(usable, column)


def numbers(column: pa.ChunkedArray) -> FloatArray:
    """A column of numbers or flags (n,) with NaN for missing."""
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def codes(usable: Usable, column: pa.ChunkedArray) -> IntArray:
    """A category's level by its place (n,); one more is any other level, -1 missing."""
    if usable.field.type is FieldType.BOOL:
        values = numbers(column)
        return np.where(np.isnan(values), -1, np.nan_to_num(values)).astype(np.int64)
    found = pa.compute.index_in(
        column.cast(pa.string()), value_set=pa.array(usable.levels, pa.string())
    )
    other = np.asarray(found.fill_null(len(usable.levels)).to_numpy(), dtype=np.int64)
    return np.where(np.asarray(column.is_null()), -1, other)


def _categorical(usable: Usable, column: pa.ChunkedArray) -> tuple[FloatArray, str]:
    found = codes(usable, column)
    present, places = np.unique(found, return_inverse=True)
    block = np.zeros((len(found), len(present)))
    block[np.arange(len(found)), places] = FLAG
    missing = f"; {usable.missing:.0%} missing, as a level of its own" if usable.missing else ""
    what = "a flag" if usable.field.type is FieldType.BOOL else f"{len(present)} levels"
    return block, f"categorical: {what}, a column each{missing}"


def _numeric(usable: Usable, column: pa.ChunkedArray) -> tuple[FloatArray, str]:
    values = numbers(column)
    known = values[~np.isnan(values)]
    skew = float(stats.skew(known))
    text = "numeric"
    if abs(skew) > SKEWED and abs(float(stats.skew(_log(known)))) < abs(skew):
        values, known = _log(values), _log(known)
        text += f": skewed ({skew:.1f}), so its logarithm is used"
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    scale = (high - low) / NORMAL_IQR
    spread = float(known.std())
    # Where half of all values are the same, or almost, the quartiles say nothing of the spread.
    how = "the interquartile range" if scale > spread / 4 else "the standard deviation"
    scale = scale if scale > spread / 4 else spread
    scaled = np.clip((values - middle) / scale, -CLIPPED, CLIPPED)
    text += f"{';' if ':' in text else ':'} scaled by {how}"
    gaps = np.isnan(scaled)
    if not gaps.any():
        return scaled[:, None], text
    block = np.column_stack([np.where(gaps, 0.0, scaled), np.where(gaps, FLAG, 0.0)])
    return block, f"{text}; {_share(usable.missing)} missing, set to the median and marked"


def _log(values: FloatArray) -> FloatArray:
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "less than 1%"


def between_share(X: FloatArray, labels: NDArray[Any]) -> float:
    """The share of the rows' total spread about their mean that lies between the groups, 0 to 1;
    outliers (label -1) each count as unexplained."""
    centred = X - X.mean(axis=0)
    total = float((centred**2).sum())
    inside = labels >= 0
    if total == 0 or not inside.any():
        return 0.0
    count = np.bincount(labels[inside])
    sums = np.column_stack([np.bincount(labels[inside], weights=c) for c in centred[inside].T])
    filled = count > 0
    return float((sums[filled] ** 2 / count[filled, None]).sum() / total)
