"""A small company with one randomised experiment whose effects are known and differ by customer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from workflows.importing import import_experiment
from workflows.mapping import read_mapping
from workflows.training import TrainingOptions, train
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

ROWS = 6_000
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ARM_LABELS = ("holdout", "ship", "guide")
OPTIONS = TrainingOptions(seed=3, n_jobs=1, folds=3)

MAPPING = """
kind = "experiment"

[campaign]
id = "spring-26"
name = "Spring test"
started_at = 2026-02-01T00:00:00Z
channel = "email"

[customer]
column = "person"

[arm]
column = "offer"
control = "holdout"

[arm.triggers]
ship = "free_shipping"
guide = "gift_guide"

[arm.probabilities]
holdout = 0.3
ship = 0.35
guide = 0.35

[triggers.free_shipping]
unit_cost = 0.1

[triggers.gift_guide]
name = "Gift guide"
type = "informational"
unit_cost = 0.2
channels = ["email", "web"]

[outcomes.converted]
column = "bought"
value = 20.0

[outcomes.revenue]
column = "spent"

[fields.past_orders]
label = "orders before"

[fields.basket]
label = "usual basket"
unit = "money"

[fields.newsletter]
label = "reads the newsletter"
negated = "does not read the newsletter"

[ignore]
columns = ["opened_mail"]
"""


def experiment(rows: int = ROWS, seed: int = 7) -> pa.Table:
    """Free shipping wins small baskets and puts off large ones; the guide wins readers of the
    newsletter and puts off the others."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(3, size=rows, p=[0.3, 0.35, 0.35])
    past_orders = rng.poisson(2.0, rows)
    basket = np.round(rng.gamma(4.0, 14.0, rows), 2)
    newsletter = rng.random(rows) < 0.5
    region = rng.choice(["north", "south", "islands"], size=rows, p=[0.5, 0.3, 0.2])
    by_arm = np.column_stack(
        [
            np.zeros(rows),
            np.where(basket < 50, 0.30, -0.12),
            np.where(newsletter, 0.26, -0.12),
        ]
    )
    chance = 0.16 + 0.01 * np.minimum(past_orders, 5) + by_arm[np.arange(rows), arm]
    bought = rng.random(rows) < chance
    spent = np.where(bought, np.round(20 + 0.5 * basket + rng.gamma(2.0, 5.0, rows), 2), 0.0)
    unknown = rng.random(rows) < 0.05
    return pa.table(
        {
            "person": [f"p{i:05d}" for i in range(rows)],
            "offer": np.asarray(ARM_LABELS)[arm],
            "past_orders": past_orders,
            "basket": pa.array(basket, mask=unknown),
            "newsletter": newsletter,
            "region": region,
            "opened_mail": (arm > 0) & (rng.random(rows) < 0.4),
            "bought": bought.astype(np.int64),
            "spent": spent,
        }
    )


@dataclass(frozen=True)
class Files:
    data: Path
    mapping: Path


def write_files(folder: Path, table: pa.Table, mapping: str = MAPPING) -> Files:
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder / "experiment.csv", folder / "mapping.toml")
    pacsv.write_csv(table, files.data)
    files.mapping.write_text(mapping, encoding="utf-8")
    return files


def imported(
    folder: Path, table: pa.Table, mapping: str = MAPPING, now: Callable[[], datetime] | None = None
) -> Workspace:
    """A workspace at `folder/shop` that holds the experiment."""
    files = write_files(folder, table, mapping)
    workspace = Workspace.create(folder / "shop", buckets=4, now=now or (lambda: NOW))
    import_experiment(workspace, files.data, read_mapping(files.mapping))
    return workspace


@cache
def built(folder: Path) -> Path:
    """A workspace that holds the experiment and a model of `converted`, made once a process."""
    workspace = imported(folder, experiment())
    train(workspace, find_outcome(workspace, "converted"), OPTIONS)
    workspace.close()
    return workspace.root


def copied(root: Path, folder: Path) -> Workspace:
    """The same workspace, to change at will."""
    shutil.copytree(root, folder / root.name)
    return Workspace.open(folder / root.name, now=lambda: NOW)
