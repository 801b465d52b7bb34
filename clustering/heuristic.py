"""The heuristic tier: low, mid and high of the widest field, where nothing better is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clustering.cards import Grouped, Meets, cards_of
from clustering.characteristics import shown
from clustering.discovery import Found
from clustering.fieldclasses import Usable
from clustering.preparing import Prepared, between_share, numbers
from clustering.treerules import rounded
from domain.criteria import EVERYONE, AllOf, Condition, Expression, Op
from domain.customer import Field, FieldType, Schema
from domain.discovery import FieldKind, Quality


@dataclass(frozen=True)
class _Widest:
    field: Field
    low: float
    high: float
    gaps: bool


def discover_heuristically(
    table: pa.Table,
    prepared: Prepared,
    schema: Schema,
    meets: Meets,
    *,
    row_name: str = "customers",
) -> Found:
    """Three segments by the terciles of the field that spreads most, measured as others are; those
    without a value are a fourth. One segment of everybody where no field is numeric."""
    widest = widest_field(table, prepared.usable)
    if widest is None:
        everyone = Grouped(
            np.ones(table.num_rows, dtype=bool), EVERYONE, f"All {row_name}", "", "For everybody."
        )
        message = f"No field is numeric, so there is one segment of all {row_name}."
        rules: list[tuple[str, Expression]] = []
        grouped = [everyone]
    else:
        rules = _rules(widest)
        labels = meets([rule for _, rule in rules])
        grouped = [Grouped(labels[:, i], rule, name) for i, (name, rule) in enumerate(rules)]
        grouped = [one for one in grouped if one.inside.any()]
        message = (
            f"Low, mid and high of {widest.field.text}, the field that spreads most; cut at a "
            f"third and two thirds ({shown(widest.low, widest.field)} and "
            f"{shown(widest.high, widest.field)}). Nothing says that these are natural groups."
        )
    cards = cards_of(table, prepared.usable, schema, grouped, meets, row_name=row_name)
    placed = _places(grouped, table.num_rows)
    quality = Quality(
        sample_rows=0,
        silhouette=None,
        stability=None,
        explained=between_share(prepared.X, placed),
    )
    return Found(cards, placed, quality, message)


def widest_field(table: pa.Table, usable: Sequence[Usable]) -> _Widest | None:
    """The numeric field whose values spread most for their size: (p90 - p10) / (|p90| + |p10|), a
    quantile coefficient of dispersion; of equal ones the first. None where no field has three
    different thirds."""
    best: tuple[float, _Widest] | None = None
    for one in usable:
        if one.kind is not FieldKind.NUMERIC:
            continue
        values = numbers(table.column(one.field.name))
        known = values[~np.isnan(values)]
        p10, low, high, p90 = np.quantile(known, [0.1, 1 / 3, 2 / 3, 0.9])
        whole = one.field.type is FieldType.INT
        low, high = (np.floor(low), np.floor(high)) if whole else (rounded(low), rounded(high))
        if not (known.min() <= low < high < known.max()):
            continue
        spread = float((p90 - p10) / max(abs(p90) + abs(p10), 1e-12))
        if best is None or spread > best[0] + 1e-9:
            best = spread, _Widest(one.field, float(low), float(high), len(known) < len(values))
    return None if best is None else best[1]


def _rules(widest: _Widest) -> list[tuple[str, Expression]]:
    name, text = widest.field.name, widest.field.text
    low, high = (
        int(x) if widest.field.type is FieldType.INT else x for x in (widest.low, widest.high)
    )
    below = Condition(field=name, op=Op.LTE, value=low)
    between = AllOf(
        all=(
            Condition(field=name, op=Op.GT, value=low),
            Condition(field=name, op=Op.LTE, value=high),
        )
    )
    above = Condition(field=name, op=Op.GT, value=high)
    found: list[tuple[str, Expression]] = [
        (f"Low {text}", below),
        (f"Mid {text}", between),
        (f"High {text}", above),
    ]
    if widest.gaps:
        found.append((f"No known {text}", Condition(field=name, op=Op.IS_NULL)))
    return found


def _places(grouped: Sequence[Grouped], rows: int) -> NDArray[np.int64]:
    placed = np.full(rows, -1, dtype=np.int64)
    for place, one in enumerate(grouped):
        placed[one.inside] = place
    return placed
