"""Criteria as a sentence that a marketer reads."""

from __future__ import annotations

from domain.choices import BEST_AMONG
from domain.criteria import AllOf, AnyOf, Condition, Expression, Op, normalise
from domain.customer import Field, FieldType, Schema
from domain.triggers import NO_TRIGGER

_COMPARED = {Op.GT: ">", Op.GTE: "at least", Op.LT: "<", Op.LTE: "at most"}


def sentence(expression: Expression, schema: Schema) -> str:
    """`lifetime value > 500 and (city is London or Paris or has never returned an item)`."""
    return _print(normalise(expression), schema, inside=None)


def _print(expression: Expression, schema: Schema, inside: str | None) -> str:
    match expression:
        case AllOf(all=()):
            return "everyone"
        case AnyOf(any=()):
            return "nobody"
        case AllOf(all=members):
            joint = "and"
        case AnyOf(any=members):
            joint = "or"
        case Condition():
            return _condition(expression, schema.require(expression.field))
        case _:
            raise AssertionError("normalise() leaves no negations")
    text = f" {joint} ".join(_print(member, schema, joint) for member in members)
    return f"({text})" if inside not in (None, joint) and len(members) > 1 else text


def _condition(condition: Condition, field: Field) -> str:
    name, value = field.text, condition.value
    match condition.op:
        case Op.IS_NULL:
            return f"{name} is not known"
        case Op.NOT_NULL:
            return f"{name} is known"
        case Op.TOP_PERCENT:
            return f"in the top {value:g} % by {name}"
        case Op.BOTTOM_PERCENT:
            return f"in the bottom {value:g} % by {name}"
        case Op.CONTAINS:
            return f"{name} include {value}"
        case Op.NOT_CONTAINS:
            return f"{name} do not include {value}"
        case Op.EQ | Op.NE if field.type is FieldType.BOOL:
            holds = bool(value) == (condition.op is Op.EQ)
            return name if holds else field.negated or f"not: {name}"
        case Op.EQ:
            return f"{name} is {_shown(value, field)}"
        case Op.NE:
            return f"{name} is not {_shown(value, field)}"
        case Op.IN | Op.NOT_IN:
            assert isinstance(value, tuple)
            listed = " or ".join(_shown(member, field) for member in value)
            return f"{name} is {'not ' if condition.op is Op.NOT_IN else ''}{listed}"
        case _ if field.type is FieldType.TIMESTAMP:
            words = {Op.GT: "after", Op.GTE: "on or after", Op.LT: "before", Op.LTE: "up to"}
            return f"{name} {words[condition.op]} {value}"
        case _:
            return f"{name} {_COMPARED[condition.op]} {_shown(value, field)}"


def _shown(value: object, field: Field) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = str(value)
    if field.name == "best_trigger" or field.name.startswith(BEST_AMONG):
        return "no trigger" if text == NO_TRIGGER else text.replace("_", " ")
    return text
