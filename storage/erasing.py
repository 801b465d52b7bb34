"""Taking one person out of every snapshot there is, in place.

Snapshots are immutable but for this: a file that holds the person is written anew beside itself and
renamed over itself, so that a reader sees the one or the other, and a second run after a kill goes
on where the first one stopped. Rows of frozen members stay, emptied, so that no page of a pull that
is under way shifts; rows of everything else go.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from storage.snapshots import MANIFEST, sync_folder, write_synced

KEY = "customer_id"
_BLANK = "erased-"
LEFTOVER = ".erasing-"
"""How a file begins that is being written anew."""
_POSITIONAL = ("members",)


def blank(subject: str) -> str:
    """What stands in place of an erased person's id in frozen members."""
    return _BLANK + subject[:16]


def is_blank(customer_id: str) -> bool:
    if not customer_id.startswith(_BLANK):
        return False
    rest = customer_id.removeprefix(_BLANK)
    return len(rest) == 16 and set(rest) <= set("0123456789abcdef")


def folders(root: Path) -> list[Path]:
    """Every finished snapshot, referred to or not; order lines first, because they are found by
    their orders."""
    found = [path.parent for path in root.glob(f"*/*/{MANIFEST}")]
    finished = [path for path in found if not path.name.startswith(".")]
    return sorted(finished, key=lambda path: (path.parent.name != "order_items", str(path)))


def orders_of(root: Path, customer_id: str) -> set[str]:
    """The orders of a customer in any kept version."""
    found: set[str] = set()
    for path in root.glob("orders/*/bucket-*.parquet"):
        if not path.parent.name.startswith("."):
            rows = pq.read_table(path, columns=["order_id"], filters=pc.field(KEY) == customer_id)
            found.update(rows.column("order_id").to_pylist())
    return found


def erase(folder: Path, customer_id: str, orders: Collection[str], stand_in: str) -> int:
    """Take a person out of one snapshot; how many rows were theirs."""
    for left in folder.glob(f"{LEFTOVER}*"):
        left.unlink()
    kind = folder.parent.name
    rows = 0
    for path in sorted(folder.glob("bucket-*.parquet")):
        column, values = KEY, [customer_id]
        if kind == "order_items":
            column, values = "order_id", sorted(orders)
        rows += _erase_file(path, column, values, stand_in if kind in _POSITIONAL else None)
    _settle_manifest(folder)
    return rows


def _erase_file(path: Path, column: str, values: list[str], stand_in: str | None) -> int:
    names = pq.read_schema(path).names
    if column not in names or not values:
        return 0
    theirs = pq.read_table(path, columns=[column], filters=pc.field(column).isin(values)).num_rows
    if not theirs:
        return 0
    metadata = pq.read_metadata(path)
    table = pq.read_table(path)
    mask = pc.is_in(table.column(column), pa.array(values, table.schema.field(column).type))
    table = table.filter(pc.invert(mask)) if stand_in is None else _emptied(table, mask, stand_in)
    stream = pa.BufferOutputStream()
    size = metadata.row_group(0).num_rows if metadata.num_row_groups else None
    pq.write_table(_fresh(table), stream, compression="zstd", row_group_size=size)
    temporary = path.with_name(LEFTOVER + path.name)
    write_synced(stream.getvalue().to_pybytes(), temporary)
    os.replace(temporary, path)  # noqa: PTH105 - says that it replaces
    sync_folder(path.parent)
    return int(theirs)


def _emptied(table: pa.Table, mask: pa.ChunkedArray, stand_in: str) -> pa.Table:
    """The rows of the mask with a stand-in for the id and nothing of the person besides."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if field.name == KEY:
            empty = pa.scalar(stand_in, field.type)
        elif field.nullable:
            empty = pa.scalar(None, field.type)
        elif pa.types.is_floating(field.type) or pa.types.is_integer(field.type):
            empty = pa.scalar(0, field.type)
        else:
            continue
        if pa.types.is_dictionary(field.type):
            plain = column.cast(field.type.value_type)
            empty = pa.scalar(None, field.type.value_type)
            column = pc.if_else(mask, empty, plain).cast(field.type)
        else:
            column = pc.if_else(mask, empty, column)
        table = table.set_column(place, field, column)
    return table


def _fresh(table: pa.Table) -> pa.Table:
    """Without dictionary entries that no row uses any more: they would be written too."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            plain = table.column(place).cast(field.type.value_type)
            table = table.set_column(place, field, plain.cast(field.type))
    return table


def _settle_manifest(folder: Path) -> None:
    """Let the manifest count the rows that the files have."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text("utf-8"))
    counts = {
        bucket: pq.read_metadata(folder / f"bucket-{int(bucket):04d}.parquet").num_rows
        for bucket in manifest["buckets"]
    }
    if counts == manifest["buckets"]:
        return
    manifest |= {"buckets": counts, "rows": sum(counts.values())}
    temporary = folder / (LEFTOVER + MANIFEST)
    write_synced(json.dumps(manifest, indent=1).encode(), temporary)
    os.replace(temporary, path)  # noqa: PTH105
    sync_folder(folder)
