"""A campaign begun on a segment of the small company, and customers who answer it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from domain.activation import Activation
from domain.objective import CampaignGoal, CampaignObjective
from storage.members import everybody
from tests.workflows.company import NOW
from workflows.activation import Declared, activate_segment
from workflows.assignments import ARM, ELIGIBLE, PROPENSITIES
from workflows.campaign import build_segments
from workflows.reporting import MOST, Did, Sent, report_deliveries, report_outcomes
from workflows.workspace import Workspace

SALT = "5a" * 16
GOAL = CampaignObjective(campaign_goal=CampaignGoal.INCREASE_CONVERSION)


def begun(workspace: Workspace, **changed: Any) -> Activation:
    """A campaign of ten days on the larger segment; who is held out is the same in every run, so
    that no verdict of a test is left to chance."""
    version = build_segments(workspace, GOAL).segments[0]
    declared = {"name": "Spring", "holdout": 0.2, "ends_at": NOW + timedelta(days=10)} | changed
    return activate_segment(workspace, version.segment_id, Declared(**declared), salt=SALT)


def assignments(workspace: Workspace, activation: Activation) -> list[dict[str, Any]]:
    snapshot = workspace.snapshots.open(activation.assignments_id)
    columns = ["assignment_id", "recommended_trigger", "explored_trigger", ARM, ELIGIBLE]
    return everybody(snapshot, [*columns, PROPENSITIES]).to_pylist()


def play(
    workspace: Workspace,
    activation: Activation,
    rates: dict[str, float],
    *,
    days: float,
    seed: int = 0,
    names: Sequence[str] = ("converted",),
) -> dict[str, set[str]]:
    """Everybody assigned buys with the rate of the arm within the days; who bought, by arm."""
    rng = np.random.default_rng(seed)
    rows = [row for row in assignments(workspace, activation) if row[ELIGIBLE]]
    bought: dict[str, set[str]] = {}
    did, sent = [], []
    for number, row in enumerate(rows):
        if row[ARM] != "none":
            sent.append(
                Sent(
                    f"s{seed}-{number}",
                    "sent",
                    activation.started_at,
                    assignment_id=row["assignment_id"],
                )
            )
        if rng.random() < rates[row[ARM]]:
            at = activation.started_at + timedelta(days=days * rng.random())
            values = {"converted": 1.0, "revenue": 30.0}
            bought.setdefault(row[ARM], set()).add(row["customer_id"])
            did.append(
                Did(
                    f"o{seed}-{number}",
                    {name: values[name] for name in names},
                    at,
                    customer_id=row["customer_id"],
                )
            )
    workspace.now = lambda: activation.started_at + timedelta(days=days)
    for first in range(0, len(sent), MOST):
        report_deliveries(workspace, sent[first : first + MOST])
    for first in range(0, len(did), MOST):
        report_outcomes(workspace, did[first : first + MOST])
    return bought
