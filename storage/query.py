"""Criteria -> SQL, the only compiler.

Every value is a bound parameter and every column comes from the schema. Three things are computed
when asked for: `best_trigger_among.<a>.<b>` (from the net values), `cluster.<name>` (from the rules
of a kept discovery) and the percent operators (their border is the quantile among the customers
that meet the rest of the expression).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from domain.choices import best_among_keys
from domain.clusters import ClusterField
from domain.criteria import (
    PERCENT_OPS,
    AllOf,
    AnyOf,
    Condition,
    Expression,
    Op,
    moment,
    normalise,
)
from domain.customer import Field, FieldType, Schema
from domain.triggers import NO_TRIGGER

Parameter = object

_COMPARE = {
    Op.EQ: "=",
    Op.NE: "<>",
    Op.GT: ">",
    Op.GTE: ">=",
    Op.LT: "<",
    Op.LTE: "<=",
}


@dataclass(frozen=True)
class Compiled:
    """A boolean SQL expression that is never null, and its parameters in order."""

    sql: str
    parameters: tuple[Parameter, ...]


def compile_criteria(expression: Expression, schema: Schema) -> Compiled:
    """SQL of an expression without percent operators (see `resolve_percentages`)."""
    parameters: list[Parameter] = []
    return Compiled(_compile(normalise(expression), schema, parameters), tuple(parameters))


def resolve_percentages(
    expression: Expression, schema: Schema, connection: duckdb.DuckDBPyConnection, relation: str
) -> Expression:
    """The same expression with every percent operator replaced by its border as a number.

    The border is taken among the customers of `relation` that meet the rest of the expression:
    what remains when all percent conditions are left out. Ties at the border are in. A segment
    keeps the resolved form, so that its members are exactly those who meet it.
    """
    normal = normalise(expression)
    rest = compile_criteria(_without_percentages(normal), schema)

    def border(condition: Condition) -> Condition | AnyOf:
        column = _quoted(schema.require(condition.field))
        assert isinstance(condition.value, (int, float))
        top = condition.op is Op.TOP_PERCENT
        among = f"FROM {relation} WHERE ({rest.sql}) AND {column} IS NOT NULL"
        parameters = list(rest.parameters)
        known = connection.execute(f"SELECT count(*) {among}", parameters).fetchall()[0][0]
        if not known:
            return AnyOf(any=())
        last = max(math.ceil(known * condition.value / 100.0) - 1, 0)
        place = known - 1 - last if top else last
        # Half a place more, so that the value at that place is meant; to look for it takes half the
        # time of sorting all.
        rows = connection.execute(
            f"SELECT quantile_disc({column}, ?) {among}",
            [(place + 0.5) / known, *parameters],
        ).fetchall()
        op = Op.GTE if top else Op.LTE
        return Condition(field=condition.field, op=op, value=rows[0][0])

    return _replace_percentages(normal, border)


def matching_ids(
    expression: Expression, schema: Schema, connection: duckdb.DuckDBPyConnection, relation: str
) -> list[str]:
    """Ids of the customers in `relation` that meet the expression, sorted."""
    resolved = resolve_percentages(expression, schema, connection, relation)
    compiled = compile_criteria(resolved, schema)
    rows = connection.execute(
        f"SELECT customer_id FROM {relation} WHERE {compiled.sql} ORDER BY customer_id",
        list(compiled.parameters),
    ).fetchall()
    return [row[0] for row in rows]


def best_among_sql(keys: Sequence[str], schema: Schema) -> str:
    """SQL of the trigger with the highest positive net value, or `none`; a tie goes to the first
    in the alphabet, a trigger without a value never wins."""
    columns = {key: _quoted(schema.require("net_value_for_" + key)) for key in keys}
    values = {key: f"coalesce({column}, 0)" for key, column in columns.items()}
    top = f"greatest({', '.join(values.values())}, 0)"
    cases = " ".join(f"WHEN {values[k]} > 0 AND {values[k]} >= {top} THEN '{k}'" for k in values)
    return f"(CASE {cases} ELSE '{NO_TRIGGER}' END)"


def _compile(expression: Expression, schema: Schema, parameters: list[Parameter]) -> str:
    match expression:
        case AllOf(all=()):
            return "TRUE"
        case AnyOf(any=()):
            return "FALSE"
        case AllOf(all=members):
            return "(" + " AND ".join(_compile(m, schema, parameters) for m in members) + ")"
        case AnyOf(any=members):
            return "(" + " OR ".join(_compile(m, schema, parameters) for m in members) + ")"
        case Condition():
            return _condition(expression, schema, parameters)
        case _:
            raise AssertionError("normalise() leaves no negations")


def _condition(condition: Condition, schema: Schema, parameters: list[Parameter]) -> str:
    field = schema.require(condition.field)
    if isinstance(field, ClusterField):
        return _cluster_condition(field, condition, schema, parameters)
    column, op, value = _column(field, schema), condition.op, condition.value
    match op:
        case Op.IS_NULL:
            return f"({column} IS NULL)"
        case Op.NOT_NULL:
            return f"({column} IS NOT NULL)"
        case Op.CONTAINS | Op.NOT_CONTAINS:
            parameters.append(word_pattern(str(value)))
            texts = (
                f"array_to_string({column}, chr(10))" if field.type is FieldType.STRINGS else column
            )
            found = f"regexp_matches(lower(strip_accents({texts})), ?)"
            return f"coalesce({'NOT ' if op is Op.NOT_CONTAINS else ''}{found}, FALSE)"
        case Op.IN | Op.NOT_IN:
            assert isinstance(value, tuple)
            parameters.extend(value)
            places = ", ".join("?" for _ in value)
            negation = "NOT " if op is Op.NOT_IN else ""
            return f"coalesce({column} {negation}IN ({places}), FALSE)"
        case Op.TOP_PERCENT | Op.BOTTOM_PERCENT:
            raise AssertionError("percent operators are resolved before compiling")
        case _:
            parameters.append(moment(str(value)) if field.type is FieldType.TIMESTAMP else value)
            return f"coalesce({column} {_COMPARE[op]} ?, FALSE)"


def compile_column(name: str, schema: Schema) -> Compiled:
    """SQL of a field's value, which may be null, and its parameters in order."""
    field = schema.require(name)
    if not isinstance(field, ClusterField):
        return Compiled(_column(field, schema), ())
    parameters: list[Parameter] = []
    cases = []
    for cluster in field.clusters:
        met = _compile(normalise(cluster.criteria), schema, parameters)
        parameters.append(cluster.name)
        cases.append(f"WHEN {met} THEN ?::VARCHAR")
    return Compiled(f"(CASE {' '.join(cases)} ELSE NULL END)", tuple(parameters))


def _column(field: Field, schema: Schema) -> str:
    among = best_among_keys(field.name)
    return _quoted(field) if among is None else best_among_sql(among, schema)


def _cluster_condition(
    field: ClusterField, condition: Condition, schema: Schema, parameters: list[Parameter]
) -> str:
    """A condition on the first cluster whose criteria a customer meets. What it says of each is the
    answer of its branch: DuckDB 2.0 fails to plan some comparisons of a CASE with a text."""
    cases = []
    for cluster in field.clusters:
        met = _compile(normalise(cluster.criteria), schema, parameters)
        cases.append(f"WHEN {met} THEN {_answer(cluster.name, condition, parameters)}")
    return f"(CASE {' '.join(cases)} ELSE {str(condition.op is Op.IS_NULL).upper()} END)"


def _answer(name: str, condition: Condition, parameters: list[Parameter]) -> str:
    """Whether a condition holds for those in the cluster of a name."""
    op, value = condition.op, condition.value
    match op:
        case Op.CONTAINS | Op.NOT_CONTAINS:
            parameters.extend((name, word_pattern(str(value))))
            negation = "NOT " if op is Op.NOT_CONTAINS else ""
            return f"{negation}regexp_matches(lower(strip_accents(?)), ?)"
        case Op.IN | Op.NOT_IN:
            assert isinstance(value, tuple)
            holds = (name in value) is (op is Op.IN)
        case Op.EQ | Op.NE:
            holds = (name == value) is (op is Op.EQ)
        case _:
            holds = op is Op.NOT_NULL
    return str(holds).upper()


def _quoted(field: Field) -> str:
    return '"' + field.name.replace('"', '""') + '"'


def _without_percentages(expression: Expression) -> Expression:
    match expression:
        case Condition(op=op) if op in PERCENT_OPS:
            return AllOf(all=())
        case AllOf(all=members):
            return AllOf(all=tuple(map(_without_percentages, members)))
        case AnyOf(any=members):
            kept = tuple(_without_percentages(m) for m in members if not _is_percent(m))
            # A group of nothing but percent conditions says nothing of the rest.
            return AnyOf(any=kept) if kept or not members else AllOf(all=())
        case _:
            return expression


def _replace_percentages(
    expression: Expression, border: Callable[[Condition], Expression]
) -> Expression:
    match expression:
        case Condition(op=op) if op in PERCENT_OPS:
            return border(expression)
        case AllOf(all=members):
            return AllOf(all=tuple(_replace_percentages(m, border) for m in members))
        case AnyOf(any=members):
            return AnyOf(any=tuple(_replace_percentages(m, border) for m in members))
        case _:
            return expression


def _is_percent(expression: Expression) -> bool:
    return isinstance(expression, Condition) and expression.op in PERCENT_OPS


def word_pattern(phrase: str) -> str:
    """A pattern of the phrase as whole words, each in singular or plural, accents folded."""
    folded = unicodedata.normalize("NFKD", phrase).lower()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"\w+", plain)
    return r"(^|[^\pL\pN_])" + r"[^\pL\pN_]+".join(map(_forms, words)) + r"($|[^\pL\pN_])"


def _forms(word: str) -> str:
    one = singular(word)
    if one.endswith("y"):
        return f"({one}|{one}s|{one[:-1]}ies)"
    return f"({one}|{one}e?s)"


def singular(word: str) -> str:
    """The singular of an English word, by its ending: `jewelries`, `dresses`, `shoes`."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word
