"""What an import keeps of an experiment: every row and column, with types, shares and times."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from domain.customer import FieldType
from domain.errors import BadData
from domain.experiment import OutcomeKind
from storage import audit, definitions
from tests.workflows.company import MAPPING, Files, experiment, imported, write_files
from tests.workflows.test_importfaults import ROWS, renamed, state
from workflows.briefs import reader_context
from workflows.importing import import_experiment, import_file
from workflows.mapping import read_mapping
from workflows.workspace import PROFILES, Workspace


@pytest.mark.slow
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
