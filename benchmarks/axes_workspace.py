"""A workspace that holds the planted shop (`axes_shop`), written a bucket at a time."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks.axes_shop import ids_by_bucket, products, shop_bucket
from storage import definitions
from workflows.workspace import Workspace


def planted_workspace(
    root: Path, customers: int, buckets: int, orders_each: float = 6.0, lines_each: float = 2.14
) -> tuple[Workspace, dict[str, dict[str, bool]]]:
    """The workspace, and each customer's planted trait by axis."""
    workspace = Workspace.create(root, buckets=buckets)
    names = ("customers", "orders", "order_items", "events")
    drafts = {name: workspace.snapshots.draft(name) for name in names}
    planted: dict[str, dict[str, bool]] = {}
    with ExitStack() as stack:
        for draft in drafts.values():
            stack.enter_context(draft)
        for bucket, ids in ids_by_bucket(customers, buckets).items():
            shop = shop_bucket(ids, orders_each, lines_each, seed=bucket)
            for name, draft in drafts.items():
                draft.add(bucket, shop.tables[name])
            for axis, traits in shop.planted.items():
                planted.setdefault(axis, {}).update(
                    zip(ids, np.asarray(traits).tolist(), strict=True)
                )
        made = {name: draft.finish().id for name, draft in drafts.items()}
    made["products"] = workspace.snapshots.write("products", [(0, products())]).id
    with workspace.control.write() as session:
        for name, identity in made.items():
            definitions.put_current(session, name, identity)
    return workspace, planted
