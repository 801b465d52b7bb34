"""What a campaign's measurement is expected to look like, before any of its outcomes is seen."""

from __future__ import annotations

import numpy as np

from domain.triggers import NO_TRIGGER
from storage.models import ModelRecord
from workflows.trainingsources import map_values
from workflows.workspace import Workspace

_LEAST = 1e-9


def planned_variance(
    workspace: Workspace, record: ModelRecord, controls: int, treated: int
) -> float:
    """The variance of the lift at the end, if the outcome spreads as it did among the untreated of
    the newest campaign that the model learned from. In squared units of the outcome."""
    campaign_id = record.card["campaigns"][-1]["campaign_id"]
    exposures = workspace.current(f"exposures@{campaign_id}").table(["trigger", "outcomes"])
    outcome = map_values(exposures.column("outcomes"), (record.outcome,))[:, 0]
    untreated = np.asarray(exposures.column("trigger").to_numpy(zero_copy_only=False)) == NO_TRIGGER
    known = outcome[untreated] if untreated.any() else outcome
    return max(float(np.nanvar(known)), _LEAST) * (1 / controls + 1 / treated)
