"""A cluster told in a few conditions: a shallow tree, written as a criteria expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from clustering.fieldclasses import Usable
from clustering.preparing import codes, numbers
from domain.criteria import EVERYONE, NOBODY, AllOf, AnyOf, Condition, Expression, Op
from domain.customer import FieldType
from domain.discovery import FieldKind
from domain.simplify import simplified

DEPTH = 3
LEAVES = (2, 3, 4, 6)
"""Sizes of tree that are tried, the smallest first."""
AS_GOOD = 0.05
"""A smaller tree is taken whose F1 is no more than this behind the best."""
LEAST_SHARE = 0.005
MOST_ROWS = 50_000

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """One column of the tree's matrix: a field's number, or whether a category is `level`. Missing
    numbers stand below all others, at less than `floor`."""

    field: str
    type: FieldType
    level: str | None
    floor: float

    def at_most(self, border: float, gaps: bool) -> Expression:
        """The criteria of the rows on the lower side of a border, on which missing values are
        where there are any (`gaps`)."""
        unknown = Condition(field=self.field, op=Op.IS_NULL)
        if self.level is None and border < self.floor:
            return unknown
        known = self._lower(border)
        return AnyOf(any=(known, unknown)) if gaps else known

    def above(self, border: float) -> Expression:
        """The criteria of the other rows."""
        if self.level is not None:
            return Condition(field=self.field, op=Op.EQ, value=self._level())
        if border < self.floor:
            return Condition(field=self.field, op=Op.NOT_NULL)
        match self.type:
            case FieldType.BOOL:
                return Condition(field=self.field, op=Op.EQ, value=True)
            case FieldType.INT:
                return Condition(field=self.field, op=Op.GTE, value=int(np.floor(border)) + 1)
        return Condition(field=self.field, op=Op.GT, value=rounded(border))

    def _lower(self, border: float) -> Condition:
        if self.level is not None:
            return Condition(field=self.field, op=Op.NE, value=self._level())
        match self.type:
            case FieldType.BOOL:
                return Condition(field=self.field, op=Op.EQ, value=False)
            case FieldType.INT:
                return Condition(field=self.field, op=Op.LTE, value=int(np.floor(border)))
        return Condition(field=self.field, op=Op.LTE, value=rounded(border))

    def _level(self) -> str:
        assert self.level is not None
        return self.level


@dataclass(frozen=True)
class Questions:
    """The tree's matrix (n, m), where its values are missing (n, m), and what its columns mean."""

    X: FloatArray
    missing: NDArray[np.bool_]
    asked: tuple[Question, ...]


def rounded(border: float) -> float:
    """A border with three significant digits, as people write it."""
    return float(f"{border:.3g}")


def questions(table: pa.Table, usable: Sequence[Usable]) -> Questions:
    """What a tree may ask of a table's usable fields."""
    columns, gaps, asked = [], [], []
    for one in usable:
        column, name = table.column(one.field.name), one.field.name
        missing = np.asarray(column.is_null())
        if one.kind is FieldKind.CATEGORICAL and one.field.type is not FieldType.BOOL:
            found = codes(one, column)
            for place, level in enumerate(one.levels):
                columns.append((found == place).astype(np.float64))
                gaps.append(missing)
                asked.append(Question(name, one.field.type, level, 0.0))
            continue
        values = numbers(column)
        floor = float(np.nanmin(values))
        span = float(np.nanmax(values)) - floor
        columns.append(np.where(np.isnan(values), floor - max(span, 1.0), values))
        gaps.append(missing)
        asked.append(Question(name, one.field.type, None, floor))
    return Questions(np.column_stack(columns), np.column_stack(gaps), tuple(asked))


def tree_rule(asked: Questions, inside: NDArray[np.bool_], rng: np.random.Generator) -> Expression:
    """The rule that best tells the rows `inside` (n,) from the others.

    Of a tree of depth `DEPTH`, learned from at most `MOST_ROWS` rows, the leaves are kept, purest
    first, that together have the best F1 (the harmonic mean of precision and recall); of several
    sizes of tree the smallest that is about as good. `NOBODY` where no leaf helps.
    """
    rows = np.arange(len(inside))
    if len(rows) > MOST_ROWS:
        rows = np.sort(rng.choice(len(rows), MOST_ROWS, replace=False))
    least = max(5, int(LEAST_SHARE * len(rows)))
    X, y = asked.X[rows], inside[rows]
    tried = []
    for leaves in LEAVES:
        grown = DecisionTreeClassifier(
            max_depth=DEPTH, max_leaf_nodes=leaves, min_samples_leaf=least, random_state=0
        ).fit(X, y)
        kept, f1 = _leaves(grown.apply(X), y)
        tried.append((f1, grown.tree_, kept))
    best = max(f1 for f1, _, _ in tried)
    _, tree, kept = next(one for one in tried if one[0] >= best - AS_GOOD)
    return simplified(_pinched(simplified(_rule(tree, 0, kept, asked, rows))))


def _pinched(expression: Expression) -> Expression:
    """The same with `x is 5` in place of `x is at least 5 and at most 5`."""
    match expression:
        case AnyOf(any=members):
            return AnyOf(any=tuple(map(_pinched, members)))
        case AllOf(all=members):
            ends = {(m.field, m.op, m.value) for m in members if isinstance(m, Condition)}
            inner: list[Expression] = []
            for member in map(_pinched, members):
                if isinstance(member, Condition) and member.op in (Op.GTE, Op.LTE):
                    other = Op.LTE if member.op is Op.GTE else Op.GTE
                    if (member.field, other, member.value) in ends:
                        member = member.model_copy(update={"op": Op.EQ})
                inner.append(member)
            return AllOf(all=tuple(inner))
    return expression


def _leaves(places: NDArray[Any], inside: NDArray[np.bool_]) -> tuple[frozenset[int], float]:
    """The leaves whose union has the best F1, and that."""
    total = int(inside.sum())
    counts = [
        (int(inside[places == leaf].sum()), int((places == leaf).sum()), int(leaf))
        for leaf in np.unique(places)
    ]
    counts.sort(key=lambda one: (one[0] / one[1], one[1]), reverse=True)
    best, chosen, hit, size = 0.0, 0, 0, 0
    for place, (mine, all_rows, _) in enumerate(counts, start=1):
        hit, size = hit + mine, size + all_rows
        f1 = 2 * hit / (size + total)
        if f1 > best + 1e-12:
            best, chosen = f1, place
    return frozenset(leaf for _, _, leaf in counts[:chosen]), best


def _rule(
    tree: Any, node: int, kept: frozenset[int], asked: Questions, rows: NDArray[np.int64]
) -> Expression:
    """The criteria of those rows at a node that end in one of the kept leaves."""
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left == right:
        return EVERYONE if node in kept else NOBODY
    place, border = int(tree.feature[node]), float(tree.threshold[node])
    question = asked.asked[place]
    lower = asked.X[rows, place] <= border
    gaps = bool(asked.missing[rows, place].any())
    sides = (
        (question.at_most(border, gaps), _rule(tree, left, kept, asked, rows[lower])),
        (question.above(border), _rule(tree, right, kept, asked, rows[~lower])),
    )
    if all(inner == EVERYONE for _, inner in sides):
        return EVERYONE
    parts = [
        condition if inner == EVERYONE else AllOf(all=(condition, inner))
        for condition, inner in sides
        if inner != NOBODY
    ]
    if not parts:
        return NOBODY
    return parts[0] if len(parts) == 1 else AnyOf(any=tuple(parts))
