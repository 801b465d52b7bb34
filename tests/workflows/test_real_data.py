"""Real experiments through the front door: Hillstrom's e-mails, and the NSW job training."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from storage.models import ModelRecord
from workflows.importing import Imported, import_file
from workflows.mapping import read_mapping
from workflows.training import TrainingOptions, train
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

EXAMPLE = Path(__file__).parents[2] / "examples" / "hillstrom.toml"
RAW = {"mens_email": (0.0766, 0.0034), "womens_email": (0.0452, 0.0032)}


@pytest.fixture(scope="module")
def hillstrom(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workspace, Imported]:
    root = tmp_path_factory.mktemp("hillstrom") / "workspace"
    return import_file(root, shared_data / "hillstrom" / "hillstrom.csv", read_mapping(EXAMPLE))


@pytest.fixture(scope="module")
def visits(hillstrom: tuple[Workspace, Imported]) -> ModelRecord:
    workspace, _ = hillstrom
    return train(workspace, find_outcome(workspace, "visit"), TrainingOptions(n_jobs=1))


def test_hillstrom_is_imported_whole_and_balanced(hillstrom: tuple[Workspace, Imported]) -> None:
    workspace, done = hillstrom
    assert done.rows == 64_000
    assert done.design.warnings == ()
    exposures = workspace.current("exposures@minethatdata-2008").table()
    visited = pc.map_lookup(exposures.column("outcomes"), pa.scalar("visit"), "first")
    share = {
        arm: pc.mean(visited.filter(pc.equal(exposures.column("trigger"), arm))).as_py()
        for arm in ("none", *RAW)
    }
    for arm, (lift, _) in RAW.items():
        assert share[arm] - share["none"] == pytest.approx(lift, abs=0.00005)


def test_hillstrom_visits_are_found_again_on_the_reporting_part(visits: ModelRecord) -> None:
    evaluation = visits.card["evaluation"]
    for arm, (lift, _) in RAW.items():
        effect = evaluation["effects"][arm]
        assert abs(effect["value"] - lift) < 3 * effect["se"]
    gain = evaluation["against_best_single"]
    assert evaluation["best_single"] == "mens_email"
    assert gain["value"] >= -gain["se"]
    assert gain["value"] > -0.0034


def test_hillstrom_spend_says_how_wide_its_interval_is(
    hillstrom: tuple[Workspace, Imported],
) -> None:
    workspace, _ = hillstrom
    record = train(workspace, find_outcome(workspace, "spend"), TrainingOptions(n_jobs=1))
    gain = record.card["evaluation"]["against_none"]
    assert gain["low"] < gain["value"] < gain["high"]
    page = (workspace.root / "models" / record.id / "card.html").read_text()
    assert f"{gain['low']:+.3f} to {gain['high']:+.3f}" in page


NSW = """
kind = "experiment"
[campaign]
id = "nsw"
[customer]
each_row = true
[arm]
column = "treat"
control = 0
[arm.triggers]
1 = "job_training"
[triggers.job_training]
type = "informational"
[outcomes.revenue]
column = "re78"
[ignore]
columns = ["data_id"]
"""


def test_nsw_is_sound_alone_and_flagged_with_controls_of_another_source(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "causaldata_nsw"
    nsw, cps = (pq.read_table(folder / f"{name}_mixtape.parquet") for name in ("nsw", "cps"))
    mapping = tmp_path / "nsw.toml"
    mapping.write_text(NSW)

    def done(name: str, table: pa.Table) -> tuple[Workspace, Imported]:
        pq.write_table(table, tmp_path / f"{name}.parquet")
        path = tmp_path / f"{name}.parquet"
        return import_file(tmp_path / name, path, read_mapping(mapping))

    workspace, alone = done("alone", nsw)
    assert alone.design.warnings == ()
    exposures = workspace.current("exposures@nsw").table()
    earned = pc.map_lookup(exposures.column("outcomes"), pa.scalar("revenue"), "first")
    treated = pc.equal(exposures.column("trigger"), "job_training")
    difference = (
        pc.mean(earned.filter(treated)).as_py() - pc.mean(earned.filter(pc.invert(treated))).as_py()
    )
    assert difference == pytest.approx(1794, abs=1)
    _, mixed = done("mixed", pa.concat_tables([nsw, cps], promote_options="permissive"))
    assert mixed.design.warnings
    assert any("biased" in warning for warning in mixed.design.warnings)
