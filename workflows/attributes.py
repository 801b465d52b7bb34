"""What a company's own file says of customers, laid beside the profiles made from raw tables."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from storage.snapshots import Snapshot, SnapshotStore

ID = "customer_id"


def beside(profiles: pa.Table, attributes: pa.Table) -> pa.Table:
    """Every customer of either table, sorted by id; where both know a field, the file's value
    counts unless it is null."""
    ids = pc.unique(
        pa.chunked_array(
            [*profiles.column(ID).chunks, *attributes.column(ID).chunks], type=pa.string()
        )
    )
    ids = ids.take(pc.sort_indices(ids))
    left = profiles.take(pc.index_in(ids, profiles.column(ID).combine_chunks()))
    right = attributes.take(pc.index_in(ids, attributes.column(ID).combine_chunks()))
    merged = left.set_column(left.schema.get_field_index(ID), ID, ids)
    for name in attributes.column_names:
        if name == ID:
            continue
        column = right.column(name)
        if name in merged.column_names:
            place = merged.schema.get_field_index(name)
            known = merged.column(name)
            merged = merged.set_column(place, name, pc.coalesce(column.cast(known.type), known))
        else:
            merged = merged.append_column(name, column)
    return merged


def write_beside(
    store: SnapshotStore, profiles: Snapshot, attributes: Snapshot, count: int
) -> Snapshot:
    """A new snapshot of profiles with the attributes laid beside, bucket by bucket."""
    schema = profiles.table_schema()
    empty = attributes.table_schema().empty_table()

    def laid() -> Iterator[tuple[int, pa.Table]]:
        for bucket in range(count):
            base, own = profiles.read(bucket), attributes.read(bucket)
            if base is None and own is None:
                continue
            yield (
                bucket,
                beside(
                    schema.empty_table() if base is None else base, empty if own is None else own
                ),
            )

    return store.write("profiles", laid(), meta=profiles.meta)


def has_fields(attributes: Snapshot) -> bool:
    return attributes.rows > 0 and attributes.table_schema().names != [ID]
