"""The criteria expression: who is eligible, who is in a segment.

A closed tree of conditions. It is checked against the customer schema at the door
(`domain.parsing`), prints as a sentence (`domain.sentences`) and compiles to SQL in one place
(`storage.query`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from domain.customer import FieldType

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
NULL_OPS = {Op.IS_NULL, Op.NOT_NULL}
CONTAINS_OPS = {Op.CONTAINS, Op.NOT_CONTAINS}

ALLOWED_OPS: dict[FieldType, frozenset[Op]] = {
    FieldType.STRING: frozenset(_EQUALITY | CONTAINS_OPS | NULL_OPS),
    FieldType.INT: frozenset(_EQUALITY | _ORDER | NULL_OPS | PERCENT_OPS),
    FieldType.FLOAT: frozenset(_EQUALITY | _ORDER | NULL_OPS | PERCENT_OPS),
    FieldType.BOOL: frozenset({Op.EQ, Op.NE} | NULL_OPS),
    FieldType.TIMESTAMP: frozenset({Op.EQ, Op.NE} | _ORDER | NULL_OPS),
    FieldType.STRINGS: frozenset(CONTAINS_OPS | NULL_OPS),
    FieldType.NESTED: frozenset(NULL_OPS),
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
        if self.op in NULL_OPS:
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


def moment(text: str) -> datetime:
    """The UTC time that a date or timestamp in an expression means."""
    parsed = datetime.fromisoformat(text.strip())
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
