"""Which fields can tell customers apart, and why others can't."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from domain.customer import PERSONAL, Field, FieldType
from domain.discovery import FieldKind

MANY_LEVELS = 20
"""A category with more levels is warned of; the rarer ones are put together."""

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_MOSTLY = 0.5
_IDENTIFYING = 0.9
"""Share of distinct values above which a text names rows rather than describes them."""
_LONG_TEXT = 40
_MOST_MISSING = 0.95


@dataclass(frozen=True)
class Usable:
    """A field that can be used; `levels` of a category, the commonest first."""

    field: Field
    kind: FieldKind
    levels: tuple[str, ...] = ()
    missing: float = 0.0
    warning: str = ""


@dataclass(frozen=True)
class Refused:
    """A field that can't be used, and why."""

    field: Field
    reason: str


def classify(field: Field, column: pa.ChunkedArray) -> Usable | Refused:
    """What a field is by its type and its values (n,)."""
    if field.name in PERSONAL:
        return Refused(field, "it is personal data, which says who somebody is, not what they do")
    match field.type:
        case FieldType.NESTED | FieldType.STRINGS:
            return Refused(field, "it holds a list or a record for each row, not one value")
        case FieldType.TIMESTAMP:
            return Refused(field, "it is a date; use the field that counts the days since")
    rows = len(column)
    present = rows - column.null_count
    if present == 0:
        return Refused(field, "it has no values")
    distinct = pc.count_distinct(column, mode="only_valid").as_py()
    if distinct == 1:
        every = "every" if present == rows else "every known"
        return Refused(field, f"it is constant: {every} value is {pc.first(column.drop_null())}")
    missing = column.null_count / rows
    if missing > _MOST_MISSING:
        return Refused(field, f"{missing:.0%} of its values are missing")
    if field.type is FieldType.STRING:
        return _text(field, column.cast(pa.string()), distinct, present, missing)
    if field.type is FieldType.BOOL:
        return Usable(field, FieldKind.CATEGORICAL, ("false", "true"), missing)
    if _is_id_name(field.name) and distinct > _IDENTIFYING * present:
        return Refused(field, "it is an id: almost every row has its own")
    return Usable(field, FieldKind.NUMERIC, (), missing)


def _text(
    field: Field, column: pa.ChunkedArray, distinct: int, present: int, missing: float
) -> Usable | Refused:
    known = column.drop_null()
    if pc.mean(pc.match_substring_regex(known, _EMAIL).cast(pa.float64())).as_py() > _MOSTLY:
        return Refused(field, "it holds e-mail addresses, which are personal data")
    if _is_id_name(field.name) and distinct > MANY_LEVELS:
        return Refused(field, "it is an id")
    length = pc.mean(pc.utf8_length(known)).as_py()
    spaced = pc.mean(pc.match_substring(known, " ").cast(pa.float64())).as_py()
    if length > _LONG_TEXT or (spaced > _MOSTLY and distinct > _MOSTLY * present > MANY_LEVELS / 2):
        return Refused(field, "it is free text")
    if distinct > max(_IDENTIFYING * present, 2):
        return Refused(field, "it is an id: almost every row has its own")
    counted = sorted(
        ((one["counts"], one["values"]) for one in pc.value_counts(known).to_pylist()),
        key=lambda pair: (-pair[0], pair[1]),
    )
    warning = ""
    if distinct > MANY_LEVELS:
        warning = (
            f"{field.text} has {distinct:,} different values; all but the commonest "
            f"{MANY_LEVELS} count as one."
        )
    levels = tuple(level for _, level in counted[:MANY_LEVELS])
    return Usable(field, FieldKind.CATEGORICAL, levels, missing, warning)


def _is_id_name(name: str) -> bool:
    return re.search(r"(?:^|_)(?:id|uuid|guid|key|number|no)$", name.lower()) is not None
