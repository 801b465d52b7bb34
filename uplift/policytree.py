"""A policy tree: questions on fields that lead to arms, and the rule of each arm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.criteria import EVERYONE, NOBODY, AllOf, AnyOf, Condition, Expression, Op
from domain.simplify import simplified
from uplift.dataset import IntArray


@dataclass(frozen=True)
class Question:
    """What a branch asks: is the field at least `value` (or that level, of a category)?

    With `gaps` there are customers whose field is missing; they go the way of "no".
    """

    field: str
    value: float | str
    gaps: bool

    def holds(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """(n,) where the answer is yes."""
        column = X[self.field]
        if isinstance(self.value, str):
            texts = column.astype(object).map(str, na_action="ignore")
            return np.asarray(texts == self.value, dtype=bool)
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan) >= self.value)

    @cached_property
    def yes(self) -> Expression:
        """The criteria of those who are led to "yes"."""
        op = Op.EQ if isinstance(self.value, str) else Op.GTE
        return Condition(field=self.field, op=op, value=self.value)

    @cached_property
    def no(self) -> Expression:
        """The criteria of those who are led to "no"; missing values must be asked for by name."""
        op = Op.NE if isinstance(self.value, str) else Op.LT
        other = Condition(field=self.field, op=op, value=self.value)
        return (
            AnyOf(any=(other, Condition(field=self.field, op=Op.IS_NULL))) if self.gaps else other
        )


@dataclass(frozen=True)
class Leaf:
    """Customers who end here get the arm, 0 for none."""

    arm: int


@dataclass(frozen=True)
class Branch:
    """Customers who are parted by a question."""

    question: Question
    yes: Node
    no: Node


Node = Leaf | Branch


@dataclass(frozen=True)
class PolicyTree:
    """Parts all customers by arm; an approximation of a policy, to be labelled as one."""

    root: Node

    @property
    def arms(self) -> tuple[int, ...]:
        """The arms that somebody gets, 0 for none."""
        return tuple(sorted(set(_arms(self.root))))

    def choose(self, X: pd.DataFrame) -> IntArray:
        """(n,) the arm of each customer."""
        choice = np.zeros(len(X), dtype=np.int64)
        todo: list[tuple[Node, IntArray]] = [(self.root, np.arange(len(X)))]
        while todo:
            node, rows = todo.pop()
            if isinstance(node, Leaf):
                choice[rows] = node.arm
                continue
            holds = node.question.holds(X.iloc[rows])
            todo += [(node.yes, rows[holds]), (node.no, rows[~holds])]
        return choice

    def rule(self, arm: int) -> Expression:
        """The criteria of those who get the arm; the rules of all arms hold for everybody once."""
        return simplified(rule_of(self.root, arm))


def _arms(node: Node) -> Iterator[int]:
    if isinstance(node, Leaf):
        yield node.arm
    else:
        yield from _arms(node.yes)
        yield from _arms(node.no)


def rule_of(node: Node, arm: int) -> Expression:
    """The criteria of those whom a node gives the arm, in as few conditions as its shape allows."""
    if isinstance(node, Leaf):
        return EVERYONE if node.arm == arm else NOBODY
    yes, no = rule_of(node.yes, arm), rule_of(node.no, arm)
    if yes == no:
        return yes
    if yes == EVERYONE:
        return node.question.yes if no == NOBODY else AnyOf(any=(node.question.yes, no))
    if no == EVERYONE:
        return node.question.no if yes == NOBODY else AnyOf(any=(node.question.no, yes))
    parts = [
        AllOf(all=(side, rest))
        for side, rest in ((node.question.yes, yes), (node.question.no, no))
        if rest != NOBODY
    ]
    return parts[0] if len(parts) == 1 else AnyOf(any=tuple(parts))
