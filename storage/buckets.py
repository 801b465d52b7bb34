"""Splitting a table into the workspace's buckets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from domain.customer import bucket_of


def split(
    table: pa.Table, buckets: int, key: str = "customer_id"
) -> Iterator[tuple[int, pa.Table]]:
    """Each bucket that has rows, with its rows sorted by `key`."""
    ids = table.column(key).to_pylist()
    place = np.fromiter((bucket_of(i, buckets) for i in ids), dtype=np.int64, count=len(ids))
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(buckets + 1))
    for bucket in range(buckets):
        rows = order[edges[bucket] : edges[bucket + 1]]
        if len(rows):
            yield bucket, table.take(pa.array(rows)).sort_by(key)
