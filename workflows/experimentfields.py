"""The columns of an experiment file that describe its customers, as profile fields."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from domain.criteria import MAX_NUMBER
from domain.customer import PERSONAL, STANDARD, Field, FieldGroup
from domain.errors import BadData, BadMapping
from workflows.mapping import ExperimentMapping, FieldPart
from workflows.reading import ARROW_TYPES, convert, field_name, infer

_ADDRESS = r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$"
_MOSTLY = 0.5
RESERVED = ("customer_id", "best_trigger")
RESERVED_PREFIXES = ("uplift_score_for_", "net_value_for_")


def read_fields(
    table: pa.Table, mapping: ExperimentMapping
) -> tuple[tuple[Field, ...], dict[str, pa.ChunkedArray]]:
    """Every column that has no other role, as a profile field."""
    taken = {
        mapping.arm.column,
        *(outcome.column for outcome in mapping.outcomes.values()),
        *mapping.ignore.columns,
        *(mapping.arm.probability_columns or {}).values(),
        *filter(None, (mapping.customer.column, mapping.customer.cluster)),
    }
    fields: list[Field] = []
    used: set[str] = set()
    columns: dict[str, pa.ChunkedArray] = {}
    for column in table.column_names:
        if column in taken:
            continue
        field = _field(column, mapping.fields.get(column, FieldPart()), table.column(column))
        plain = field.name.lower()  # as SQL compares names
        if plain in PERSONAL or plain in RESERVED or plain.startswith(RESERVED_PREFIXES):
            raise BadData(
                f"Column {column!r} can't be a profile field: it is "
                f"{'personal data' if plain in PERSONAL else 'a name of ours'}.",
                remedy="List it under [ignore] columns, or rename it.",
                field=column,
            )
        if plain in used:
            raise BadData(
                f"Column {column!r} becomes the field {field.name!r}, as another column does.",
                remedy=f"Rename one of them: [fields.{json.dumps(column)}] field = ...",
                field=column,
            )
        used.add(plain)
        fields.append(field)
        columns[field.name] = convert(column, table.column(column), field.type)
        _refuse_addresses(column, columns[field.name])
        _check_size(column, columns[field.name])
    return tuple(fields), columns


def _refuse_addresses(column: str, values: pa.ChunkedArray) -> None:
    """E-mail addresses are personal data whatever their column is called."""
    if not pa.types.is_string(values.type) or values.null_count == len(values):
        return
    addresses = pc.match_substring_regex(values.drop_null(), _ADDRESS)
    if pc.mean(addresses.cast(pa.float64())).as_py() > _MOSTLY:
        raise BadData(
            f"Column {column!r} holds e-mail addresses, which are personal data and no field.",
            remedy=f"Add {json.dumps(column)} to the columns under [ignore] in the mapping.",
            field=column,
        )


def _check_size(column: str, values: pa.ChunkedArray) -> None:
    """Larger numbers than criteria may name are faults of the file, and not for models."""
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        return
    large = pc.fill_null(
        pc.greater(pc.abs(values.cast(pa.float64(), safe=False)), MAX_NUMBER), False
    )
    row = pc.index(large, True).as_py()
    if row >= 0:
        raise BadData(
            f"Column {column!r} is {values[row].as_py():g} in row {row + 1}, more than "
            f"{MAX_NUMBER:g}.",
            remedy="Mend the row, or import an id or code as text: state its type as string.",
            field=column,
        )


def _field(column: str, part: FieldPart, values: pa.ChunkedArray) -> Field:
    name = part.field or field_name(column)
    if name in STANDARD:
        standard = STANDARD[name]
        if part.type not in (None, standard.type) or standard.type not in ARROW_TYPES:
            raise BadMapping(
                f"fields.{column}: {name} is of type {standard.type.value}.", field=column
            )
        return standard
    return Field(
        name=name,
        type=part.type or infer(column, values),
        group=FieldGroup.CUSTOM,
        label=part.label or column.replace("_", " "),
        negated=part.negated,
        unit=part.unit,
        synonyms=tuple(dict.fromkeys((*part.synonyms, column))),
    )
