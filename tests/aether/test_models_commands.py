"""`aether models`: the life of a model from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import audit
from tests.aether.conftest import Run
from tests.workflows.company import copied
from tests.workflows.retrained import ids, retrained
from workflows.workspace import Workspace


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A workspace with a model that was current, one that is, and a worse one; to be changed."""
    base = tmp_path_factory.getbasetemp()
    workspace = copied(retrained(base / "company", base / "retrained"), tmp_path)
    workspace.close()
    return workspace.root


@pytest.fixture
def names(shop: Path) -> list[str]:
    return ids(Workspace.open(shop))


def standings(run: Run, shop: Path) -> list[str]:
    _, out, _ = run("models", "list", "-w", shop)
    lines = [line.split("converted", 2)[-1].strip() for line in out.splitlines()[1:]]
    return [line[: line.index("  ")] for line in lines]


@pytest.mark.slow
def test_the_list_says_how_each_stands(run: Run, shop: Path) -> None:
    assert standings(run, shop) == ["current before", "current", "not current"]


def test_show_tells_what_a_model_was_made_from(run: Run, shop: Path, names: list[str]) -> None:
    code, out, _ = run("models", "show", names[1], "-w", shop)
    assert code == 0
    for part in (
        "exposures of spring-26",
        "aethersegment",
        "seed, folds",
        "9, 3",
        f"against {names[0]}",
        "gift_guide",
        "population stability index",
        "as it was",
        "card.html",
    ):
        assert part in out
    assert "--force" not in out
    _, out, _ = run("models", "show", names[2], "-w", shop)
    assert "worse, beyond noise" in out
    assert f"aether models promote {names[2]} --force --reason" in out


def test_compare_prints_both_values_and_the_rule(run: Run, shop: Path, names: list[str]) -> None:
    code, out, _ = run("models", "compare", names[2], "-w", shop)
    assert code == 0
    assert f"{names[1]} (current)" in out
    assert "difference" in out
    assert "worse, beyond noise" in out
    assert "unless the whole 95 % interval" in out
    assert run("models", "compare", names[2], names[0], "-w", shop)[0] == 0


def test_a_worse_model_is_promoted_by_force_only_and_rolled_back(
    run: Run, shop: Path, names: list[str]
) -> None:
    code, out, errors = run("models", "promote", names[2], "-w", shop)
    assert (code, out, errors.count("\n")) == (2, "", 1)
    assert "worse, beyond noise" in errors
    assert "--force" in errors
    code, _, errors = run("models", "promote", names[2], "--force", "-w", shop)
    assert (code, errors.count("\n")) == (2, 1)
    assert "reason" in errors
    assert run("models", "promote", names[2], "--reason", "so", "-w", shop)[0] == 2
    assert standings(run, shop)[1] == "current"
    code, out, _ = run(
        "models", "promote", names[2], "--force", "--reason", "one offer for all", "-w", shop
    )
    assert code == 0
    assert "promoted by force (one offer for all)" in out
    assert standings(run, shop) == ["current before", "current before", "current"]
    with Workspace.open(shop).control.read() as session:
        row = audit.entries(session, names[2])[-1]
    assert (row.action, row.detail["forced_because"]) == ("promote", "one offer for all")
    code, out, _ = run("models", "rollback", "converted", "-w", shop, "--reason", "complaints")
    assert code == 0
    assert f"{names[1]} is the current model of converted again" in out
    assert standings(run, shop) == ["current before", "current", "current before"]


@pytest.mark.parametrize(
    "words",
    [
        ("show", "mdl-none"),
        ("compare", "mdl-none"),
        ("promote", "mdl-none"),
        ("rollback", "clicks"),
        ("rollback", "revenue"),
    ],
)
def test_what_is_not_there_is_one_line(run: Run, shop: Path, words: tuple[str, ...]) -> None:
    code, out, errors = run("models", *words, "-w", shop)
    assert (code, out, errors.count("\n")) == (2, "", 1)
