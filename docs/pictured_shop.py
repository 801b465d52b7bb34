"""The shop in the pictures of the pages: one experiment with four triggers, each of which helps
other customers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from workflows.importing import import_experiment
from workflows.mapping import read_mapping
from workflows.training import TrainingOptions, train
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

CUSTOMERS, SEED = 12_000, 11
ARMS = ("none", "free_shipping", "percentage_discount", "social_proof", "scarcity_message")
MAPPING = """
kind = "experiment"

[campaign]
id = "all-triggers"
name = "All triggers, spring"
started_at = 2026-03-01T00:00:00Z
channel = "email"

[customer]
column = "customer"

[arm]
column = "offer"
control = "none"

[arm.triggers]
free_shipping = "free_shipping"
percentage_discount = "percentage_discount"
social_proof = "social_proof"
scarcity_message = "scarcity_message"

[arm.probabilities]
none = 0.2
free_shipping = 0.2
percentage_discount = 0.2
social_proof = 0.2
scarcity_message = 0.2

[triggers.free_shipping]
unit_cost = 0.4

[triggers.percentage_discount]
unit_cost = 0.9

[triggers.social_proof]
unit_cost = 0.05

[triggers.scarcity_message]
unit_cost = 0.05

[outcomes.converted]
column = "converted"
value = 22.0
"""


def customers(rows: int = CUSTOMERS, seed: int = SEED) -> pa.Table:
    """Small baskets answer to free shipping, lapsed customers to a discount, new ones to what
    others buy; scarcity helps with readers of e-mails, and puts the others off."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, len(ARMS), rows)
    away = np.minimum(rng.gamma(1.3, 80.0, rows), 700).astype(int)
    basket = np.round(rng.gamma(4.0, 13.0, rows), 2)
    orders = 1 + rng.poisson(2.2, rows)
    opened = np.round(rng.beta(1.6, 3.0, rows), 3)
    effects = np.column_stack(
        [
            np.zeros(rows),
            np.where(basket < 45, 0.17, -0.01),
            np.where(away > 110, 0.16, 0.0),
            np.where(orders <= 2, 0.11, -0.02),
            np.where(opened > 0.4, 0.10, -0.07),
        ]
    )
    chance = 0.10 + 0.01 * np.minimum(orders, 5) + effects[np.arange(rows), arm]
    return pa.table(
        {
            "customer": [f"c{place:05d}" for place in range(rows)],
            "offer": np.asarray(ARMS)[arm],
            "days_since_last_purchase": away,
            "average_order_value": basket,
            "lifetime_orders": orders,
            "email_open_rate": opened,
            "location_country": rng.choice(["GB", "DE", "FR"], size=rows, p=[0.5, 0.3, 0.2]),
            "converted": (rng.random(rows) < chance).astype(int),
        }
    )


def pictured_shop(folder: Path) -> Workspace:
    """The shop's workspace, with a model of `converted`."""
    data, mapping = folder / "experiment.csv", folder / "experiment.toml"
    pacsv.write_csv(customers(), data)
    mapping.write_text(MAPPING, encoding="utf-8")
    workspace = Workspace.create(folder / "shop", buckets=4)
    import_experiment(workspace, data, read_mapping(mapping))
    train(workspace, find_outcome(workspace, "converted"), TrainingOptions(seed=1, n_jobs=2))
    return workspace
