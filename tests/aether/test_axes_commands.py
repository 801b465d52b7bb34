"""`aether axes` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clustering.axes import AXES
from tests.aether.conftest import Run
from tests.workflows.axisshop import CUSTOMERS, axis_shop
from tests.workflows.company import copied
from workflows.axes import current_memberships
from workflows.workspace import Workspace


@pytest.fixture
def shop(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A clustered workspace, to be changed, in one process."""
    monkeypatch.setenv("AETHER_THREADS", "1")
    workspace = copied(axis_shop(tmp_path_factory.getbasetemp())[0], tmp_path)
    workspace.close()
    return workspace.root


def test_refresh_says_who_moved_and_writes_them(run: Run, shop: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.csv"
    code, out, _ = run("axes", "refresh", "-w", shop, "--as-of", "2025-08-01", "--moved", moved)
    assert code == 0
    assert f"Placed {CUSTOMERS:,} customers as of 2025-08-01" in out
    assert "moves from one segment to another" in out
    lines = moved.read_text().splitlines()
    assert f"{len(lines) - 1:,} moves" in out
    assert "full_price" in out


def test_show_tells_the_axes_and_one_customer(run: Run, shop: Path) -> None:
    code, out, _ = run("axes", "show", "-w", shop)
    assert code == 0
    for axis in AXES:
        assert axis in out
    assert "deal_hunter" in out
    assert "No natural segments" in out
    workspace = Workspace.open(shop)
    row = current_memberships(workspace).table().to_pylist()[0]
    workspace.close()
    code, out, _ = run("axes", "show", row["customer_id"], "-w", shop, "--json")
    assert code == 0
    placed = {axis["axis"]: axis["segment"] for axis in json.loads(out)["axes"]}
    assert placed == {axis: row[f"axis.{axis}"] for axis in AXES}
    code, out, _ = run("axes", "show", row["customer_id"], "-w", shop)
    assert row["axis.price_sensitivity"] in out


def test_the_page_is_written(run: Run, shop: Path, tmp_path: Path) -> None:
    page = tmp_path / "axes.html"
    code, out, _ = run("axes", "page", "--out", page, "-w", shop)
    assert code == 0
    assert str(page) in out
    assert "silhouette" in page.read_text()


def test_a_schedule_is_set_and_ended(run: Run, shop: Path) -> None:
    code, out, _ = run("axes", "refresh", "-w", shop, "--schedule", "0 2 1 * *")
    assert code == 0
    assert "02:00 UTC" in out
    _, out, _ = run("axes", "refresh", "-w", shop, "--schedule", "off")
    assert "no longer" in out
    code, _, errors = run("axes", "refresh", "-w", shop, "--schedule", "nonsense")
    assert code == 2
    assert "'nonsense' is no schedule" in errors


def test_before_the_first_clustering_one_line_says_what_to_run(run: Run, tmp_path: Path) -> None:
    Workspace.create(tmp_path / "empty").close()
    code, _, errors = run("axes", "refresh", "-w", tmp_path / "empty")
    assert code == 2
    assert errors.strip() == (
        "error: There are no centroids yet. Run `aether axes cluster` once; then customers can be "
        "placed."
    )
