"""What an LLM may know of the data: statistics of fields, never a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from clustering.fieldclasses import Usable
from clustering.preparing import codes, numbers
from domain.criteria import ALLOWED_OPS
from domain.discovery import FieldKind

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST_NAMED = 20
"""A level held by fewer rows is not named: it could point at somebody."""


def field_statistics(table: pa.Table, usable: Sequence[Usable]) -> list[dict[str, Any]]:
    """Each field's name, meaning, type, operators, and quantiles or shares of levels, as JSON. The
    least and greatest values are left out: each is one row's."""
    return [_of(table, one) for one in usable]


def _of(table: pa.Table, one: Usable) -> dict[str, Any]:
    column = table.column(one.field.name)
    told: dict[str, Any] = {
        "field": one.field.name,
        "meaning": one.field.text,
        "type": one.field.type.value,
        "operators": sorted(op.value for op in ALLOWED_OPS[one.field.type]),
        "missing_share": round(one.missing, 3),
    }
    if one.field.unit:
        told["unit"] = one.field.unit
    if one.kind is FieldKind.NUMERIC:
        values = numbers(column)
        cuts = np.nanquantile(values, QUANTILES)
        told["quantiles"] = {
            f"{share:.0%}": float(f"{value:.4g}")
            for share, value in zip(QUANTILES, cuts, strict=True)
        }
        return told
    found = codes(one, column)
    counts = np.bincount(found[found >= 0], minlength=len(one.levels))
    told["levels"] = {
        level: round(int(count) / len(found), 3)
        for level, count in zip(one.levels, counts, strict=False)
        if count >= LEAST_NAMED
    }
    return told
