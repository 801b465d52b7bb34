"""A company's own table becomes standard raw tables, and says what it set aside and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyarrow as pa

from profiles.columns import ROW, Column, typed_columns
from profiles.connection import in_memory
from profiles.contract import EVENT_TYPES, RAW_TABLES, RawTable
from profiles.mapping import MADE_KEYS, RawMapping
from profiles.orderlines import gather_orders


@dataclass(frozen=True)
class Converted:
    """`tables` are standard raw tables by name, sorted by key, without a key twice; of the `read`
    rows, `kept` are in the main table (or in its lines), `returned` only marked another row as
    sent back, and `set_aside` counts the others by reason: the three add up to `read`. `columns`
    are, for each table, those that the file speaks of; its others are null for want of a word."""

    tables: Mapping[str, pa.Table]
    read: int
    kept: int
    returned: int
    set_aside: Mapping[str, int]
    columns: Mapping[str, tuple[str, ...]]


def convert(raw: pa.Table, mapping: RawMapping) -> Converted:
    """The standard raw tables of a company's table.

    A row that lacks a required value (a sale without a customer), a cancellation and a repeated key
    (the last one counts) are set aside and counted. A cell that does not fit its column's type is
    an error (`BadData`): a wrong date format would otherwise set aside half the history unseen.
    """
    table = RAW_TABLES[mapping.kind]
    typed = typed_columns(raw, _columns(mapping), mapping.read)
    if mapping.lines:
        gathered = gather_orders(typed, mapping.rules)
        tables = gathered.tables | _written_out(typed, mapping, gathered.tables["order_items"])
        return Converted(
            tables,
            raw.num_rows,
            gathered.kept,
            gathered.returned,
            gathered.set_aside,
            _spoken(mapping),
        )
    kept, set_aside = _plain(typed, mapping, table)
    tables = {table.name: kept} | _written_out(typed, mapping, None)
    return Converted(tables, raw.num_rows, kept.num_rows, 0, set_aside, _spoken(mapping))


def upsert(
    old: pa.Table, new: pa.Table, table: RawTable, columns: Collection[str] | None = None
) -> pa.Table:
    """`old` with the rows of `new` added, replacing those of the same key; sorted by key.

    `columns` are those that `new` speaks of (`Converted.columns`): in the others a row that is
    replaced keeps what was known, so that a file of orders that names each buyer's country does not
    wipe out their consent. The same `new` twice changes nothing.
    """
    keys = ", ".join(table.key)
    spoken = set(table.columns.names if columns is None else (*columns, *table.key))
    merged = ", ".join(
        f'{"fresh" if name in spoken else "known"}."{name}"' for name in table.columns.names
    )
    with in_memory(threads=2) as connection:
        connection.register("known", old.cast(table.columns))
        connection.register("fresh", new.cast(table.columns))
        rows = connection.sql(
            f"SELECT {merged} FROM fresh LEFT JOIN known USING ({keys}) "
            f"UNION ALL (FROM known ANTI JOIN fresh USING ({keys})) ORDER BY {keys}"
        ).to_arrow_table()
    return rows.cast(table.columns).combine_chunks()


def _spoken(mapping: RawMapping) -> dict[str, tuple[str, ...]]:
    """The columns of each table that come of the mapping, by name, rule or sum."""
    own = {name.partition(".")[0] for name in (*mapping.columns, *mapping.constants)}
    spoken: dict[str, set[str]] = {mapping.kind: own | set(RAW_TABLES[mapping.kind].key)}
    if mapping.lines:
        spoken["orders"] |= {"total"}
        spoken["order_items"] = {*mapping.lines, "order_id", "line", "returned_at"}
    for name, stated in (("products", mapping.products), ("customers", mapping.customers)):
        if stated:
            spoken[name] = {*stated, *RAW_TABLES[name].key}
    return {name: tuple(sorted(columns)) for name, columns in spoken.items()}


def _columns(mapping: RawMapping) -> dict[str, Column]:
    """Every column the mapping names; those of another table have its section before the name."""
    columns: dict[str, Column] = {}
    sections = (
        ("", mapping.kind, mapping.columns),
        ("lines.", "order_items", mapping.lines),
        ("products.", "products", mapping.products),
        ("customers.", "customers", mapping.customers),
    )
    for prefix, table, stated in sections:
        types = RAW_TABLES[table].columns
        for name, source in stated.items():
            kind = pa.string() if name.startswith("properties.") else types.field(name).type
            columns[prefix + name] = Column(kind, source=source, values=mapping.values.get(name))
    for name, constant in mapping.constants.items():
        kind = RAW_TABLES[mapping.kind].columns.field(name).type
        columns[name] = Column(kind, constant=constant)
    return columns


def _plain(
    typed: pa.Table, mapping: RawMapping, table: RawTable
) -> tuple[pa.Table, dict[str, int]]:
    """A table in which a row of the file is a row: those kept, and the count of the others."""
    made = MADE_KEYS.get(mapping.kind) if mapping.rules.make_ids else None
    reasons = [
        f"WHEN {column} IS NULL THEN 'without {column}'"
        for column in table.required
        if column != made
    ]
    if mapping.kind == "orders" and mapping.rules.cancellation_prefix is not None:
        prefix = mapping.rules.cancellation_prefix.replace("'", "''")
        reasons.append(f"WHEN starts_with(order_id, '{prefix}') THEN 'cancellation'")
    if mapping.kind == "orders" and "total" in typed.schema.names:
        reasons.append("WHEN total < 0 THEN 'negative total'")
    if mapping.kind == "events":
        known = ", ".join(f"'{kind}'" for kind in EVENT_TYPES)
        reasons.append(
            f"WHEN type NOT IN ({known}) THEN concat('event type ', type, ' is not known')"
        )
    with in_memory(threads=2) as connection:
        connection.register("typed", typed)
        columns = ", ".join(_standard(table, typed, made))
        reason = f"CASE {' '.join(reasons)} END AS reason"
        connection.execute(f"CREATE TEMP VIEW judged AS SELECT {reason}, * FROM typed")
        connection.execute(
            f"CREATE TEMP VIEW complete AS SELECT {columns}, {ROW} FROM judged WHERE reason IS NULL"
        )
        keys = ", ".join(table.key)
        kept = connection.sql(
            f"SELECT * EXCLUDE ({ROW}) FROM complete QUALIFY "
            f"row_number() OVER (PARTITION BY {keys} ORDER BY {ROW} DESC) = 1 ORDER BY {keys}"
        ).to_arrow_table()
        counted = connection.execute(
            "SELECT reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
    set_aside = dict(counted)
    repeated = typed.num_rows - kept.num_rows - sum(set_aside.values())
    if repeated:
        set_aside[f"repeated {' and '.join(table.key)}, the last one kept"] = repeated
    return kept.cast(table.columns), set_aside


def _standard(table: RawTable, typed: pa.Table, made: str | None) -> list[str]:
    """SQL for each standard column: the mapped one, a key that is made, or null."""
    select = []
    for name in table.columns.names:
        if name == made:
            select.append(f"{_MADE[table.name]} AS {name}")
        elif name == "properties":
            parts = {
                part: f'"properties.{part}"'
                if f"properties.{part}" in typed.schema.names
                else "NULL"
                for part in ("step", "cart_id")
            }
            known = " OR ".join(f"{source} IS NOT NULL" for source in parts.values())
            packed = ", ".join(f"{part} := {source}::VARCHAR" for part, source in parts.items())
            select.append(
                f"CASE WHEN {known} THEN struct_pack({packed}, items := NULL::VARCHAR[]) END "
                "AS properties"
            )
        elif name in typed.schema.names:
            select.append(f'"{name}"')
        else:
            select.append(f'NULL AS "{name}"')
    return select


# The same file twice, and a later one that holds the same days whole, make the same ids.
_MADE = {
    "orders": f"""concat_ws('-', customer_id, strftime(ordered_at::TIMESTAMP, '%Y%m%dT%H%M%S'),
        row_number() OVER (PARTITION BY customer_id, ordered_at ORDER BY {ROW}))""",
    "events": f"""concat_ws('-', customer_id, strftime(occurred_at::TIMESTAMP, '%Y%m%dT%H%M%S'),
        type, row_number() OVER (PARTITION BY customer_id, occurred_at, type ORDER BY {ROW}))""",
    "order_items": f"row_number() OVER (PARTITION BY order_id ORDER BY {ROW})",
}


def _written_out(
    typed: pa.Table, mapping: RawMapping, items: pa.Table | None
) -> dict[str, pa.Table]:
    """Products and customers whose data stand in every order row: the last known value of each."""
    tables = {}
    with in_memory(threads=2) as connection:
        connection.register("typed", typed)
        if items is not None:
            connection.register("items", items)
        for name, stated, key, among in (
            (
                "products",
                mapping.products,
                '"lines.product_id"',
                '"lines.product_id" IN (SELECT product_id FROM items)',
            ),
            ("customers", mapping.customers, "customer_id", "customer_id IS NOT NULL"),
        ):
            if not stated:
                continue
            table = RAW_TABLES[name]
            columns = [
                f'arg_max("{name}.{column}", {ROW}) FILTER ("{name}.{column}" IS NOT NULL) '
                f'AS "{column}"'
                if column in stated
                else f'NULL AS "{column}"'
                for column in table.columns.names
                if column != table.key[0]
            ]
            tables[name] = (
                connection.sql(
                    f"SELECT {key} AS {table.key[0]}, {', '.join(columns)} FROM typed "
                    f"WHERE {among} GROUP BY 1 ORDER BY 1"
                )
                .to_arrow_table()
                .cast(table.columns)
            )
    return tables
