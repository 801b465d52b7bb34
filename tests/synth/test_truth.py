"""The hidden truth stays hidden: only the play of the synthetic world may read it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np

from synth.effects import ARMS
from synth.truth import NOW
from tests.synth.conftest import World

ROOT = Path(__file__).resolve().parents[2]
MAY_READ = {"generate.py", "simulate.py", "report.py", "truth.py"}


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_product_module_imports_the_truth() -> None:
    product = ["domain", "synth", "profiles", "uplift", "interpreter", "storage"]
    product += ["workflows", "activation_api", "aether"]
    readers = {
        file.relative_to(ROOT).as_posix()
        for package in product
        for file in (ROOT / package).rglob("*.py")
        if "synth.truth" in imported(file)
    }
    assert {"synth/generate.py"} <= readers <= {f"synth/{name}" for name in MAY_READ}


def test_raw_tables_hold_no_hidden_column(world: World) -> None:
    hidden = set(world.truth["traits"].column_names) | set(
        world.truth["potential_outcomes"].column_names
    )
    shown = {column for table in world.tables.values() for column in table.column_names}
    assert hidden & shown == {"customer_id", "campaign_id"}


def test_truth_covers_every_exposure_and_everyone_now(world: World) -> None:
    truth = world.truth["potential_outcomes"].to_pandas()
    now = truth[truth["campaign_id"] == NOW]
    assert set(now["customer_id"]) == set(world.frame("customers")["customer_id"])
    pairs = ["campaign_id", "customer_id"]
    past = truth[truth["campaign_id"] != NOW].sort_values(pairs)[pairs].to_numpy()
    exposed = world.frame("exposures").sort_values(pairs)[pairs].to_numpy()
    np.testing.assert_array_equal(past, exposed)


def test_probabilities_are_such_and_visits_include_orders(world: World) -> None:
    truth = world.truth["potential_outcomes"].to_pandas()
    for arm in ARMS:
        assert truth[f"converted_{arm}"].between(0, 1).all()
        assert truth[f"visit_{arm}"].between(0, 1).all()
        assert (truth[f"visit_{arm}"] >= truth[f"converted_{arm}"] - 1e-6).all()
        assert (truth[f"orders_{arm}"] >= truth[f"converted_{arm}"] - 1e-6).all()
        assert (truth[f"revenue_{arm}"] >= 0).all()
