"""Campaigns that offered different triggers are learned from together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.workflows.company import MAPPING, NOW, OPTIONS, experiment, imported, write_files
from workflows.importing import import_experiment
from workflows.mapping import read_mapping
from workflows.modelscores import AIPW
from workflows.training import train
from workflows.trainingdata import choose_campaigns, find_outcome, training_rows
from workflows.workspace import Workspace

ROWS = 2_500
SECOND = (
    MAPPING.replace("spring-26", "winter-26")
    .replace("2026-02-01", "2026-01-01")
    .replace('guide = "gift_guide"\n', "")
    .replace("holdout = 0.3\nship = 0.35\nguide = 0.35", "holdout = 0.4615385\nship = 0.5384615")
)


def second_experiment() -> pa.Table:
    """Other customers, who could get free shipping or nothing."""
    table = experiment(ROWS, seed=8)
    table = table.filter(pa.array([offer != "guide" for offer in table["offer"].to_pylist()]))
    ids = pa.array([f"q{i:05d}" for i in range(table.num_rows)])
    return table.set_column(0, "person", ids)


def with_two_campaigns(folder: Path) -> Workspace:
    workspace = imported(folder, experiment(ROWS))
    files = write_files(folder / "second", second_experiment(), SECOND)
    import_experiment(workspace, files.data, read_mapping(files.mapping))
    return workspace


def test_campaigns_with_other_arms_pool_and_each_arm_is_judged_where_it_was_on_offer(
    tmp_path: Path,
) -> None:
    workspace = with_two_campaigns(tmp_path)
    outcome = find_outcome(workspace, "converted")
    campaigns = choose_campaigns(workspace, outcome, None)
    assert [one.campaign_id for one in campaigns] == ["winter-26", "spring-26"]
    rows = training_rows(workspace, campaigns, outcome)
    data = rows.dataset
    assert data.arms == ("none", "free_shipping", "gift_guide")
    winter = data.campaign == 0
    assert (data.propensity[winter, 2] == 0).all()
    assert (data.propensity[~winter, 2] == 0.35).all()
    assert data.n == ROWS + second_experiment().num_rows

    record = train(workspace, outcome, OPTIONS)
    effects = record.card["evaluation"]["effects"]
    assert effects["free_shipping"]["n"] == rows.reporting.sum()
    assert effects["gift_guide"]["n"] == (rows.reporting & ~winter).sum()
    evidence = workspace.snapshots.open(record.evidence_id).table()
    known = np.isfinite(evidence.column(f"{AIPW}gift_guide").to_numpy())
    assert known.sum() == (rows.reporting & ~winter).sum()


def test_one_campaign_alone_can_be_named(tmp_path: Path) -> None:
    workspace = with_two_campaigns(tmp_path)
    options = type(OPTIONS)(campaign="winter-26", seed=3, n_jobs=1, folds=3)
    record = train(workspace, find_outcome(workspace, "converted"), options)
    assert set(record.card["evaluation"]["effects"]) == {"free_shipping"}
    assert workspace.now() == NOW
