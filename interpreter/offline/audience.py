"""From single findings to one expression: and, or, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.criteria import AllOf, AnyOf, Condition, Expression, Not, Op, conditions, normalise
from interpreter.offline.finding import Finding
from interpreter.offline.text import Canvas

_OR = re.compile(r"\b(?:or|oder|ou|either|entweder|soit|o)\b")
_AND = re.compile(r"\b(?:and|but|und|aber|et|mais|y|pero|as well as|plus)\b|[.;!?]")
_EXCEPT = re.compile(
    r"\b(?:exclud(?:e|es|ing)|except(?:ing)?(?: for)?|leav(?:e|ing) out|skip(?:ping)?|omit(?:ting)?|not those|but not(?= (?:those|to|customers|people|anyone))|"
    r"other than|apart from|without (?:those|customers|anyone|people)|do(?:n't| not) (?:target|include|contact|send (?:it |this )?to|address)|never (?:target|contact)|"
    r"ausgenommen|auser|ausser|ausgeschlossen|sauf|excepte|a l'exception d\w+|exclure|excluy\w+|excepto|salvo)\b"
)
_BREAK = re.compile(r"[.;!?]")


def compose(canvas: Canvas, findings: Iterable[Finding]) -> Expression:
    """Neighbours joined by "or" form one group; the groups all hold; what follows "excluding" is
    denied. A vague word gives way to an exact condition on the same field."""
    ordered = sorted(_exact_wins(list(findings)), key=lambda f: (f.start, f.end))
    groups: list[list[Finding]] = []
    for finding in ordered:
        if groups and _joined_by_or(canvas, groups[-1][-1], finding):
            groups[-1].append(finding)
        else:
            groups.append([finding])
    members: list[Expression] = []
    for group in groups:
        either = [f.expression for f in group]
        expression = either[0] if len(either) == 1 else AnyOf(any=tuple(either))
        denied = _denied(canvas, group[0])
        members.append(normalise(Not(not_=expression)) if denied else expression)
    return _flat(members)


def _flat(members: list[Expression]) -> Expression:
    flat: list[Expression] = []
    for member in members:
        for part in member.all if isinstance(member, AllOf) else (member,):
            if all(_same(part) != _same(other) for other in flat):
                flat.append(part)
    return AllOf(all=tuple(part for part in flat if not _within_another(part, flat)))


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


def _joined_by_or(canvas: Canvas, left: Finding, right: Finding) -> bool:
    gap = canvas.folded[left.end : right.start] if left.end <= right.start else ""
    if re.match(r"\W*either\b", gap) or len(gap) > 60:
        return False
    return re.search(r"\b(?:or|oder|ou|o bien)\b", gap) is not None and _AND.search(gap) is None


def _denied(canvas: Canvas, finding: Finding) -> bool:
    """Whether "excluding ..." in the same sentence governs this finding."""
    if re.match(
        r"not |no |never |without |except|exclud|outside|other than", canvas.folded[finding.start :]
    ):
        return False
    sentence = canvas.sentence(finding.start)
    lead = canvas.folded[sentence.start : finding.start]
    said = list(_EXCEPT.finditer(lead))
    if not said:
        return False
    gap = lead[said[-1].end() :]
    return len(gap) < 50 and not re.search(
        r"[:]|\b(?:discounts?|shipping|offers?|but|only|target)\b", gap
    )


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
