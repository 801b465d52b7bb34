"""What sets a segment apart: each field against the population, and how much it matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from clustering.fieldclasses import Usable
from clustering.preparing import codes, numbers
from domain.customer import Field, FieldType
from domain.discovery import Characteristic, FieldKind

MISSING = "not known"
OTHER = "other"
FloatArray = NDArray[np.float64]


class Population:
    """A table's usable fields, ranked once so that every segment is compared cheaply."""

    def __init__(self, table: pa.Table, usable: Sequence[Usable]) -> None:
        self._usable = tuple(usable)
        self._numbers: dict[str, tuple[FloatArray, FloatArray]] = {}
        self._codes: dict[str, NDArray[np.int64]] = {}
        for one in usable:
            column = table.column(one.field.name)
            if one.kind is FieldKind.CATEGORICAL:
                self._codes[one.field.name] = codes(one, column)
            else:
                values = numbers(column)
                self._numbers[one.field.name] = (values, stats.rankdata(values, nan_policy="omit"))

    def characteristics(self, inside: NDArray[np.bool_]) -> tuple[Characteristic, ...]:
        """Every field of the rows `inside` (n,), the most important first."""
        found = [
            self._category(one, inside)
            if one.kind is FieldKind.CATEGORICAL
            else self._number(one.field, inside)
            for one in self._usable
        ]
        return tuple(sorted(found, key=lambda one: -one.importance))

    def _number(self, field: Field, inside: NDArray[np.bool_]) -> Characteristic:
        values, ranks = self._numbers[field.name]
        known = ~np.isnan(values)
        mine = values[known & inside]
        whole = float(np.median(values[known]))
        if not len(mine):
            gaps = float(1 - known.mean())
            return Characteristic(
                feature=field.name,
                label=field.text,
                level=MISSING,
                value=None,
                population=whole,
                importance=min(1.0, 1 - gaps),
                high=True,
                text=f"{field.text} is not known (all: {shown(whole, field)})",
            )
        side = superiority(ranks[known], inside[known])
        value, how = float(np.median(mine)), ""
        if value == whole:
            # Where few different numbers occur, medians hide what the means tell.
            value, whole, how = float(mine.mean()), float(values[known].mean()), " on average"
        return Characteristic(
            feature=field.name,
            label=field.text,
            value=value,
            population=whole,
            importance=abs(2 * side - 1),
            high=side >= 0.5,
            text=f"{field.text} {shown(value, field)}{how} (all: {shown(whole, field)})",
        )

    def _category(self, one: Usable, inside: NDArray[np.bool_]) -> Characteristic:
        found = self._codes[one.field.name]
        names = [*one.levels, OTHER, MISSING]
        shares, rest, whole = (
            np.bincount(np.where(some < 0, len(names) - 1, some), minlength=len(names))
            / max(len(some), 1)
            for some in (found[inside], found[~inside], found)
        )
        apart = float(np.abs(shares - rest).sum() / 2) if (~inside).any() else 0.0
        place = _told(one, shares - whole)
        field, level = one.field, names[place]
        value, population = float(shares[place]), float(whole[place])
        flag = field.type is FieldType.BOOL and level == "true"
        what = field.text if flag else f"{field.text} is {level}"
        return Characteristic(
            feature=field.name,
            label=field.text,
            level=level,
            value=value,
            population=population,
            importance=min(apart, 1.0),
            high=value >= population,
            text=f"{what}: {value:.0%} (all: {population:.0%})",
        )


def superiority(ranks: FloatArray, inside: NDArray[np.bool_]) -> float:
    """The probability that a row inside is above one outside, ties counted half (the AUC, by the
    Mann-Whitney statistic); 0.5 where one of both is empty."""
    mine = int(inside.sum())
    others = len(inside) - mine
    if not mine or not others:
        return 0.5
    u = float(ranks[inside].sum()) - mine * (mine + 1) / 2
    return u / (mine * others)


def shown(value: float, field: Field) -> str:
    """A number as people write it, with its unit where it has one."""
    if field.unit == "share":
        return f"{value:.2f}"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _told(one: Usable, over: FloatArray) -> int:
    """The level to name: of a flag the true one, else what the segment has more of than others."""
    if one.field.type is FieldType.BOOL:
        gaps = len(over) - 1
        return gaps if over[gaps] > max(0.0, *over[: len(one.levels)]) else 1
    return int(over.argmax())
