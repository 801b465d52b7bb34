"""Conditions to edit, each a row, with how many customers meet it while it is being changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from nicegui.elements.mixins.text_element import TextElement

from domain.criteria import ALLOWED_OPS, PERCENT_OPS, AllOf, Expression, Op, normalise, to_json
from domain.customer import Field, FieldGroup, FieldType, Schema
from domain.errors import AetherError
from domain.parsing import parse
from domain.sentences import sentence

from .fields import choice, line
from .markup import button, el, live, say
from .words import count

Told = Callable[[], Awaitable[None]]
_WORDS = {
    Op.EQ: "is",
    Op.NE: "is not",
    Op.GT: "more than",
    Op.GTE: "at least",
    Op.LT: "less than",
    Op.LTE: "at most",
    Op.IN: "is one of",
    Op.NOT_IN: "is none of",
    Op.CONTAINS: "includes",
    Op.NOT_CONTAINS: "does not include",
    Op.IS_NULL: "is not known",
    Op.NOT_NULL: "is known",
    Op.TOP_PERCENT: "in the top %",
    Op.BOTTOM_PERCENT: "in the bottom %",
}
_TIMES = {Op.GT: "after", Op.GTE: "on or after", Op.LT: "before", Op.LTE: "up to"}
_YES, _NO = "yes", "no"


class RuleForm:
    """The conditions that must all hold. `on_input` is told while somebody types, `on_change` once
    a change is meant; a row that is not complete does not count yet."""

    def __init__(
        self,
        schema: Schema,
        known: Collection[str],
        expression: Expression,
        *,
        on_input: Told,
        on_change: Told,
    ) -> None:
        self._schema, self._on_input, self._on_change = schema, on_input, on_change
        self._fields = {
            name: field
            for name, field in schema.items()
            if name in known
            and name != "customer_id"
            and field.type is not FieldType.NESTED
            and field.group is not FieldGroup.UPLIFT
        }
        self.rows: list[dict[str, Any]] = [to_json(one) for one in members_of(expression)]
        self._counts: list[TextElement] = []
        self._place = el("div", "")
        self.draw()

    @property
    def members(self) -> list[Expression]:
        """The conditions that are complete."""
        found = [self._parsed(row) for row in self.rows]
        return [one for one in found if not isinstance(one, AetherError)]

    @property
    def expression(self) -> Expression:
        return AllOf(all=tuple(self.members))

    @property
    def faults(self) -> list[str]:
        """What is wrong with rows that are not complete."""
        found = [self._parsed(row) for row in self.rows]
        return [str(one) for one in found if isinstance(one, AetherError)]

    def show_counts(self, counts: Sequence[int | None]) -> None:
        """How many meet each complete condition; None where there is no data on it."""
        left = list(counts)
        for row, label in zip(self.rows, self._counts, strict=True):
            complete = not isinstance(self._parsed(row), AetherError)
            found = left.pop(0) if complete and left else None
            label.text = "" if found is None else count(found)

    def draw(self) -> None:
        self._place.clear()
        self._counts = []
        with self._place:
            if not self.rows:
                say("Everyone: no condition yet.", "mute")
            for place, row in enumerate(self.rows):
                with el("div", "cond"):
                    self._row(place, row)
            button("Add a condition", self._add, "quiet small").style("margin-left:-8px")

    def _row(self, place: int, row: dict[str, Any]) -> None:
        field = self._fields.get(row.get("field", ""))
        if field is None:
            el("span", "whole", self._told(row))
        else:
            self._editable(place, row, field)
        self._counts.append(live("", "n"))

        async def remove() -> None:
            del self.rows[place]
            self.draw()
            await self._on_change()

        button("×", remove, "quiet", aria_label=f"Remove condition {place + 1}")

    def _editable(self, place: int, row: dict[str, Any], field: Field) -> None:
        async def set_field(name: str) -> None:
            chosen = self._fields[name]
            row.clear()
            row.update(field=name, op=_first_op(chosen).value, value=_first_value(chosen))
            self.draw()
            await self._on_change()

        async def set_op(name: str) -> None:
            before, now = _takes(Op(row["op"])), _takes(Op(name))
            row["op"] = name
            if before != now:
                row["value"] = _first_value(field) if now == "one" else None
                self.draw()
            await self._on_change()

        number = f"condition {place + 1}"
        self._field_choice(f"Field of {number}", field.name, set_field)
        times = _TIMES if field.type is FieldType.TIMESTAMP else {}
        ops = {op.value: times.get(op, _WORDS[op]) for op in Op if op in ALLOWED_OPS[field.type]}
        if field.type is FieldType.BOOL:
            ops.pop(Op.NE.value, None)
        choice(f"Comparison of {number}", ops, row["op"], set_op)
        self._value(f"Value of {number}", row, field)

    def _field_choice(self, label: str, now: str, on_change: Callable[[str], Any]) -> None:
        groups: dict[str, dict[str, str]] = {}
        for name, field in self._fields.items():
            groups.setdefault(field.group.value, {})[name] = field.text
        with el("span", "field"), el("select", "input", aria_label=label) as made:
            for group, options in groups.items():
                with el("optgroup", "", label=group.capitalize()):
                    for name, text in sorted(options.items(), key=lambda one: one[1]):
                        el("option", "", text, value=name, selected=name == now)
        made.on(
            "change",
            lambda event: on_change(str(event.args)),
            js_handler="(event) => emit(event.target.value)",
        )

    def _value(self, label: str, row: dict[str, Any], field: Field) -> None:
        op = Op(row["op"])
        if _takes(op) == "none":
            el("span", "")
            return
        if field.type is FieldType.BOOL:

            async def set_flag(word: str) -> None:
                row["value"] = word == _YES
                await self._on_change()

            choice(label, {_YES: "yes", _NO: "no"}, _YES if row["value"] else _NO, set_flag)
            return

        async def typed(text: str) -> None:
            row["value"] = read_value(text, op, field)
            await self._on_input()

        async def meant(text: str) -> None:
            row["value"] = read_value(text, op, field)
            await self._on_change()

        number = field.type in (FieldType.INT, FieldType.FLOAT) and _takes(op) == "one"
        line(
            label,
            shown_value(row["value"]),
            typed,
            on_change=meant,
            kind="number" if number else "text",
            step="any" if number else None,
        )

    async def _add(self) -> None:
        used = {row.get("field") for row in self.rows}
        name = next((name for name in self._fields if name not in used), None)
        if name is None:
            return
        field = self._fields[name]
        self.rows.append(
            {"field": name, "op": _first_op(field).value, "value": _first_value(field)}
        )
        self.draw()
        await self._on_change()

    def _parsed(self, row: Mapping[str, Any]) -> Expression | AetherError:
        plain = dict(row)
        if plain.get("op") in (Op.IS_NULL, Op.NOT_NULL):
            plain.pop("value", None)
        try:
            return parse(plain, self._schema)
        except AetherError as error:
            return error

    def _told(self, row: Mapping[str, Any]) -> str:
        parsed = self._parsed(row)
        return str(parsed) if isinstance(parsed, AetherError) else sentence(parsed, self._schema)


def members_of(expression: Expression) -> tuple[Expression, ...]:
    """The conditions and groups that must all hold, at the top of an expression."""
    plain = normalise(expression)
    return plain.all if isinstance(plain, AllOf) else (plain,)


def read_value(text: str, op: Op, field: Field) -> object:
    """What was typed as a value of a field; what does not fit is left as it is, to be refused."""
    plain = text.strip()
    if _takes(op) == "many":
        return [_one(part.strip(), field) for part in plain.split(",") if part.strip()]
    if op in PERCENT_OPS:
        return _number(plain)
    return _one(plain, field)


def shown_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _one(text: str, field: Field) -> object:
    return _number(text) if field.type in (FieldType.INT, FieldType.FLOAT) else text


def _number(text: str) -> object:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def _takes(op: Op) -> str:
    if op in (Op.IS_NULL, Op.NOT_NULL):
        return "none"
    return "many" if op in (Op.IN, Op.NOT_IN) else "one"


def _first_op(field: Field) -> Op:
    match field.type:
        case FieldType.INT | FieldType.FLOAT | FieldType.TIMESTAMP:
            return Op.GTE
        case FieldType.STRINGS:
            return Op.CONTAINS
    return Op.EQ


def _first_value(field: Field) -> object:
    match field.type:
        case FieldType.INT | FieldType.FLOAT:
            return 1
        case FieldType.BOOL:
            return True
    return ""
