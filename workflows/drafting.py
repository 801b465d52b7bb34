"""A mapping to edit, drafted from what a file looks like."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from domain.customer import PERSONAL, STANDARD, FieldType
from domain.errors import BadData
from domain.experiment import OutcomeKind
from domain.triggers import CATALOGUE
from workflows.reading import infer, read_table

_ARM_WORDS = ("segment", "arm", "group", "treat", "variant", "offer", "promotion", "campaign")
_CONTROL_WORDS = ("no e-mail", "no email", "control", "none", "no", "holdout", "false", "0")
_OUTCOMES: tuple[tuple[str, str, OutcomeKind], ...] = (
    (r"visit(ed|s)?", "visit", OutcomeKind.BINARY),
    (r"(conver(sion|ted|t)|purchased?|bought|response|target|y)", "converted", OutcomeKind.BINARY),
    (r"(spend|spent|revenue|sales|amount|turnover)", "revenue", OutcomeKind.MONEY),
    (r"(orders|n_orders|order_count)", "orders", OutcomeKind.COUNT),
    (r"(units|quantity)", "units", OutcomeKind.COUNT),
    (r"(open|opened)", "opened", OutcomeKind.BINARY),
    (r"(click|clicked)", "clicked", OutcomeKind.BINARY),
    (r"sessions", "sessions", OutcomeKind.COUNT),
)
_MAX_ARMS = 20


def draft_mapping(path: Path) -> str:
    """TOML of a mapping with what could be seen, and a comment wherever a person must decide."""
    table = read_table(path)
    names = list(table.column_names)
    identity = _id_column(table)
    arm = _arm_column(table, exclude={identity})
    outcomes = _outcome_columns(table, exclude={identity, arm})
    if arm is None:
        raise BadData(
            f"No column of {path.name} looks like the arm of an experiment.",
            remedy="It has 2 to 20 values, one of them the control, such as no e-mail.",
        )
    values = [str(v) for v in pc.unique(table.column(arm).cast(pa.string())).to_pylist()]
    control = next((v for w in _CONTROL_WORDS for v in values if v.lower() == w), values[0])
    triggers = {v: _trigger_key(v, arm) for v in sorted(values) if v != control}
    own = sorted({key for key in triggers.values() if key not in CATALOGUE})
    stem = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-") or "campaign"
    lines = [
        f"# Drafted from {path.name} ({table.num_rows:,} rows). Check every line, then:",
        f"#   aether import {path.name} --mapping THIS.toml --workspace W",
        'kind = "experiment"',
        "",
        "[campaign]",
        f"id = {_quoted(stem)}",
        f"name = {_quoted(path.stem)}",
        "# started_at = 2026-01-31T00:00:00Z",
        'design = "randomised"  # or "targeted", where a rule or a person chose who got what',
        '# channel = "email"',
        "",
        "[customer]",
        f"column = {_quoted(identity)}" if identity else "each_row = true",
        "",
        "[arm]",
        f"column = {_quoted(arm)}",
        f"control = {_quoted(control)}  # those who got nothing",
        "",
        "[arm.triggers]",
        *(f"{_quoted(value)} = {_quoted(key)}" for value, key in triggers.items()),
        "",
        "# State the probabilities that customers were assigned with, if you know them.",
        "# [arm.probabilities]",
        *(f"# {_quoted(value)} = {1 / len(values):.3f}" for value in values),
        "",
        f"# Triggers of the catalogue: {', '.join(CATALOGUE)}.",
    ]
    for key in own:
        lines += [
            f"[triggers.{key}]",
            f"name = {_quoted(key.replace('_', ' ').capitalize())}",
            'type = "informational"  # or "monetary", "psychological"',
            "# unit_cost = 0.05  # for each customer who is sent it",
            "",
        ]
    if not outcomes:
        lines.append("# No outcome was recognised: name at least one column.")
    for name, (column, kind) in outcomes.items():
        lines += [f"[outcomes.{name}]", f"column = {_quoted(column)}", f'kind = "{kind.value}"', ""]
    rest = [n for n in names if n not in {identity, arm, *(c for c, _ in outcomes.values())}]
    personal = [n for n in rest if n in PERSONAL]
    lines += [
        "# Columns that must not be features: known only after the campaign began, or personal.",
        "[ignore]",
        f"columns = [{', '.join(map(_quoted, personal))}]",
        "",
        "# Every other column becomes a field of the customer. Give it words a marketer uses.",
    ]
    for name in rest:
        if name in personal or name in STANDARD:
            continue
        lines += [f"[fields.{_key(name)}]", f"label = {_quoted(name.replace('_', ' '))}"]
        lines += [_type_line(name, table.column(name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _id_column(table: pa.Table) -> str | None:
    for name in table.column_names:
        named = re.fullmatch(r"(.*_)?(id|uuid|customer|user|person)(_id)?", name, re.IGNORECASE)
        column = table.column(name)
        if named and column.null_count == 0 and pc.count_distinct(column).as_py() == len(column):
            return str(name)
    return None


def _arm_column(table: pa.Table, exclude: set[str | None]) -> str | None:
    best: tuple[int, str] | None = None
    for name in table.column_names:
        if name in exclude or _outcome_of(name):
            continue
        levels = pc.unique(table.column(name).cast(pa.string())).to_pylist()
        if not 2 <= len(levels) <= _MAX_ARMS or None in levels:
            continue
        exact = 2 * any(name.lower() == word for word in _ARM_WORDS)
        by_name = any(word in name.lower() for word in _ARM_WORDS)
        by_value = 2 * any(str(level).lower() in _CONTROL_WORDS[:5] for level in levels)
        score = exact + by_name + by_value
        if score and (best is None or score > best[0]):
            best = (score, str(name))
    return best[1] if best else None


def _outcome_columns(
    table: pa.Table, exclude: set[str | None]
) -> dict[str, tuple[str, OutcomeKind]]:
    found: dict[str, tuple[str, OutcomeKind]] = {}
    for column in table.column_names:
        outcome = _outcome_of(column)
        if outcome and column not in exclude and outcome[0] not in found:
            found[outcome[0]] = (column, outcome[1])
    return found


def _outcome_of(column: str) -> tuple[str, OutcomeKind] | None:
    for pattern, name, kind in _OUTCOMES:
        if re.fullmatch(pattern, column, re.IGNORECASE):
            return name, kind
    return None


def _trigger_key(value: str, arm: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")
    if key in CATALOGUE:
        return key
    return key if key and key[0].isalpha() else f"{re.sub(r'[^a-z0-9]+', '_', arm.lower())}_{key}"


def _type_line(name: str, column: pa.ChunkedArray) -> str:
    try:
        kind = infer(name, column)
    except BadData as error:
        return f"# {error.message}"
    levels = pc.unique(column.drop_null())
    if kind is FieldType.INT and set(levels.to_pylist()) <= {"0", "1", 0, 1}:
        return 'type = "bool"'
    return f'# type = "{kind.value}"'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)
