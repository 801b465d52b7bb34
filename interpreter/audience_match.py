"""How well one audience expression matches another, condition by condition.

Both are brought into one form first: negations at the leaves, one flat group of each kind, lists
of one as equalities, the tightest of several bounds, whole numbers closed, texts without case,
accents and plural endings. Then equal conditions count 1, a bound that differs only in being
open counts 1/2.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.criteria import NEGATION, Op
from domain.customer import STANDARD, FieldType

_LOWER, _UPPER = ("gt", "gte"), ("lt", "lte")
_WHOLE = frozenset(
    name
    for name, field in STANDARD.items()
    if field.type is FieldType.INT and not name.startswith("carts_abandoned")
)
_TIMES = frozenset(n for n, field in STANDARD.items() if field.type is FieldType.TIMESTAMP)
_PRODUCTS = frozenset(
    {"product_categories_purchased", "viewed_products", "predicted_next_purchase_category"}
)


@dataclass(frozen=True)
class Leaf:
    """A condition in the common form; `written` is the operator and value before closing."""

    field: str
    op: str
    value: Any
    written: tuple[str, Any]

    def key(self) -> str:
        return json.dumps([self.field, self.op, self.value], sort_keys=True, default=str)


@dataclass(frozen=True)
class Group:
    kind: str
    members: tuple[Leaf | Group, ...]

    def key(self) -> str:
        return json.dumps([self.kind, [member.key() for member in self.members]])


@dataclass(frozen=True)
class Match:
    """Credit of the best pairing against the accepted tree that fits best."""

    f1: float
    credit: float
    predicted: int
    expected: int
    exact: bool
    invented: int


def compare(predicted: object, accepted: Sequence[object]) -> Match:
    """The match of a predicted tree with the best of the accepted ones (JSON forms)."""
    tree = canonical(predicted)
    found = leaves(tree)
    best: tuple[float, float, int] | None = None
    exact = False
    allowed: list[Leaf] = []
    for candidate in map(canonical, accepted):
        wanted = leaves(candidate)
        allowed += wanted
        credit = _paired(found, wanted)
        f1 = 2 * credit / (len(found) + len(wanted)) if found or wanted else 1.0
        if best is None or f1 > best[0] + 1e-12:
            best = (f1, credit, len(wanted))
        exact = exact or tree.key() == candidate.key()
    assert best is not None
    invented = sum(all(_credit(leaf, other) == 0 for other in allowed) for leaf in found)
    return Match(best[0], best[1], len(found), best[2], exact, invented)


def leaves(node: Leaf | Group) -> list[Leaf]:
    if isinstance(node, Leaf):
        return [node]
    return [leaf for member in node.members for leaf in leaves(member)]


def canonical(raw: object, negated: bool = False) -> Leaf | Group:
    """The common form of an expression's JSON; anything else is one invalid condition."""
    if raw is None or raw in ({}, []):
        return Group("any" if negated else "all", ())
    if isinstance(raw, list):
        raw = {"all": raw}
    if not isinstance(raw, Mapping):
        return Leaf("<invalid>", "eq", str(raw), ("eq", str(raw)))
    if "field" in raw:
        return _leaf(raw, negated)
    parts: list[Leaf | Group] = []
    for kind in ("all", "any"):
        if kind in raw:
            members = raw[kind] if isinstance(raw[kind], list) else [raw[kind]]
            turned = kind if not negated else ("any" if kind == "all" else "all")
            listed = [] if members == [None] else members
            parts.append(_group(turned, [canonical(member, negated) for member in listed]))
    if "not" in raw:
        parts.append(canonical(raw["not"], not negated))
    if not parts:
        shown = json.dumps(raw, sort_keys=True, default=str)[:80]
        return Leaf("<invalid>", "eq", shown, ("eq", None))
    return parts[0] if len(parts) == 1 else _group("any" if negated else "all", parts)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(text: str, field: str) -> str:
    if field in _TIMES:
        return text.strip()[:10]
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
    ).casefold()
    plain = re.sub(r"[\s_\-]+", " ", plain).strip()
    if field not in _PRODUCTS:
        return plain
    return " ".join(_singular(word) for word in plain.split(" "))


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


def _value(value: object, field: str) -> Any:
    if isinstance(value, str):
        return _text(value, field)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(float(value), 9)
    if isinstance(value, (list, tuple)):
        plain = {json.dumps(_value(v, field), default=str): _value(v, field) for v in value}
        return [plain[key] for key in sorted(plain)]
    return value


def _leaf(raw: Mapping[str, Any], negated: bool) -> Leaf:
    field, op, value = str(raw.get("field")), str(raw.get("op")), raw.get("value")
    if negated and op in ("top_percent", "bottom_percent"):
        op = "bottom_percent" if op == "top_percent" else "top_percent"
        value = 100 - value if isinstance(value, (int, float)) else value
    elif negated:
        known = op in Op._value2member_map_
        op = NEGATION[Op(op)].value if known else f"not_{op}"
    value = _value(value, field)
    if op in ("is_null", "not_null"):
        value = None
    elif value is None and op in ("eq", "ne"):
        op = "is_null" if op == "eq" else "not_null"
    if isinstance(value, bool) and op == "ne":
        op, value = "eq", not value
    if op in ("in", "not_in"):
        value = value if isinstance(value, list) else [value]
        if len(value) == 1:
            op, value = ("eq" if op == "in" else "ne"), value[0]
    written = (op, value)
    if field in _WHOLE and isinstance(value, float):
        if op == "gt":
            op, value = "gte", float(math.floor(value) + 1)
        elif op == "lt":
            op, value = "lte", float(math.ceil(value) - 1)
        if op == "lte" and value == 0:
            op = "eq"
    return Leaf(field, op, value, written)


def _tighter(a: Leaf, b: Leaf) -> Leaf:
    if a.value != b.value:
        return a if (a.value > b.value) == (a.op in _LOWER) else b
    return a if a.op in ("gt", "lt") else b


def _group(kind: str, members: Iterable[Leaf | Group]) -> Leaf | Group:
    flat: list[Leaf | Group] = []
    for member in members:
        same = isinstance(member, Group) and member.kind == kind
        flat.extend(member.members if isinstance(member, Group) and same else [member])
    bounds: dict[tuple[str, bool, bool], Leaf] = {}
    lists: dict[str, list[Any]] = {}
    rest: list[Leaf | Group] = []
    many, one = ("not_in", "ne") if kind == "all" else ("in", "eq")
    for member in flat:
        if not isinstance(member, Leaf):
            rest.append(member)
        elif kind == "all" and member.op in _LOWER + _UPPER and _comparable(member.value):
            slot = (member.field, member.op in _LOWER, _number(member.value))
            bounds[slot] = _tighter(bounds[slot], member) if slot in bounds else member
        elif member.op in (many, one) and not isinstance(member.value, bool):
            values = member.value if isinstance(member.value, list) else [member.value]
            lists.setdefault(member.field, []).extend(values)
        else:
            rest.append(member)
    for field, values in lists.items():
        merged = _value(values, "")
        op, value = (one, merged[0]) if len(merged) == 1 else (many, merged)
        rest.append(Leaf(field, op, value, (op, value)))
    rest += bounds.values()
    if kind == "all":
        silent = ("is_null", "not_null", "ne", "not_in", "not_contains")
        stated = {m.field for m in rest if isinstance(m, Leaf) and m.op not in silent}
        rest = [
            m
            for m in rest
            if not (isinstance(m, Leaf) and m.op == "not_null" and m.field in stated)
        ]
    unique = {member.key(): member for member in rest}
    out = tuple(unique[key] for key in sorted(unique))
    return out[0] if len(out) == 1 else Group(kind, out)


def _comparable(value: object) -> bool:
    return _number(value) or isinstance(value, str)


def _credit(predicted: Leaf, expected: Leaf) -> float:
    if predicted.field != expected.field:
        return 0.0
    if predicted.op == expected.op and _equal(predicted.value, expected.value):
        return 1.0
    (op, value), (other_op, other) = predicted.written, expected.written
    if _number(value) and _number(other) and abs(value - other) <= 1e-6:
        half = {op, other_op} in ({"gt", "gte"}, {"lt", "lte"})
        return 0.5 if half else 0.0
    return 0.0


def _equal(a: Any, b: Any) -> bool:
    return bool(a == b) or (_number(a) and _number(b) and abs(a - b) <= 1e-6)


def _paired(predicted: list[Leaf], expected: list[Leaf]) -> float:
    """Total credit of the greedy pairing in which full matches go first."""
    total = 0.0
    free_p, free_e = list(range(len(predicted))), list(range(len(expected)))
    for wanted in (1.0, 0.5):
        for i in list(free_p):
            hit = next((j for j in free_e if _credit(predicted[i], expected[j]) == wanted), None)
            if hit is not None:
                total += wanted
                free_p.remove(i)
                free_e.remove(hit)
    return total
