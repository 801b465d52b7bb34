"""From single findings to one expression: and, or, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.criteria import AllOf, AnyOf, Condition, Expression, Not, Op, conditions, normalise
from interpreter.offline.denial import denied
from interpreter.offline.finding import Finding
from interpreter.offline.text import Canvas

_AND = re.compile(r"\b(?:and|but|und|aber|et|mais|y|pero|as well as|plus)\b|[.;!?]")


def compose(canvas: Canvas, findings: Iterable[Finding]) -> Expression:
    """Neighbours joined by "or" form one group; the groups all hold; what follows "excluding" is
    denied. A vague word gives way to an exact condition on the same field."""
    ordered = sorted(_exact_wins(list(findings)), key=lambda f: (f.start, f.end))
    refused = denied(canvas, ordered)
    groups: list[list[int]] = []
    for i, finding in enumerate(ordered):
        if (
            groups
            and (groups[-1][-1] in refused) == (i in refused)
            and _joined_by_or(canvas, ordered[groups[-1][-1]], finding)
        ):
            groups[-1].append(i)
        else:
            groups.append([i])
    members: list[Expression] = []
    for group in groups:
        either = [ordered[i].expression for i in group]
        expression = either[0] if len(either) == 1 else AnyOf(any=tuple(either))
        members.append(normalise(Not(not_=expression)) if group[0] in refused else expression)
    return _flat(members)


def _flat(members: list[Expression]) -> Expression:
    flat: list[Expression] = []
    for member in members:
        for part in member.all if isinstance(member, AllOf) else (member,):
            if all(_same(part) != _same(other) for other in flat):
                flat.append(part)
    return AllOf(all=_listed([part for part in flat if not _within_another(part, flat)]))


_ONE_OF = {Op.EQ: Op.IN, Op.IN: Op.IN, Op.NE: Op.NOT_IN, Op.NOT_IN: Op.NOT_IN}
_SINGLE = frozenset(("location_city", "location_country", "acquisition_source"))


def _listed(parts: list[Expression]) -> tuple[Expression, ...]:
    """Several values of a field that holds one are a list: nobody lives in two cities."""
    kept: list[Expression] = []
    for part in parts:
        like = next((i for i, other in enumerate(kept) if _alike(part, other)), None)
        if like is None:
            kept.append(part)
            continue
        first = kept[like]
        assert isinstance(part, Condition) and isinstance(first, Condition)
        values = tuple(dict.fromkeys((*_values(first), *_values(part))))
        kept[like] = Condition(field=part.field, op=_ONE_OF[part.op], value=values)
    return tuple(kept)


def _alike(part: Expression, other: Expression) -> bool:
    return (
        isinstance(part, Condition)
        and isinstance(other, Condition)
        and part.field == other.field
        and part.field in _SINGLE
        and _ONE_OF.get(part.op, part.op) is _ONE_OF.get(other.op, Op.IS_NULL)
    )


def _values(leaf: Condition) -> tuple[str, ...]:
    value = leaf.value
    return tuple(str(v) for v in value) if isinstance(value, (list, tuple)) else (str(value),)


def _within_another(part: Expression, parts: list[Expression]) -> bool:
    """Whether a longer name of the same product says it already: dog and dog food."""
    if not isinstance(part, Condition) or part.op is not Op.CONTAINS:
        return False
    return any(
        isinstance(other, Condition)
        and (other.field, other.op) == (part.field, part.op)
        and other.value != part.value
        and set(str(part.value).split()) < set(str(other.value).split())
        for other in parts
    )


def _same(expression: Expression) -> object:
    """What two conditions must share to be one: a product's plural says the same."""
    if isinstance(expression, Condition) and isinstance(expression.value, str):
        return expression.field, expression.op, expression.value.removesuffix("s")
    return expression


_AS_WELL = re.compile(
    r"[^.;:!?]{0,24}?\b(?:eligible|welcome|included|invited|qualify|count|fine|in|allowed|accepted|addressed)(?: \w+)? (?:just as well|as well|too|also|equally|likewise|in the same way)\b"
    r"|[^.;:!?]{0,24}?\b(?:equally|likewise|also|just as) (?:eligible|welcome|included|invited|qualify|count|fine)\b"
)


def _joined_by_or(canvas: Canvas, left: Finding, right: Finding) -> bool:
    gap = canvas.folded[left.end : right.start] if left.end <= right.start else ""
    if _AS_WELL.match(canvas.folded, right.end) and len(gap) < 90 and "." not in gap:
        return True
    if re.match(r"\W*either\b", gap) or len(gap) > 80:
        return False
    return re.search(r"\b(?:or|oder|ou|o bien)\b", gap) is not None and _AND.search(gap) is None


def _exact_wins(findings: list[Finding]) -> list[Finding]:
    exact = {
        (leaf.field, _side(leaf))
        for finding in findings
        if finding.term is None
        for leaf in conditions(finding.expression)
    }
    kept = []
    for finding in findings:
        if finding.term is not None:
            left = [c for c in conditions(finding.expression) if (c.field, _side(c)) not in exact]
            every = list(conditions(finding.expression))
            if not left:
                continue
            if len(left) < len(every) and isinstance(finding.expression, AllOf):
                finding = Finding(finding.start, finding.end, AllOf(all=tuple(left)), finding.term)
        kept.append(finding)
    return kept


def _side(leaf: Condition) -> str:
    if leaf.op in (Op.GT, Op.GTE):
        return "low"
    return "high" if leaf.op in (Op.LT, Op.LTE) else "other"
