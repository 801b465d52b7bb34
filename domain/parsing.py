"""Criteria expressions at the door: from JSON, checked against the customer schema."""

from __future__ import annotations

import math
from collections.abc import Mapping

from domain.criteria import (
    ALLOWED_OPS,
    CONTAINS_OPS,
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_LIST,
    MAX_NUMBER,
    MAX_TEXT,
    NULL_OPS,
    PERCENT_OPS,
    AllOf,
    AnyOf,
    Condition,
    Expression,
    Not,
    Op,
    Scalar,
    Value,
    conditions,
    moment,
    to_json,
)
from domain.customer import Field as CustomerField
from domain.customer import FieldType, Schema
from domain.errors import BadExpression, WrongType


def parse(raw: object, schema: Schema) -> Expression:
    """A checked expression from its JSON form.

    Raises `BadExpression` for another shape, `UnknownField` for a field the schema lacks (with
    the nearest known ones), `WrongType` for an operator or value that does not fit the field.
    """
    expression = _parse(raw, schema, depth=0)
    count = sum(1 for _ in conditions(expression))
    if count > MAX_CONDITIONS:
        raise BadExpression(f"The expression has {count} conditions, more than {MAX_CONDITIONS}.")
    return expression


def check(expression: Expression, schema: Schema) -> Expression:
    """The same checks for an expression that is already a tree."""
    return parse(to_json(expression), schema)


def _parse(raw: object, schema: Schema, depth: int) -> Expression:
    if depth > MAX_DEPTH:
        raise BadExpression(f"The expression is nested deeper than {MAX_DEPTH} groups.")
    if not isinstance(raw, Mapping):
        raise BadExpression(
            f"An expression is an object, not {_shown(raw)}.",
            remedy='Write {"all": [...]}, {"any": [...]}, {"not": {...}} or a condition.',
        )
    keys = set(raw)
    if keys in ({"all"}, {"any"}):
        (key,) = keys
        members = raw[key]
        if not isinstance(members, (list, tuple)):
            raise BadExpression(f"{key!r} holds a list of expressions, not {_shown(members)}.")
        if len(members) > MAX_CONDITIONS:
            raise BadExpression(f"A group has more than {MAX_CONDITIONS} members.")
        parsed = tuple(_parse(member, schema, depth + 1) for member in members)
        return AllOf(all=parsed) if key == "all" else AnyOf(any=parsed)
    if keys == {"not"}:
        return Not(not_=_parse(raw["not"], schema, depth + 1))
    if not {"field", "op"} <= keys <= {"field", "op", "value"}:
        found = ", ".join(sorted(map(str, keys))) or "nothing"
        raise BadExpression(
            f"A condition has field, op and value; this has {found}.",
            remedy='Everyone is written {"all": []}.',
        )
    return _condition(raw, schema)


def _condition(raw: Mapping[str, object], schema: Schema) -> Condition:
    name = raw["field"]
    if not isinstance(name, str):
        raise BadExpression(f"A field is a name, not {_shown(name)}.")
    field = schema.require(name)
    try:
        op = Op(str(raw["op"]))
    except ValueError:
        raise BadExpression(
            f"There is no operator {_shown(raw['op'])}.",
            remedy=f"Operators of {name}: {_listed(ALLOWED_OPS[field.type])}.",
            field=name,
        ) from None
    if op not in ALLOWED_OPS[field.type]:
        raise WrongType(
            f"{op.value!r} does not apply to {name}, which is of type {field.type.value}.",
            remedy=f"Operators of {name}: {_listed(ALLOWED_OPS[field.type])}.",
            field=name,
        )
    return Condition(field=name, op=op, value=_value(field, op, raw.get("value")))


def _value(field: CustomerField, op: Op, value: object) -> Value:
    if op in NULL_OPS:
        if value is not None:
            raise WrongType(f"{op.value!r} takes no value.", field=field.name)
        return None
    if op in PERCENT_OPS:
        number = _number(field, value)
        if not 0 < number < 100:
            raise WrongType(
                f"{op.value} of {field.name} takes a percentage between 0 and 100, not {number:g}.",
                field=field.name,
            )
        return number
    if op in (Op.IN, Op.NOT_IN):
        if not isinstance(value, (list, tuple)) or not value or len(value) > MAX_LIST:
            raise WrongType(
                f"{op.value!r} on {field.name} takes a list of 1 to {MAX_LIST} values, "
                f"not {_shown(value)}.",
                field=field.name,
            )
        return tuple(_scalar(field, member) for member in value)
    if op in CONTAINS_OPS and not (isinstance(value, str) and any(c.isalnum() for c in value)):
        raise WrongType(
            f"{op.value!r} on {field.name} takes a word or phrase, not {_shown(value)}.",
            field=field.name,
        )
    return _scalar(field, value)


def _scalar(field: CustomerField, value: object) -> Scalar:
    match field.type:
        case FieldType.STRING | FieldType.STRINGS:
            if isinstance(value, str) and len(value) <= MAX_TEXT and _is_plain(value):
                return value
            expected = f"a text of at most {MAX_TEXT} characters"
        case FieldType.BOOL:
            if isinstance(value, bool):
                return value
            expected = "true or false"
        case FieldType.TIMESTAMP:
            if isinstance(value, str):
                try:
                    moment(value)
                except ValueError:
                    pass
                else:
                    return value
            expected = "a date such as 2026-01-31"
        case _:
            return _number(field, value)
    raise WrongType(
        f"{field.name} is compared with {expected}, not {_shown(value)}.", field=field.name
    )


def _is_plain(text: str) -> bool:
    """Whether a text can be stored: no NUL, and no half of a surrogate pair."""
    return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text)


def _number(field: CustomerField, value: object) -> int | float:
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= MAX_NUMBER
    ):
        return value
    raise WrongType(
        f"{field.name} is compared with a number, not {_shown(value)}.", field=field.name
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _listed(ops: frozenset[Op]) -> str:
    return ", ".join(op.value for op in Op if op in ops)
