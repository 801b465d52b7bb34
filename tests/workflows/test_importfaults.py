"""An import keeps the whole experiment, or nothing: each fault is one line and changes nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from aether.cli import main
from tests.workflows.company import MAPPING, experiment, imported, write_files
from workflows.workspace import Workspace

ROWS = 400
Fault = Callable[[pa.Table], pa.Table]


def with_value(column: str, row: int, value: object) -> Fault:
    """The file with one cell replaced (`row` from 1), its column as text."""

    def change(table: pa.Table) -> pa.Table:
        cells = [None if v is None else str(v) for v in table.column(column).to_pylist()]
        cells[row - 1] = None if value is None else str(value)
        place = table.column_names.index(column)
        return table.set_column(place, column, pa.array(cells, pa.string()))

    return change


def renamed(column: str, to: str) -> Fault:
    return lambda t: t.rename_columns([to if n == column else n for n in t.column_names])


def added(column: str, values: list[object]) -> Fault:
    return lambda t: t.append_column(column, pa.array((values * t.num_rows)[: t.num_rows]))


def as_it_is(table: pa.Table) -> pa.Table:
    return table


def state(root: Path) -> object:
    """Everything that a workspace holds: its files, and every row of its control plane."""
    if not root.exists():
        return None
    files = sorted(str(p.relative_to(root)) for p in root.rglob("*") if "control.db" not in p.name)
    workspace = Workspace.open(root)
    with workspace.control.read() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type='table'")).all()
        rows = {name: session.execute(text(f"SELECT * FROM {name}")).all() for name in tables}
    workspace.close()
    return files, rows


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["aether", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), capsys.readouterr().err


FAULTS: dict[str, tuple[Fault, str, tuple[str, ...]]] = {
    "missing id column": (renamed("person", "who"), MAPPING, ("no column 'person'",)),
    "missing arm column": (renamed("offer", "x"), MAPPING, ("no column 'offer'",)),
    "missing outcome column": (renamed("spent", "x"), MAPPING, ("no column 'spent'",)),
    "missing field column": (renamed("basket", "x"), MAPPING, ("no column 'basket'",)),
    "missing ignored column": (renamed("opened_mail", "x"), MAPPING, ("'opened_mail'",)),
    "mixed type": (with_value("past_orders", 7, "many"), MAPPING, ("'past_orders'", "row 7")),
    "double id": (with_value("person", 9, "p00002"), MAPPING, ("'p00002'", "rows 3 and 9")),
    "null id": (with_value("person", 5, None), MAPPING, ("Row 5", "'person'")),
    "blank id": (with_value("person", 5, "  "), MAPPING, ("Row 5", "'person'")),
    "null arm": (with_value("offer", 4, None), MAPPING, ("Row 4", "'offer'")),
    "unknown arm": (with_value("offer", 4, "sms"), MAPPING, ("Row 4", "'sms'", "'offer'")),
    "no control": (
        lambda t: t.filter(pa.array([v != "holdout" for v in t.column("offer").to_pylist()])),
        MAPPING,
        ("'holdout'", "no control"),
    ),
    "an arm without rows": (
        lambda t: t.filter(pa.array([v != "guide" for v in t.column("offer").to_pylist()])),
        MAPPING,
        ("'gift_guide'",),
    ),
    "outcome of 2": (with_value("bought", 6, 2), MAPPING, ("'bought'", "row 6", "0 or 1")),
    "outcome in words": (with_value("bought", 6, "yes"), MAPPING, ("'bought'", "row 6", "'yes'")),
    "null outcome": (with_value("spent", 8, None), MAPPING, ("Row 8", "'spent'")),
    "NaN outcome": (with_value("spent", 8, "NaN"), MAPPING, ("row 8", "'spent'")),
    "infinite outcome": (with_value("spent", 8, "1e999"), MAPPING, ("row 8", "'spent'")),
    "infinite outcome in letters": (with_value("spent", 8, "inf"), MAPPING, ("row 8", "'spent'")),
    "absurd outcome": (with_value("spent", 8, "1e300"), MAPPING, ("row 8", "'spent'")),
    "infinite field": (with_value("basket", 2, "1e999"), MAPPING, ("row 2", "'basket'")),
    "absurd field": (with_value("basket", 2, "-1e300"), MAPPING, ("row 2", "'basket'")),
    "half an order": (
        with_value("past_orders", 3, "1.5"),
        MAPPING.replace('column = "spent"', 'column = "past_orders"\nkind = "count"').replace(
            '[fields.past_orders]\nlabel = "orders before"\n', ""
        ),
        ("'past_orders'", "row 3", "whole number"),
    ),
    "personal column": (
        renamed("region", "email_address"),
        MAPPING,
        ("'email_address'", "personal"),
    ),
    "personal column in capitals": (renamed("region", "First Name"), MAPPING, ("personal",)),
    "addresses by another name": (
        added("contact", ["ann@example.com", "bob@example.org"]),
        MAPPING,
        ("'contact'", "e-mail addresses"),
    ),
    "a name of ours": (renamed("region", "best_trigger"), MAPPING, ("'best_trigger'",)),
    "a score of ours": (
        renamed("region", "uplift_score_for_free_shipping"),
        MAPPING,
        ("'uplift_score_for_free_shipping'",),
    ),
    "a standard field of another type": (
        renamed("region", "lifetime_orders"),
        MAPPING,
        ("'lifetime_orders'", "row 1"),
    ),
    "a nested standard field": (
        renamed("region", "transaction_history"),
        MAPPING,
        ("transaction_history", "nested"),
    ),
    "nothing on the customers": (
        lambda t: t.select(["person", "offer", "opened_mail", "bought", "spent"]),
        MAPPING[: MAPPING.index("[fields.")] + '[ignore]\ncolumns = ["opened_mail"]\n',
        ("no column that describes",),
    ),
    "two columns, one field": (added("Region", [1]), MAPPING, ("'Region'",)),
    "probabilities over 1": (as_it_is, MAPPING.replace("= 0.3\n", "= 0.4\n"), ("1.1",)),
    "a probability missing": (as_it_is, MAPPING.replace("ship = 0.35\n", ""), ("probability",)),
    "unknown trigger": (
        as_it_is,
        MAPPING.replace('guide = "gift_guide"', 'guide = "gift_gide"'),
        ("'gift_gide'",),
    ),
    "row probabilities": (
        lambda t: added("q", [0.5])(added("p", [0.6])(t)),
        MAPPING.replace(
            "[arm.probabilities]\nholdout = 0.3\nship = 0.35\nguide = 0.35",
            '[arm.probability_columns]\nholdout = "p"\nship = "q"\nguide = "q"',
        ),
        ("row 1", "add up to 1"),
    ),
    "not a mapping": (as_it_is, "kind = ", ("mapping.toml", "not TOML")),
    "another kind": (as_it_is, MAPPING.replace('"experiment"', '"joy"'), ("kind",)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_and_leaves_nothing(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change, mapping, says = FAULTS[name]
    files = write_files(tmp_path / "new", change(experiment(ROWS)), mapping)
    root = tmp_path / "shop"
    command = ("import", files.data, "--mapping", files.mapping, "--workspace", root)
    code, words = run(monkeypatch, capsys, *command)
    assert code == 2
    assert words.startswith("error: ")
    assert words.count("\n") == 1
    for part in says:
        assert part in words
    assert not root.exists()


@pytest.mark.parametrize("name", ["mixed type", "no control", "unknown trigger", "personal column"])
def test_after_a_fault_a_workspace_is_as_before(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    imported(tmp_path, experiment(ROWS)).close()
    root = tmp_path / "shop"
    before = state(root)
    change, mapping, _ = FAULTS[name]
    files = write_files(tmp_path / "new", change(experiment(ROWS, seed=2)), mapping)
    command = ("import", files.data, "--mapping", files.mapping, "--workspace", root)
    assert run(monkeypatch, capsys, *command)[0] == 2
    assert state(root) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"person,offer\n", "has no rows"),
        (b"person,offer\np1,holdout\np2\n", "Row #3"),
        (b"person,offer\np1,\xff\xfe\n", "can't be read"),
    ],
)
def test_a_broken_file_leaves_nothing(
    content: bytes,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = write_files(tmp_path, experiment(10))
    files.data.write_bytes(content)
    root = tmp_path / "shop"
    command = ("import", files.data, "--mapping", files.mapping, "--workspace", root)
    code, words = run(monkeypatch, capsys, *command)
    assert (code, words.count("\n")) == (2, 1)
    assert says in words
    assert not root.exists()
