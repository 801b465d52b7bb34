"""A small workspace without a model: raw tables, and one frozen segment. Made in no time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from domain.criteria import AllOf
from domain.segment import SegmentVersion
from profiles.contract import RAW_TABLES
from storage import definitions
from storage.buckets import split
from tests.workflows.frozen import keep_segment
from workflows.workspace import PROFILES, Workspace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = 40


def customer(number: int) -> str:
    return f"c{number:03d}"


def little(
    folder: Path, *, people: int = PEOPLE, buckets: int = 4, database_url: str | None = None
) -> Workspace:
    """Customers `c000`...: every third refuses ads, every fifth e-mail, every seventh sms."""
    workspace = Workspace.create(
        folder, buckets=buckets, database_url=database_url, now=lambda: NOW
    )
    ids = [customer(number) for number in range(people)]
    tables = {
        "identities": {
            "customer_id": ids,
            "first_name": [f"Ann{n}" for n in range(people)],
            "email_address": [f"Ann.{n}@Example.com" for n in range(people)],
            "phone_number": [f"+44 20 7946 {n:04d}" for n in range(people)],
        },
        "customers": {
            "customer_id": ids,
            "email_consent": [n % 5 != 0 for n in range(people)],
            "sms_consent": [n % 7 != 0 for n in range(people)],
            "push_consent": [None] * people,
            "ads_consent": [n % 3 != 0 for n in range(people)],
        },
        "orders": {
            "order_id": [f"o{n:03d}" for n in range(people)],
            "customer_id": ids,
            "ordered_at": [NOW] * people,
            "total": [10.0 + n for n in range(people)],
        },
    }
    written = {
        name: workspace.snapshots.write(name, split(_whole(name, columns), buckets))
        for name, columns in tables.items()
    }
    profiles = pa.table({"customer_id": ids, "lifetime_orders": [n % 4 for n in range(people)]})
    written[PROFILES] = workspace.snapshots.write(PROFILES, split(profiles, buckets))
    with workspace.control.write() as session:
        for name, snapshot in written.items():
            definitions.put_current(session, name, snapshot.id)
    return workspace


def with_segment(workspace: Workspace, segment_id: str = "seg_little") -> SegmentVersion:
    """Everybody, frozen."""
    return keep_segment(workspace, "free_shipping", AllOf(all=()), segment_id)


def _whole(name: str, columns: dict[str, list[object]]) -> pa.Table:
    schema = RAW_TABLES[name].columns
    rows = len(next(iter(columns.values())))
    return pa.table(
        {one.name: pa.array(columns.get(one.name, [None] * rows), one.type) for one in schema},
        schema=schema,
    )
