"""The criteria expression: who is eligible, who is in a segment.

A closed tree of conditions. It is checked against the customer schema at the door (`parse`),
prints as a sentence (`domain.sentences`) and compiles to SQL in one place (`storage.query`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from domain.customer import Field as CustomerField
from domain.customer import FieldType, Schema
from domain.errors import BadExpression, WrongType

MAX_DEPTH = 12
MAX_CONDITIONS = 200
MAX_LIST = 1_000
MAX_TEXT = 500
MAX_NUMBER = 1e15


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    IS_NULL = "is_null"
    NOT_NULL = "not_null"
    TOP_PERCENT = "top_percent"
    BOTTOM_PERCENT = "bottom_percent"


PERCENT_OPS = frozenset({Op.TOP_PERCENT, Op.BOTTOM_PERCENT})
_ORDER = {Op.GT, Op.GTE, Op.LT, Op.LTE}
_EQUALITY = {Op.EQ, Op.NE, Op.IN, Op.NOT_IN}
_NULLS = {Op.IS_NULL, Op.NOT_NULL}
_CONTAINS = {Op.CONTAINS, Op.NOT_CONTAINS}

ALLOWED_OPS: dict[FieldType, frozenset[Op]] = {
    FieldType.STRING: frozenset(_EQUALITY | _CONTAINS | _NULLS),
    FieldType.INT: frozenset(_EQUALITY | _ORDER | _NULLS | PERCENT_OPS),
    FieldType.FLOAT: frozenset(_EQUALITY | _ORDER | _NULLS | PERCENT_OPS),
    FieldType.BOOL: frozenset({Op.EQ, Op.NE} | _NULLS),
    FieldType.TIMESTAMP: frozenset({Op.EQ, Op.NE} | _ORDER | _NULLS),
    FieldType.STRINGS: frozenset(_CONTAINS | _NULLS),
    FieldType.NESTED: frozenset(_NULLS),
}

NEGATION: dict[Op, Op] = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.GT: Op.LTE,
    Op.LTE: Op.GT,
    Op.GTE: Op.LT,
    Op.LT: Op.GTE,
    Op.IN: Op.NOT_IN,
    Op.NOT_IN: Op.IN,
    Op.CONTAINS: Op.NOT_CONTAINS,
    Op.NOT_CONTAINS: Op.CONTAINS,
    Op.IS_NULL: Op.NOT_NULL,
    Op.NOT_NULL: Op.IS_NULL,
}

Scalar = bool | int | float | str
Value = Scalar | tuple[Scalar, ...] | None


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Condition(_Node):
    """A leaf. Any comparison with null is false, `ne`, `not_in` and `not_contains` included;
    only `is_null` finds nulls."""

    field: str
    op: Op
    value: Value = None

    @model_serializer(mode="wrap")
    def _without_empty_value(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain: dict[str, Any] = handler(self)
        if self.op in _NULLS:
            plain.pop("value")
        return plain


class AllOf(_Node):
    """Every member holds. The empty one holds for everyone."""

    all: tuple[Expression, ...]


class AnyOf(_Node):
    """At least one member holds. The empty one holds for nobody."""

    any: tuple[Expression, ...]


class Not(_Node):
    """The member, negated down to its leaves: `not (x > 5)` is `x <= 5`, so false for null."""

    not_: Annotated[Expression, Field(alias="not")]


Expression = Condition | AllOf | AnyOf | Not
AllOf.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()

EVERYONE = AllOf(all=())
NOBODY = AnyOf(any=())


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


def to_json(expression: Expression) -> dict[str, Any]:
    return expression.model_dump(mode="json", by_alias=True)


def conditions(expression: Expression) -> Iterator[Condition]:
    """The leaves, from left to right."""
    match expression:
        case Condition():
            yield expression
        case AllOf(all=members) | AnyOf(any=members):
            for member in members:
                yield from conditions(member)
        case Not(not_=member):
            yield from conditions(member)


def normalise(expression: Expression) -> Expression:
    """The same meaning with `not` pushed to the leaves and nested groups of one kind merged."""
    return _push(expression, negated=False)


def both(*expressions: Expression) -> Expression:
    """All of the expressions at once, as one flat group where possible."""
    return normalise(AllOf(all=expressions))


def _push(expression: Expression, *, negated: bool) -> Expression:
    match expression:
        case Condition():
            return _negate(expression) if negated else expression
        case Not(not_=member):
            return _push(member, negated=not negated)
        case AllOf(all=members) | AnyOf(any=members):
            conjunction = isinstance(expression, AllOf) != negated
            pushed: list[Expression] = []
            for member in members:
                inner = _push(member, negated=negated)
                match inner:
                    case AllOf(all=inside) if conjunction:
                        pushed.extend(inside)
                    case AnyOf(any=inside) if not conjunction:
                        pushed.extend(inside)
                    case _:
                        pushed.append(inner)
            if len(pushed) == 1 and not isinstance(pushed[0], Condition):
                return pushed[0]
            return AllOf(all=tuple(pushed)) if conjunction else AnyOf(any=tuple(pushed))


def _negate(condition: Condition) -> Condition:
    if condition.op in PERCENT_OPS:
        top = condition.op is Op.TOP_PERCENT
        assert isinstance(condition.value, (int, float))
        return condition.model_copy(
            update={
                "op": Op.BOTTOM_PERCENT if top else Op.TOP_PERCENT,
                "value": 100 - condition.value,
            }
        )
    return condition.model_copy(update={"op": NEGATION[condition.op]})


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
    if op in _NULLS:
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
    if op in _CONTAINS and not (isinstance(value, str) and any(c.isalnum() for c in value)):
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


def moment(text: str) -> datetime:
    """The UTC time that a date or timestamp in an expression means."""
    parsed = datetime.fromisoformat(text.strip())
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _listed(ops: frozenset[Op]) -> str:
    return ", ".join(op.value for op in Op if op in ops)
