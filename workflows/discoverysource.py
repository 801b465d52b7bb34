"""What a discovery looks at: a snapshot of profiles, or a raw table, and the fields to use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from clustering.fieldclasses import Usable, classify
from domain.customer import Field, FieldType, Schema
from domain.discovery import FieldKind
from domain.errors import BadRequest, NotFound
from profiles.contract import RAW_TABLES
from storage.snapshots import Snapshot
from workflows.workspace import PROFILES, Workspace

CUSTOMER, CUSTOMERS_TABLE = "customer_id", "customers"
PREFERRED = (
    "lifetime_orders",
    "average_order_value",
    "days_since_last_purchase",
    "session_count",
    "carts_abandoned",
    "email_open_rate",
)
"""What tells customers of a shop apart, used where nobody chose fields and the data have them."""
MOST_CHOSEN = 6
FEWEST_CHOSEN = 3
MOST_MISSING = 0.5
"""A field that more rows lack is not chosen by itself."""

_REFUSED = "identities"
_TYPES = (
    (pa.types.is_boolean, FieldType.BOOL),
    (pa.types.is_integer, FieldType.INT),
    (pa.types.is_floating, FieldType.FLOAT),
    (pa.types.is_decimal, FieldType.FLOAT),
    (pa.types.is_timestamp, FieldType.TIMESTAMP),
    (pa.types.is_date, FieldType.TIMESTAMP),
    (pa.types.is_list, FieldType.STRINGS),
    (pa.types.is_nested, FieldType.NESTED),
    (pa.types.is_string, FieldType.STRING),
    (pa.types.is_large_string, FieldType.STRING),
    (pa.types.is_dictionary, FieldType.STRING),
)


@dataclass(frozen=True)
class Source:
    """One snapshot, and its columns as fields. `row_name` is what a row is, in the plural."""

    name: str
    snapshot: Snapshot
    schema: Schema
    row_name: str

    @property
    def is_customers(self) -> bool:
        """Whether its rows are the customers of today, whom segments are made of."""
        return self.name == PROFILES

    def read(self, fields: Sequence[str]) -> pa.Table:
        """The named columns (n rows), in the order of the buckets."""
        return self.snapshot.table(list(fields))


def source_of(workspace: Workspace, name: str = PROFILES) -> Source:
    """`profiles` (the newest), `profiles@CAMPAIGN` (as of its start), or a raw table.

    Raises BadRequest for personal data, and NotFound for what is not there, naming the choices.
    """
    if name == _REFUSED:
        raise BadRequest(
            f"{name} holds names and addresses, which no segment is made from.",
            remedy=f"Use {PROFILES}, or a raw table of what customers did.",
            field="table",
        )
    tables = [table for table in RAW_TABLES if table != _REFUSED]
    profiles = name == PROFILES or name.startswith(f"{PROFILES}@")
    if not profiles and name not in tables:
        raise NotFound(
            f"There is no table {name!r} to discover segments in.",
            remedy=f"Choose {PROFILES}, {PROFILES}@CAMPAIGN or {', '.join(tables)}.",
            field="table",
        )
    snapshot = workspace.current(name)
    known = workspace.schema()
    schema = Schema(
        known[column.name] if profiles and column.name in known else _field(column)
        for column in snapshot.table_schema()
    )
    whose = profiles or name == CUSTOMERS_TABLE
    return Source(name, snapshot, schema, "customers" if whose else name.replace("_", " "))


def chosen_fields(source: Source, wanted: Sequence[str]) -> tuple[str, ...]:
    """The fields to use: those wanted, or those chosen where none are.

    Raises UnknownField for a name that the source does not have, with the nearest ones.
    """
    if wanted:
        repeated = next((name for name in wanted if list(wanted).count(name) > 1), None)
        if repeated is not None:
            raise BadRequest(f"The field {repeated!r} is named twice.", field="fields")
        return tuple(source.schema.require(name).name for name in wanted)
    single = {
        name: field
        for name, field in source.schema.items()
        if field.type not in (FieldType.NESTED, FieldType.STRINGS)
    }
    table = source.read(tuple(single))
    found = []
    for name, field in single.items():
        usable = classify(field, table.column(name))
        if isinstance(usable, Usable) and usable.missing <= MOST_MISSING and not usable.warning:
            found.append(usable)
    preferred = [name for name in PREFERRED if any(one.field.name == name for one in found)]
    if len(preferred) >= FEWEST_CHOSEN:
        return tuple(preferred[:MOST_CHOSEN])
    found.sort(key=lambda one: one.kind is not FieldKind.NUMERIC)
    others = [one.field.name for one in found if one.field.name not in preferred]
    chosen = [*preferred, *others][:MOST_CHOSEN]
    return tuple(chosen) or tuple(name for name in source.schema if name != CUSTOMER)


def _field(column: pa.Field) -> Field:
    kind = next((found for test, found in _TYPES if test(column.type)), FieldType.NESTED)
    if kind is FieldType.STRINGS and not pa.types.is_string(column.type.value_type):
        kind = FieldType.NESTED
    return Field(name=column.name, type=kind)
