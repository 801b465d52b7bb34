"""Training is honest: the reporting part is never learned from, and the card says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from domain.errors import NoEvidence, NotFound
from storage import audit, models
from storage.models import ModelRecord
from tests.workflows.company import MAPPING, OPTIONS, experiment, imported
from workflows.modelfiles import load_model
from workflows.training import train
from workflows.trainingdata import find_outcome, training_rows
from workflows.trainingsources import is_reporting
from workflows.workspace import PROFILES, Workspace

ROWS = 2_500


def record_of(workspace: Workspace, outcome: str = "converted") -> ModelRecord:
    with workspace.control.read() as session:
        return models.current(session)[outcome]


def learned_from(table: pa.Table, folder: Path) -> tuple[Workspace, ModelRecord]:
    workspace = imported(folder, table)
    return workspace, train(workspace, find_outcome(workspace, "converted"), OPTIONS)


def model_files(workspace: Workspace, record: ModelRecord) -> dict[str, str]:
    """What was fitted: the boosters, and how their effects are delivered."""
    folder = workspace.root / "models" / record.id
    return {p.name: p.read_text() for p in folder.iterdir() if p.name.startswith(("model", "out"))}


def test_reporting_rows_are_never_learned_from(tmp_path: Path) -> None:
    """Permuting the outcomes of the reporting customers changes the evaluation, not the model."""
    table = experiment(ROWS)
    first, before = learned_from(table, tmp_path / "as it is")
    salt = first.settings.salt
    ids = table.column("person").to_pylist()
    reporting = np.flatnonzero([is_reporting(salt, one) for one in ids])
    bought = table.column("bought").to_numpy().copy()
    bought[reporting] = np.random.default_rng(0).permutation(bought[reporting])
    place = table.column_names.index("bought")
    permuted = table.set_column(place, "bought", pa.array(bought))
    second, after = learned_from(permuted, tmp_path / "permuted")
    assert second.settings.salt == salt
    assert model_files(first, before) == model_files(second, after)
    scores = [w.snapshots.open(r.scores_id).table() for w, r in ((first, before), (second, after))]
    assert scores[0] == scores[1]
    evaluations = before.card["evaluation"], after.card["evaluation"]
    assert evaluations[0]["mixture"] == evaluations[1]["mixture"]
    assert evaluations[0]["effects"] != evaluations[1]["effects"]
    assert evaluations[0]["against_none"] != evaluations[1]["against_none"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model_and_another_seed_another(tmp_path: Path) -> None:
    table = experiment(ROWS)
    workspace, first = learned_from(table, tmp_path)
    outcome = find_outcome(workspace, "bought")
    again = train(workspace, outcome, OPTIONS)
    other = train(workspace, outcome, type(OPTIONS)(seed=4, n_jobs=1, folds=3))
    assert model_files(workspace, first) == model_files(workspace, again)
    assert first.card["evaluation"] == again.card["evaluation"]
    assert first.card["evaluation"]["against_none"] != other.card["evaluation"]["against_none"]
    with workspace.control.read() as session:
        current = {record.id for record in models.listed(session) if record.current}
    assert current == {other.id}


def test_thirty_percent_are_kept_for_reporting(trained: Workspace) -> None:
    rows = training_rows(trained, trained.campaigns(), find_outcome(trained, "converted"))
    assert rows.reporting.mean() == pytest.approx(0.3, abs=0.03)
    card = record_of(trained).card["evaluation"]
    assert card["reporting_rows"] == rows.reporting.sum()
    assert card["learning_rows"] == (~rows.reporting).sum()


def test_an_outcome_is_found_by_its_column_too(trained: Workspace) -> None:
    assert find_outcome(trained, "bought") == find_outcome(trained, "converted")
    with pytest.raises(NotFound, match="converted, revenue"):
        find_outcome(trained, "conversion")


def test_every_customer_has_scores_and_the_best_trigger_is_the_argmax(trained: Workspace) -> None:
    record = record_of(trained)
    scores = trained.snapshots.open(record.scores_id).table().sort_by("customer_id")
    profiles = trained.current(PROFILES).table(["customer_id"]).sort_by("customer_id")
    assert scores.column("customer_id") == profiles.column("customer_id")
    keys = ("free_shipping", "gift_guide")
    best = []
    for row in scores.to_pylist():
        worth = {key: row[f"net_value_for_{key}"] for key in keys}
        top = max(worth, key=lambda key: worth[key])
        best.append(top if worth[top] > 0 else "none")
    assert scores.column("best_trigger").to_pylist() == best
    assert set(best) == {*keys, "none"}, "the experiment is one that personalises"


def test_net_values_are_value_times_lift_less_cost(trained: Workspace) -> None:
    scores = trained.snapshots.open(record_of(trained).scores_id).table()
    for key, cost in (("free_shipping", 0.1), ("gift_guide", 0.2)):
        lift = scores.column(f"uplift_score_for_{key}").to_numpy()
        net = scores.column(f"net_value_for_{key}").to_numpy()
        np.testing.assert_allclose(net, 20.0 * lift - cost)


def test_the_model_finds_who_is_won_and_who_is_put_off(trained: Workspace) -> None:
    """Against the effects that the experiment was made with."""
    scores = trained.snapshots.open(record_of(trained).scores_id).table().sort_by("customer_id")
    people = trained.current(PROFILES).table().sort_by("customer_id")
    small = pc.fill_null(pc.less(people.column("basket"), 50), False).to_numpy()
    known = pc.is_valid(people.column("basket")).to_numpy()
    reader = people.column("newsletter").to_numpy(zero_copy_only=False)
    ship = scores.column("uplift_score_for_free_shipping").to_numpy()
    guide = scores.column("uplift_score_for_gift_guide").to_numpy()
    assert ship[small].mean() > 0.15 > 0 > ship[known & ~small].mean()
    assert guide[reader].mean() > 0.1 > 0 > guide[~reader].mean()


def test_the_card_is_kept_as_json_and_as_a_page_with_the_same_numbers(trained: Workspace) -> None:
    record = record_of(trained)
    folder = trained.root / "models" / record.id
    assert json.loads((folder / "card.json").read_text()) == record.card
    page = (folder / "card.html").read_text()
    evaluation = record.card["evaluation"]
    assert evaluation["verdict"].replace("'", "&#39;") in page
    for effect in evaluation["effects"].values():
        for part in ("value", "low", "high"):
            assert f"{effect[part] * 100:+.3f}" in page
    for gain in ("against_none", "against_best_single", "against_random"):
        assert f"{evaluation[gain]['value']:+.3f}" in page
    assert f"{evaluation['reporting_rows']:,}" in page
    assert len(re.findall('src="data:image/png;base64,', page)) == 4
    assert "http" not in re.sub(r'src="data:[^"]*"', "", page), "the page loads nothing"


def test_a_training_is_audited(trained: Workspace) -> None:
    record = record_of(trained)
    with trained.control.read() as session:
        row, promotion = audit.entries(session, record.id)
        assert audit.broken_at(session) is None
    assert (row.action, promotion.action) == ("train", "promote")
    assert row.detail["scores"] == record.scores_id
    assert row.detail["verdict"] == record.card["evaluation"]["verdict"]


def test_too_little_evidence_on_one_trigger_is_said_and_it_gets_no_scores(tmp_path: Path) -> None:
    table = experiment(ROWS)
    offer = np.asarray(table.column("offer").to_pylist())
    few = np.cumsum(offer == "guide") <= 40
    small = table.filter(pa.array((offer != "guide") | few))
    mapping = MAPPING[: MAPPING.index("[arm.prob")] + MAPPING[MAPPING.index("[triggers.free") :]
    workspace = imported(tmp_path, small, mapping)
    record = train(workspace, find_outcome(workspace, "converted"), OPTIONS)
    refused = record.card["evaluation"]["effects"]["gift_guide"]
    assert "value" not in refused
    assert re.search(r"\d+ customers who got it.*50 and 15 are needed", refused["reason"])
    scores = workspace.snapshots.open(record.scores_id).table()
    assert "net_value_for_gift_guide" not in scores.column_names
    assert "gift_guide" not in set(scores.column("best_trigger").to_pylist())
    assert load_model(workspace, record.id).judged == ("free_shipping",)
    assert (
        refused["reason"].replace("'", "&#39;")
        in (workspace.root / "models" / record.id / "card.html").read_text()
    )


def test_without_evidence_nothing_is_kept(tmp_path: Path) -> None:
    workspace = imported(tmp_path, experiment(60))
    before = sorted(workspace.root.rglob("*"))
    with pytest.raises(NoEvidence, match="Not enough evidence on 'free_shipping'"):
        train(workspace, find_outcome(workspace, "converted"), OPTIONS)
    assert sorted(p for p in workspace.root.rglob("*") if "control.db" not in p.name) == [
        p for p in before if "control.db" not in p.name
    ]
    with workspace.control.read() as session:
        assert models.listed(session) == []


def test_a_companys_columns_are_never_taken_for_our_own(tmp_path: Path) -> None:
    """Columns named as the evidence's own parts once were."""
    table = experiment(ROWS).rename_columns(
        [
            "person",
            "offer",
            "arm",
            "basket",
            "cluster",
            "baseline",
            "opened_mail",
            "bought",
            "spent",
        ]
    )
    mapping = MAPPING.replace("[fields.past_orders]", "[fields.arm]")
    mapping = mapping.replace("[fields.newsletter]", "[fields.cluster]")
    plain, expected = learned_from(experiment(ROWS), tmp_path / "plain")
    workspace = imported(tmp_path / "odd", table, mapping)
    record = train(workspace, find_outcome(workspace, "converted"), OPTIONS)
    assert record.card["evaluation"]["effects"] == expected.card["evaluation"]["effects"]
    evidence = workspace.snapshots.open(record.evidence_id).table()
    assert len(set(evidence.column_names)) == len(evidence.column_names)
    for column in ("@arm", "@aipw_free_shipping"):
        other = plain.snapshots.open(expected.evidence_id).table()
        assert evidence.column(column) == other.column(column)


def test_money_outcomes_count_the_whole_revenue_without_a_margin(own: Workspace) -> None:
    record = train(own, find_outcome(own, "revenue"), OPTIONS)
    assert any("margin_rate" in remark for remark in record.card["remarks"])
    assert record.card["economics"]["value_per_unit"] == 1.0
    with own.control.read() as session:
        assert set(models.current(session)) == {"converted", "revenue"}


def test_an_unknown_campaign_is_refused(own: Workspace) -> None:
    with pytest.raises(NotFound, match="spring-26"):
        train(own, find_outcome(own, "converted"), type(OPTIONS)(campaign="summer"))
