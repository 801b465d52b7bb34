"""The command line: what it prints, how it ends, and how little it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from activation_api.schemas import PlanOut
from domain.objective import CampaignObjective
from domain.reasons import CustomerWhy
from tests.aether.conftest import Run


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in (
        "import",
        "synth",
        "train",
        "interpret",
        "brief",
        "why",
        "serve",
        "demo",
        "discover",
        "keys",
        "models",
    ):
        assert f" {name} " in out


def test_the_command_line_loads_nothing_heavy() -> None:
    heavy = ("pandas", "numpy", "lightgbm", "duckdb", "fastapi", "sqlalchemy", "pyarrow")
    script = f"import sys, aether.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_brief_is_read_without_a_workspace(run: Run) -> None:
    text = "Win back customers who have not bought in 60 days"
    code, out, _ = run("interpret", text, "--json")
    objective = CampaignObjective.model_validate_json(out)
    assert (code, objective.brief, objective.campaign_goal) == (0, text, "win_back")
    code, out, _ = run("interpret", text)
    assert "win_back" in out
    assert "days since the last purchase at least 60" in out


def test_lines_of_briefs_become_lines_of_objectives(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "briefs.jsonl"
    lines = [{"id": 1, "brief": "Reduce churn"}, {"id": "b", "brief": "Größere Körbe \x00"}]
    path.write_text("\n\n".join(json.dumps(line) for line in lines))
    code, out, _ = run("interpret", "--file", path)
    assert code == 0
    found = [json.loads(line) for line in out.splitlines()]
    assert [row["id"] for row in found] == [1, "b"]
    assert [row["objective"]["brief"] for row in found] == [line["brief"] for line in lines]
    path.write_text('{"id": 1}\n')
    code, _, errors = run("interpret", "--file", path)
    assert (code, errors.count("\n")) == (2, 1)
    assert "Line 1" in errors


def test_a_brief_becomes_segments(run: Run, shop: Path) -> None:
    code, out, _ = run("brief", "Increase conversion", "-w", shop, "--json")
    plan = PlanOut.model_validate_json(out)
    assert code == 0
    assert plan.eligible == 6_000
    assert len(plan.segments) == 2
    code, out, _ = run("brief", "Increase conversion", "-w", shop)
    assert "6,000 customers are eligible" in out
    assert "We recommend Gift guide" in out


def test_rules_are_shown_where_they_are_asked_for(run: Run, shop: Path) -> None:
    code, out, _ = run("brief", "Increase conversion", "-w", shop, "--rules")
    assert code == 0
    assert out.count("Rule (an approximation): ") == 2
    assert "meet the exact criteria, and of all who do it finds" in out.replace("\n", " ")
    assert out.count("of the full policy's value") == 1
    code, out, _ = run("brief", "Increase conversion", "-w", shop)
    assert "approximation" not in out


def test_why_a_customer_is_in_a_segment_or_not(run: Run, shop: Path) -> None:
    _, out, _ = run("brief", "Increase conversion", "-w", shop, "--json")
    plan = PlanOut.model_validate_json(out)
    segment = next(s for s in plan.segments if s.recommended_trigger == "gift_guide").segment_id
    code, out, _ = run("why", "p00001", "--segment", segment, "-w", shop)
    assert code == 0
    assert out.startswith("p00001 is ")
    assert out.count("\n") > 2, "a thought a line"
    code, out, _ = run("why", "p00001", "--segment", segment, "-w", shop, "--json")
    assert CustomerWhy.model_validate_json(out).segment_id == segment
    for words in (("p0", segment), ("p00001", "seg_0")):
        code, out, errors = run("why", words[0], "--segment", words[1], "-w", shop)
        assert (code, out, errors.count("\n")) == (2, "", 1)


def test_open_questions_end_with_2(run: Run, shop: Path) -> None:
    code, _, errors = run("brief", "Win back who has not bought in 60 days", "-w", shop, "--json")
    assert (code, errors.count("\n")) == (2, 1)
    assert "questions open" in errors


@pytest.mark.parametrize(
    "words",
    [
        ("train",),
        ("brief", "more visits"),
        ("keys", "list"),
        ("models", "list"),
        ("serve",),
        ("interpret", "x"),
    ],
)
def test_an_unknown_workspace_is_one_line(run: Run, words: tuple[str, ...], tmp_path: Path) -> None:
    code, out, errors = run(*words, "--workspace", tmp_path / "none")
    assert (code, out, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("error: ")
    assert "is not a workspace" in errors
    assert not (tmp_path / "none").exists()


def test_keys_are_made_listed_and_revoked(run: Run, shop: Path) -> None:
    _, out, _ = run("keys", "create", "--name", "crm", "-w", shop)
    secret = out.splitlines()[-1]
    identity = secret.split("_")[1]
    _, out, _ = run("keys", "list", "-w", shop)
    assert identity in out
    assert "crm" in out
    assert secret not in out
    assert "revoked" in run("keys", "revoke", identity, "-w", shop)[1]
    code, _, errors = run("keys", "revoke", "nobody", "-w", shop)
    assert (code, errors.count("\n")) == (2, 1)


def test_models_are_listed_with_their_looks(run: Run, shop: Path) -> None:
    run("brief", "Increase conversion", "-w", shop)
    _, out, _ = run("models", "list", "-w", shop)
    assert "mdl-converted-" in out
    assert out.rstrip().endswith("2")


def test_a_training_is_logged_where_the_environment_says(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://store")
    monkeypatch.setenv("AETHER_THREADS", "1")
    code, out, _ = run("train", "-w", shop, "--outcome", "converted")
    assert code == 0
    assert "Not logged to MLflow" in out
    assert "nonsense" in out


def test_an_unknown_outcome_is_one_line(run: Run, shop: Path) -> None:
    code, _, errors = run("train", "-w", shop, "--outcome", "clicks")
    assert (code, errors.count("\n")) == (2, 1)
    assert "converted, revenue" in errors


@pytest.mark.parametrize("where", ["option", "setting"])
def test_a_cluster_that_is_not_there_is_one_line(
    run: Run, shop: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.cluster.PATIENCE_SECONDS", 1)
    address = "tcp://127.0.0.1:1"
    if where == "setting":
        monkeypatch.setenv("AETHER_CLUSTER", address)
    words = ("--cluster", address) if where == "option" else ()
    code, _, errors = run("train", "-w", shop, "--outcome", "converted", *words)
    assert (code, errors.count("\n")) == (2, 1)
    assert f"No Dask scheduler answers at {address}." in errors


def test_a_draft_goes_to_standard_output(run: Run, shop: Path) -> None:
    code, out, _ = run("import", shop.parent / "none.csv", "--draft")
    assert (code, out) == (2, "")


@pytest.mark.slow
def test_the_demo_does_the_whole_job(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "demo"
    code, out, _ = run("demo", "--size", "3000", "--no-serve", "-w", root)
    assert code == 0
    assert "customers are eligible" in out
    code, again, _ = run("demo", "--no-serve", "-w", root)
    assert code == 0
    assert "there already" in again
