"""An import keeps the whole experiment, or nothing: each fault is one line and changes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from aether.cli import main
from domain.customer import FieldType
from domain.errors import BadData
from domain.experiment import OutcomeKind
from storage import audit, definitions
from tests.workflows.company import MAPPING, Files, experiment, imported, write_files
from workflows.briefs import reader_context
from workflows.importing import import_experiment, import_file
from workflows.mapping import read_mapping
from workflows.workspace import PROFILES, Workspace

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


def test_the_command_line_says_what_was_imported(tmp_path: Path) -> None:
    files = write_files(tmp_path, experiment(ROWS))
    root = tmp_path / "shop"
    command = [sys.executable, "-c", "from aether.cli import main; main()", "import"]
    done = subprocess.run(
        [*command, files.data, "--mapping", files.mapping, "-w", root],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Imported 400 customers of Spring test" in done.stdout
    assert "Nothing speaks against the design" in done.stdout
    assert done.stderr == ""


def test_everything_of_the_file_is_kept(tmp_path: Path) -> None:
    table = experiment(ROWS)
    workspace = imported(tmp_path, table)
    profiles = workspace.current(PROFILES).table().sort_by("customer_id")
    for column in ("past_orders", "basket", "newsletter", "region"):
        assert profiles.column(column).to_pylist() == table.column(column).to_pylist()
    assert "opened_mail" not in profiles.column_names
    exposures = workspace.current("exposures@spring-26").table().sort_by("customer_id")
    names = {"holdout": "none", "ship": "free_shipping", "guide": "gift_guide"}
    assert exposures.column("trigger").to_pylist() == [
        names[value] for value in table.column("offer").to_pylist()
    ]
    outcomes = [dict(row) for row in exposures.column("outcomes").to_pylist()]
    assert [row["converted"] for row in outcomes] == table.column("bought").to_pylist()
    assert [row["revenue"] for row in outcomes] == table.column("spent").to_pylist()
    assert dict(exposures.column("propensities")[0].as_py()) == {
        "none": 0.3,
        "free_shipping": 0.35,
        "gift_guide": 0.35,
    }
    schema = workspace.schema()
    kinds = {name: schema[name].type for name in ("past_orders", "basket", "newsletter", "region")}
    assert kinds == {
        "past_orders": FieldType.INT,
        "basket": FieldType.FLOAT,
        "newsletter": FieldType.BOOL,
        "region": FieldType.STRING,
    }
    assert workspace.catalogue()["free_shipping"].unit_cost == 0.1
    assert workspace.catalogue()["gift_guide"].name == "Gift guide"
    assert workspace.outcomes()["converted"].kind is OutcomeKind.BINARY
    assert workspace.outcomes()["revenue"].source == "spent"
    with workspace.control.read() as session:
        (row,) = audit.entries(session)
        assert (row.action, row.subject, row.detail["rows"]) == ("import", "spring-26", ROWS)
        report = definitions.document(session, "design:spring-26")
    assert report is not None
    assert report["warnings"] == []
    assert sum(report["sizes"].values()) == ROWS


def test_parquet_gives_the_same_as_csv(tmp_path: Path) -> None:
    table = experiment(ROWS)
    category = table.column("region").combine_chunks().dictionary_encode()
    place = table.column_names.index("region")
    typed = table.set_column(place, "region", category)
    pq.write_table(typed, tmp_path / "experiment.parquet")
    first = imported(tmp_path / "csv", table)
    second = Workspace.create(tmp_path / "parquet" / "shop", buckets=4)
    mapping = read_mapping(tmp_path / "csv" / "mapping.toml")
    import_experiment(second, tmp_path / "experiment.parquet", mapping)
    for name in (PROFILES, "exposures@spring-26"):
        assert first.current(name).table() == second.current(name).table()
    assert dict(first.schema()) == dict(second.schema())


@pytest.mark.parametrize(
    ("values", "control", "treated"),
    [
        (["0", "1"], "0", '"1"'),
        ([0, 1], "0", "1"),
        ([0.0, 1.0], "0", '"1"'),
        ([0.0, 1.0], "0.0", '"1.0"'),
        ([1.5, 2.5], "1.5", '"2.5"'),
        ([False, True], "false", "true"),
        ([False, True], '"False"', '"True"'),
        (["no mail", "a mail"], '"no mail"', '"a mail"'),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_arms_of_any_kind_of_value(
    values: list[object], control: str, treated: str, form: str, tmp_path: Path
) -> None:
    rows = 60
    table = pa.table(
        {
            "arm": pa.array(values * (rows // 2)),
            "visit": [0, 1, 1] * (rows // 3),
            "age": list(range(rows)),
        }
    )
    path = tmp_path / f"file.{form}"
    if form == "csv":
        pacsv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        f'kind = "experiment"\n[campaign]\nid = "c"\n[customer]\neach_row = true\n'
        f'[arm]\ncolumn = "arm"\ncontrol = {control}\n[arm.triggers]\n{treated} = "social_proof"\n'
        f'[outcomes.visit]\ncolumn = "visit"\n'
    )
    _, done = import_file(tmp_path / "shop", path, read_mapping(mapping))
    assert done.arms == {"none": rows // 2, "social_proof": rows // 2}


def test_importing_a_campaign_again_replaces_it(tmp_path: Path) -> None:
    workspace = imported(tmp_path, experiment(ROWS))
    files = write_files(tmp_path / "again", experiment(300, seed=2))
    import_experiment(workspace, files.data, read_mapping(files.mapping))
    assert [campaign.campaign_id for campaign in workspace.campaigns()] == ["spring-26"]
    assert workspace.current("exposures@spring-26").rows == 300
    assert workspace.current(PROFILES).rows == 300


def test_the_newest_row_of_every_customer_counts(tmp_path: Path) -> None:
    workspace = imported(tmp_path, experiment(ROWS))
    older = experiment(500, seed=2).set_column(2, "past_orders", pa.array([90] * 500))
    text_ = MAPPING.replace("spring-26", "winter-25").replace("2026-02-01", "2025-12-01")
    files = write_files(tmp_path / "older", older, text_)
    import_experiment(workspace, files.data, read_mapping(files.mapping))
    rows = {
        row["customer_id"]: row["past_orders"]
        for row in workspace.current(PROFILES).table().to_pylist()
    }
    assert len(rows) == 500
    assert {rows[f"p{i:05d}"] for i in range(ROWS, 500)} == {90}
    assert 90 not in {rows[f"p{i:05d}"] for i in range(ROWS)}


def test_a_field_keeps_its_type_over_campaigns(tmp_path: Path) -> None:
    workspace = imported(tmp_path, experiment(ROWS))
    before = state(workspace.root)
    other = renamed("basket", "region")(renamed("region", "area")(experiment(ROWS, seed=2)))
    mapping = MAPPING.replace("spring-26", "autumn").replace("[fields.basket]", "[fields.area]")
    files = write_files(tmp_path / "other", other, mapping)
    with pytest.raises(BadData, match="'region'"):
        import_experiment(workspace, files.data, read_mapping(files.mapping))
    assert state(workspace.root) == before


def test_a_broken_experiment_is_flagged(tmp_path: Path) -> None:
    """The same file, with rows lost from one arm, and with an arm that depends on the basket."""
    table = experiment(4_000)
    offer = np.asarray(table.column("offer").to_pylist())
    rng = np.random.default_rng(1)
    lost = table.filter(pa.array((offer != "ship") | (rng.random(4_000) < 0.6)))
    basket = table.column("basket").to_numpy(zero_copy_only=False)
    chosen = table.filter(pa.array((offer != "ship") | (basket > 45)))

    def warnings(one: pa.Table, name: str) -> tuple[str, ...]:
        files: Files = write_files(tmp_path / name, one)
        _, done = import_file(tmp_path / name / "shop", files.data, read_mapping(files.mapping))
        return done.design.warnings

    assert warnings(table, "sound") == ()
    assert any("chi-square" in warning for warning in warnings(lost, "lost"))
    assert any("'basket'" in warning for warning in warnings(chosen, "chosen"))
    assert any("AUC" in warning for warning in warnings(chosen, "chosen again"))


def test_without_stated_probabilities_the_observed_shares_are_kept(tmp_path: Path) -> None:
    start, end = MAPPING.index("[arm.probabilities]"), MAPPING.index("[triggers.free")
    table = experiment(ROWS)
    workspace = imported(tmp_path, table, MAPPING[:start] + MAPPING[end:])
    kept = dict(workspace.current("exposures@spring-26").table().column("propensities")[0].as_py())
    shares = table.column("offer").to_pylist()
    assert kept["none"] == pytest.approx(shares.count("holdout") / ROWS)
    targeted = MAPPING[:start] + MAPPING[end:]
    targeted = targeted.replace('channel = "email"', 'channel = "email"\ndesign = "targeted"', 1)
    other = imported(tmp_path / "t", table, targeted)
    exposures = other.current("exposures@spring-26")
    assert exposures.table().column("propensities").null_count == ROWS
    assert exposures.meta["propensities_known"] is False


def test_a_campaign_without_a_start_began_now(tmp_path: Path) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    mapping = MAPPING.replace("started_at = 2026-02-01T00:00:00Z", "")
    workspace = imported(tmp_path, experiment(ROWS), mapping, now=lambda: now)
    assert workspace.campaigns()[0].started_at == now
    assert workspace.campaigns()[0].started_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", ["a shop", "l'été", "w[1]", "what*", "100%?", "emoji \U0001f600"])
def test_a_workspace_may_have_any_name(name: str, tmp_path: Path) -> None:
    files = write_files(tmp_path, experiment(ROWS))
    workspace, _ = import_file(tmp_path / name, files.data, read_mapping(files.mapping))
    workspace.close()
    again = Workspace.open(tmp_path / name)
    assert again.settings.name == name
    assert set(reader_context(again).values["region"]) == {"north", "south", "islands"}
    again.close()
    assert {path.name for path in tmp_path.iterdir()} == {"experiment.csv", "mapping.toml", name}
