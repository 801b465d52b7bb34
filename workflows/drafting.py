"""A mapping to edit, drafted from what a file looks like."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from domain.customer import PERSONAL, STANDARD, FieldType
from domain.errors import BadData
from domain.experiment import OutcomeKind
from domain.triggers import CATALOGUE, NO_TRIGGER
from workflows.mapping import arm_value
from workflows.reading import field_name, infer, read_table
from workflows.toml import quoted

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
    values = _levels(table.column(arm))
    control = next((v for w in _CONTROL_WORDS for v in values if v.lower() == w), values[0])
    triggers = _trigger_keys([v for v in sorted(values) if v != control])
    own = sorted({key for key in triggers.values() if key not in CATALOGUE})
    stem = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-")[:100] or "campaign"
    lines = [
        f"# Drafted from {path.name!r} ({table.num_rows:,} rows). Check every line, then:",
        f"#   aether import {path.name!r} --mapping THIS.toml --workspace W",
        'kind = "experiment"',
        "",
        "[campaign]",
        f"id = {quoted(stem)}",
        f"name = {quoted(path.stem)}",
        "# started_at = 2026-01-31T00:00:00Z",
        'design = "randomised"  # or "targeted", where a rule or a person chose who got what',
        '# channel = "email"',
        "",
        "[customer]",
        f"column = {quoted(identity)}" if identity else "each_row = true",
        "",
        "[arm]",
        f"column = {quoted(arm)}",
        f"control = {quoted(control)}  # those who got nothing",
        "",
        "[arm.triggers]",
        *(f"{quoted(value)} = {quoted(key)}" for value, key in triggers.items()),
        "",
        "# State the probabilities that customers were assigned with, if you know them.",
        "# [arm.probabilities]",
        *(f"# {quoted(value)} = {1 / len(values):.3f}" for value in values),
        "",
        f"# Triggers of the catalogue: {', '.join(CATALOGUE)}.",
    ]
    for key in own:
        lines += [
            f"[triggers.{key}]",
            f"name = {quoted(key.replace('_', ' ').capitalize())}",
            'type = "informational"  # or "monetary", "psychological"',
            "# unit_cost = 0.05  # for each customer who is sent it",
            "",
        ]
    if not outcomes:
        lines.append("# No outcome was recognised: name at least one column.")
    for name, (column, kind) in outcomes.items():
        lines += [f"[outcomes.{name}]", f"column = {quoted(column)}", f'kind = "{kind.value}"', ""]
    rest = [n for n in names if n not in {identity, arm, *(c for c, _ in outcomes.values())}]
    personal = [n for n in rest if field_name(n).lower() in PERSONAL]
    lines += [
        "# Columns that must not be features: known only after the campaign began, or personal.",
        "[ignore]",
        f"columns = [{', '.join(map(quoted, personal))}]",
        "",
        "# Every other column becomes a field of the customer. Give it words a marketer uses.",
    ]
    for name in rest:
        if name in personal or name in STANDARD:
            continue
        lines += [f"[fields.{_key(name)}]", f"label = {quoted(name.replace('_', ' '))}"]
        lines += [_type_line(name, table.column(name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _id_column(table: pa.Table) -> str | None:
    for name in table.column_names:
        named = re.fullmatch(r"(.*_)?(id|uuid|customer|user|person)(_id)?", name, re.IGNORECASE)
        column = table.column(name)
        if not named or column.null_count or pa.types.is_nested(column.type):
            continue
        if pc.count_distinct(column).as_py() == len(column):
            return str(name)
    return None


def _arm_column(table: pa.Table, exclude: set[str | None]) -> str | None:
    best: tuple[int, str] | None = None
    for name in table.column_names:
        if name in exclude or _outcome_of(name):
            continue
        column = table.column(name)
        if pa.types.is_nested(column.type) or column.null_count:
            continue
        levels = _levels(column)
        if not 2 <= len(levels) <= _MAX_ARMS or "" in levels:
            continue
        exact = 2 * any(name.lower() == word for word in _ARM_WORDS)
        by_name = any(word in name.lower() for word in _ARM_WORDS)
        by_value = 2 * any(level.lower() in _CONTROL_WORDS[:5] for level in levels)
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


def _levels(column: pa.ChunkedArray) -> list[str]:
    """The distinct values as the mapping writes them."""
    return list(dict.fromkeys(arm_value(value) for value in pc.unique(column).to_pylist()))


def _trigger_keys(values: list[str]) -> dict[str, str]:
    """A trigger's key for each value: the words of the value, numbered where they are the same."""
    keys: dict[str, str] = {}
    for value in values:
        words = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")
        named = words if words[:1].isalpha() else f"offer_{words}".rstrip("_")
        key, number = named[:60], 2
        while key in keys.values() or key == NO_TRIGGER:
            key, number = f"{named[:57]}_{number}", number + 1
        keys[value] = key
    return keys


def _type_line(name: str, column: pa.ChunkedArray) -> str:
    try:
        kind = infer(name, column)
    except BadData as error:
        return f"# {error.message}"
    if kind is FieldType.INT and set(column.to_pylist()) <= {"0", "1", 0, 1, None}:
        return 'type = "bool"'
    return f'# type = "{kind.value}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)
