"""Groups of rows become segment cards, measured the same way whichever tier found them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clustering.characteristics import Population
from clustering.fieldclasses import Usable
from clustering.naming import described, distinct, named, suggestion
from domain.criteria import NOBODY, Expression
from domain.customer import Schema
from domain.discovery import FilterRules, SegmentCard
from domain.sentences import sentence

Meets = Callable[[Sequence[Expression]], NDArray[np.bool_]]
"""Which rows (n, k) meet each of k expressions."""


@dataclass(frozen=True)
class Grouped:
    """One group of rows (n,), the rule that tells it, and its name where it has one already."""

    inside: NDArray[np.bool_]
    rule: Expression
    name: str
    description: str = ""
    suggested_use: str = ""


def cards_of(
    table: pa.Table,
    usable: Sequence[Usable],
    schema: Schema,
    grouped: Sequence[Grouped],
    meets: Meets,
    *,
    row_name: str,
) -> tuple[SegmentCard, ...]:
    """A card for each group; a rule's precision and recall are those of the very criteria shown."""
    population = Population(table, usable)
    ruled = [one for one in grouped if one.rule != NOBODY]
    met = iter(meets([one.rule for one in ruled]).T) if ruled else iter(())
    known = [population.characteristics(one.inside) for one in grouped]
    names = distinct(
        [one.name or named(k, row_name) for one, k in zip(grouped, known, strict=True)], known
    )
    cards = []
    for place, (one, name, some) in enumerate(zip(grouped, names, known, strict=True)):
        size = int(one.inside.sum())
        percentage = 100 * size / len(one.inside)
        text = described(size, percentage, some, row_name)
        rules = _measured(one, next(met), schema) if one.rule != NOBODY else None
        cards.append(
            SegmentCard(
                key=f"segment_{place + 1}",
                name=name,
                description=f"{one.description} {text}".strip(),
                size=size,
                percentage=percentage,
                filter_rules=rules,
                rules_reason="" if rules else "No few conditions tell these rows from the others.",
                characteristics=some,
                suggested_use=one.suggested_use or suggestion(some),
            )
        )
    return tuple(cards)


def _measured(one: Grouped, met: NDArray[np.bool_], schema: Schema) -> FilterRules:
    hit, size, whole = int((met & one.inside).sum()), int(met.sum()), int(one.inside.sum())
    return FilterRules(
        criteria=one.rule,
        text=sentence(one.rule, schema),
        size=size,
        precision=hit / size if size else 0.0,
        recall=hit / whole if whole else 0.0,
    )
