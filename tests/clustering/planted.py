"""Customers with clusters put in on purpose."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.customer import Field, FieldType, Schema

CENTRES = np.array([[0.0, 0.0, 0.0, 4.0], [6.0, 1.0, 5.0, 0.0], [1.0, 7.0, 6.0, 5.0]])
NAMES = ("visits", "spend", "recency", "reach")
SCHEMA = Schema(
    [
        *(Field(name=name, type=FieldType.FLOAT, label=name) for name in NAMES),
        Field(name="colour", type=FieldType.STRING, label="colour"),
        Field(name="member", type=FieldType.BOOL, label="is a member"),
        Field(name="orders", type=FieldType.INT, label="orders"),
    ]
)


def blobs(rows: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Rows (n, 4) around three centres, of unequal shares, and whose they are (n,)."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(CENTRES), size=rows, p=[0.5, 0.3, 0.2])
    return CENTRES[labels] + rng.normal(0, 0.7, (rows, 4)), labels


def shuffled_blobs(rows: int, seed: int = 0) -> NDArray[np.float64]:
    """The same columns, each in an order of its own."""
    X, _ = blobs(rows, seed)
    rng = np.random.default_rng(seed + 1)
    return np.column_stack([rng.permutation(column) for column in X.T])


def planted(rows: int = 1_500, seed: int = 0) -> tuple[pa.Table, NDArray[np.int64]]:
    """A table of `SCHEMA`: numbers with gaps, one of them skewed, a colour, a flag and a count that
    follow the cluster; and the clusters (n,)."""
    X, labels = blobs(rows, seed)
    rng = np.random.default_rng(seed + 7)
    columns = {
        "visits": pa.array(X[:, 0], mask=rng.random(rows) < 0.03),
        "spend": np.expm1(np.abs(X[:, 1])),
        "recency": X[:, 2],
        "reach": X[:, 3],
        "colour": np.array(["red", "green", "blue"])[labels],
        "member": labels == 2,
        "orders": rng.poisson(np.array([1, 4, 9])[labels]),
    }
    return pa.table(columns), labels
