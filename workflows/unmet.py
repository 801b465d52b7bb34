"""Which parts of a segment's criteria a customer does not meet, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.choices import best_among_keys
from domain.criteria import AllOf, AnyOf, Condition, Expression, Op, both, conditions
from domain.customer import Field, FieldType, Schema
from domain.reasons import Unmet
from domain.sentences import sentence
from domain.simplify import simplified
from storage.population import Population

MOST_ITEMS = 5


def person(customer_id: str) -> Condition:
    """The criteria of one customer."""
    return Condition(field="customer_id", op=Op.EQ, value=customer_id)


def chooses_trigger(condition: Condition) -> bool:
    """Whether a condition is on the best trigger, which a segment adds to its audience."""
    return condition.field == "best_trigger" or best_among_keys(condition.field) is not None


def unmet_parts(
    people: Population, schema: Schema, criteria: Expression, customer_id: str
) -> tuple[Unmet, ...]:
    """The parts of the audience's criteria that do not hold for a customer, each with the
    customer's own values; the choice of the trigger is left out. Asked of the one compiler."""
    found = []
    for part in _parts(simplified(criteria)):
        if people.count(both(person(customer_id), part)):
            continue
        names = list(dict.fromkeys(condition.field for condition in conditions(part)))
        row = people.select(person(customer_id), names).to_pylist()[0]
        values = {name: own_value(row[name], schema[name]) for name in names}
        asked = sentence(part, schema)
        found.append(
            Unmet(criteria_text=asked, values=values, text=_told(asked, values, part, schema))
        )
    return tuple(found)


def _parts(criteria: Expression) -> Iterator[Expression]:
    """The members of the outer group, without the choice of the trigger."""
    members = criteria.all if isinstance(criteria, AllOf) else (criteria,)
    for member in members:
        if not (isinstance(member, Condition) and chooses_trigger(member)):
            yield member


def _told(asked: str, values: dict[str, str], part: Expression, schema: Schema) -> str:
    """`It asks for: city is London. This customer: city Rome.`"""
    own = " and ".join(said_value(value, schema[name]) for name, value in values.items())
    group = " one of these" if isinstance(part, AnyOf) else ""
    return f"It asks for{group}: {asked}. This customer: {own}."


def own_value(value: object, field: Field) -> str:
    """A customer's value of a field, as it is said after the field's name; a flag says itself."""
    match value:
        case None:
            return "not known"
        case bool():
            return field.text if value else field.negated or f"not: {field.text}"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4g}" if abs(value) < 1_000 else f"{value:,.0f}"
        case datetime():
            return f"{value:%Y-%m-%d}"
        case list():
            more = len(value) - MOST_ITEMS
            listed = ", ".join(str(item) for item in value[:MOST_ITEMS]) or "none"
            return f"{listed} and {more} more" if more > 0 else listed
    return str(value)


def said_value(value: str, field: Field) -> str:
    """`days since the last purchase 12`, `has read our content`."""
    return (
        value if field.type is FieldType.BOOL and value != "not known" else f"{field.text} {value}"
    )


def as_typed(value: float | str, field: Field) -> float | int | bool | str:
    """A feature's value in its field's type."""
    match value, field.type:
        case float(), FieldType.BOOL:
            return value >= 1
        case float(), FieldType.INT:
            return round(value)
    return value
