"""A company's own raw tables: imported whole or as an upsert by key, each set-aside row counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from domain.errors import BadData
from domain.experiment import Campaign, Design
from domain.triggers import Channel
from profiles.contract import RAW_TABLES
from profiles.mapping import RawMapping
from profiles.rawtables import Converted, convert, upsert
from profiles.readfile import read_file
from storage import audit, definitions
from storage.buckets import split
from storage.snapshots import Snapshot
from workflows.database import read_database
from workflows.engine import Engine
from workflows.profiling import GLOBAL_TABLES, Progress, refresh_profiles
from workflows.returned import ERASED, without_erased
from workflows.workspace import MEMBERSHIPS, PROFILES, SETTINGS_FILE, Workspace

WITHOUT_ORDER = "without a known order"


@dataclass(frozen=True)
class TablesImported:
    """What an import of raw tables did: rows read, kept and set aside by reason, rows by table
    that are new or changed (0: the file says nothing new)."""

    kind: str
    read: int
    kept: int
    returned: int
    set_aside: Mapping[str, int]
    changed: Mapping[str, int]


def import_tables_file(
    root: Path,
    source: Path | str,
    mapping: RawMapping,
    *,
    query: str | None = None,
    whole: bool = False,
    profiles: bool = True,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
    database_url: str | None = None,
) -> TablesImported:
    """Check a source, and only then keep it in the workspace, made if it is not there."""
    converted = _converted(source, mapping, query)
    there = (root / SETTINGS_FILE).exists()
    workspace = (Workspace.open if there else Workspace.create)(root, database_url=database_url)
    return import_tables(
        workspace,
        source,
        mapping,
        converted=converted,
        whole=whole,
        profiles=profiles,
        engine=engine,
        progress=progress,
    )


def import_tables(
    workspace: Workspace,
    source: Path | str,
    mapping: RawMapping,
    *,
    query: str | None = None,
    converted: Converted | None = None,
    whole: bool = False,
    profiles: bool = True,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
    actor: str = "cli",
) -> TablesImported:
    """Check and keep a file, or the rows of a database query.

    An upsert replaces rows of the same key and keeps the others; `whole` replaces the table. The
    same file twice changes nothing. With `profiles` the newest profiles are made anew.
    """
    converted = converted or _converted(source, mapping, query)
    set_aside = dict(converted.set_aside)
    written: dict[str, Snapshot] = {}
    changed: dict[str, int] = {}
    kept = converted.kept
    # Orders come first: they say in which bucket an order's lines lie.
    for name in sorted(converted.tables, key=lambda name: name != "orders"):
        table = converted.tables[name]
        if name == "order_items":
            table, strays = _with_customer(workspace, table, converted.tables.get("orders"))
            if strays:
                set_aside[WITHOUT_ORDER] = set_aside.get(WITHOUT_ORDER, 0) + strays
        table, gone = without_erased(workspace, table)
        if gone and name == mapping.kind:
            set_aside[ERASED], kept = gone, kept - gone
        # A whole file of orders replaces orders and their lines; what it says of customers and
        # products in passing never replaces those tables.
        replaced = whole and name in (mapping.kind, "order_items")
        snapshot, count = _written(workspace, name, table, converted.columns[name], replaced)
        changed[name] = count
        if snapshot is not None:
            written[name] = snapshot
    with workspace.control.write() as session:
        for name, snapshot in written.items():
            definitions.put_current(session, name, snapshot.id)
        if written:
            definitions.drop_current(session, f"{PROFILES}@")
            definitions.drop_current(session, f"{MEMBERSHIPS}@")
        for row in converted.tables["campaigns"].to_pylist() if "campaigns" in written else ():
            definitions.put_campaign(session, _campaign(row))
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="import",
            subject=mapping.kind,
            detail={
                "source": source.name if isinstance(source, Path) else "database",
                "read": converted.read,
                "kept": kept,
                "set_aside": set_aside,
                "snapshots": {name: snapshot.id for name, snapshot in written.items()},
            },
        )
    if profiles and written:
        refresh_profiles(workspace, engine=engine, progress=progress)
    return TablesImported(
        mapping.kind, converted.read, kept, converted.returned, set_aside, changed
    )


def upsert_table(workspace: Workspace, name: str, table: pa.Table) -> Snapshot | None:
    """A raw table with rows of the contract's form added, or replaced by key: a snapshot that is
    not current yet, or None where nothing changed. Erased persons stay out of it."""
    table, _ = without_erased(workspace, table)
    return _written(workspace, name, table, RAW_TABLES[name].columns.names, False)[0]


def _converted(source: Path | str, mapping: RawMapping, query: str | None) -> Converted:
    if isinstance(source, Path):
        return convert(read_file(source, mapping.read), mapping)
    return convert(read_database(source, query or ""), mapping)


def _written(
    workspace: Workspace, name: str, table: pa.Table, columns: Collection[str], whole: bool
) -> tuple[Snapshot | None, int]:
    """The table's new snapshot, or None where nothing changed, and the rows that are new."""
    contract = RAW_TABLES[name]
    with workspace.control.read() as session:
        identity = definitions.current(session).get(name)
    old = None if identity is None else workspace.snapshots.open(identity)
    parts = dict(_parts(workspace, name, table))
    changed = 0
    news: dict[int, pa.Table] = {}
    places = set(parts) | (set(old.files) if whole and old else set())
    for bucket in sorted(places):
        fresh = parts.get(bucket, contract.empty())
        known = old.read(bucket) if old is not None else None
        before = contract.empty() if known is None else known.cast(contract.columns)
        after = upsert(contract.empty() if whole else before, fresh, contract, columns)
        if not after.equals(before):
            news[bucket] = after
            changed += fresh.num_rows
    if not news and old is not None:
        return None, 0
    return workspace.snapshots.write(name, news.items(), base=old), changed


def _parts(workspace: Workspace, name: str, table: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    contract = RAW_TABLES[name]
    if name in GLOBAL_TABLES:
        yield 0, table.cast(contract.columns)
        return
    for bucket, part in split(table, workspace.settings.buckets):
        yield bucket, part.select(contract.columns.names).cast(contract.columns)


def _with_customer(
    workspace: Workspace, lines: pa.Table, orders: pa.Table | None
) -> tuple[pa.Table, int]:
    """Order lines with their order's customer, by whom they are put into buckets; lines of an
    order that nobody knows are left out and counted."""
    known = [] if orders is None else [orders.select(["order_id", "customer_id"])]
    with workspace.control.read() as session:
        identity = definitions.current(session).get("orders")
    if identity is not None:
        known.append(workspace.snapshots.open(identity).table(["order_id", "customer_id"]))
    if not known:
        raise BadData(
            "The workspace has no orders that these lines could belong to.",
            remedy='Import the orders first (kind = "orders").',
        )
    owners = pa.concat_tables(known)
    place = pc.index_in(lines.column("order_id"), owners.column("order_id").combine_chunks())
    found = pc.is_valid(place)
    kept = lines.filter(found)
    customer = owners.column("customer_id").take(place.drop_null())
    return kept.append_column("customer_id", customer), lines.num_rows - kept.num_rows


def _campaign(row: Mapping[str, object]) -> Campaign:
    shares = row["arm_probabilities"]
    return Campaign.model_validate(
        {
            "campaign_id": row["campaign_id"],
            "name": row["name"] or row["campaign_id"],
            "started_at": row["started_at"],
            "design": Design(str(row["design"])) if row["design"] else Design.TARGETED,
            "channel": Channel(str(row["channel"])) if row["channel"] else None,
            "outcome_window_days": row["outcome_window_days"],
            "arm_probabilities": None if shares is None else dict(shares),  # type: ignore[call-overload]
        }
    )
