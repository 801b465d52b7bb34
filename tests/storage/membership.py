"""Members made up for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from storage.members import COLUMNS


def members(ids: Sequence[str], **changed: Sequence[Any]) -> pa.Table:
    """Members with these ids, and whole columns of them changed."""
    n = len(ids)
    columns: dict[str, Sequence[Any]] = {
        "customer_id": list(ids),
        "recommended_trigger": ["free_shipping"] * n,
        "estimate": [0.1 * i for i in range(n)],
        "low": [-1.0] * n,
        "high": [9.0] * n,
        "basis": ["like effects"] * n,
        "uplift_score": [0.2] * n,
        "expected_net_value": [float(i) for i in range(n)],
        "runner_up_trigger": [None if i % 2 else "none" for i in range(n)],
        "reason_1": [f"orders {i} (+1.0 points)" for i in range(n)],
        "reason_2": ["a"] * n,
        "reason_3": [None] * n,
        "assignment_id": [None] * n,
    } | changed
    return pa.table(
        {field.name: pa.array(columns[field.name], field.type) for field in COLUMNS},
        schema=COLUMNS,
    )


def numbered(count: int) -> list[str]:
    return [f"c{i:05d}" for i in range(count)]
