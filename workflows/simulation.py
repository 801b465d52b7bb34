"""A campaign played on synthetic customers: the whole loop, without a company."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from domain.errors import Conflict
from domain.triggers import NO_TRIGGER
from storage import definitions
from synth.simulate import randomise, simulate
from workflows.segmentlife import show_segment
from workflows.synthesis import is_synthetic
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Simulated:
    """The outcomes file and the mapping it is imported with, and what was seen by arm: customers
    and the share who bought."""

    outcomes: Path
    mapping: Path
    arms: dict[str, tuple[int, float]]


def simulate_segment(
    workspace: Workspace, segment_id: str, folder: Path, *, holdout: float = 0.2, seed: int = 0
) -> Simulated:
    """Send a segment's trigger to its members but for a random control group, let the synthetic
    world answer, and write what a company would have measured."""
    if not is_synthetic(workspace):
        raise Conflict(
            "This workspace holds real customers, whose answers nobody can play.",
            remedy="Make a synthetic one: `aether synth --workspace W`.",
        )
    version = show_segment(workspace, segment_id)
    members = workspace.snapshots.open(version.members_id).table(["customer_id"])
    trigger = version.recommended_trigger
    shares = {NO_TRIGGER: holdout, trigger: 1 - holdout}
    assigned = randomise(members.column("customer_id").to_pylist(), shares, seed)
    with workspace.control.read() as session:
        truth_id = definitions.current(session)["truth:potential_outcomes"]
    played = simulate(workspace.snapshots.open(truth_id).table(), assigned, seed)
    folder.mkdir(parents=True, exist_ok=True)
    outcomes, mapping = folder / f"{segment_id}.csv", folder / f"{segment_id}.toml"
    pacsv.write_csv(played.drop_columns(["propensities"]), outcomes)
    mapping.write_text(_mapping(segment_id, version.name, trigger, holdout), encoding="utf-8")
    return Simulated(outcomes, mapping, _by_arm(played))


def _by_arm(played: pa.Table) -> dict[str, tuple[int, float]]:
    grouped = played.group_by("trigger").aggregate([("converted", "count"), ("converted", "mean")])
    return {
        row["trigger"]: (row["converted_count"], row["converted_mean"])
        for row in grouped.sort_by("trigger").to_pylist()
    }


def _mapping(segment_id: str, name: str, trigger: str, holdout: float) -> str:
    safe = name.replace("\\", " ").replace('"', "'")
    return f"""kind = "experiment"

[campaign]
id = "{segment_id}"
name = "{safe}"
design = "randomised"

[customer]
column = "customer_id"

[arm]
column = "trigger"
control = "{NO_TRIGGER}"

[arm.triggers]
{trigger} = "{trigger}"

[arm.probabilities]
{NO_TRIGGER} = {holdout:.6f}
{trigger} = {1 - holdout:.6f}

[outcomes.converted]
column = "converted"

[outcomes.revenue]
column = "revenue"

[outcomes.orders]
column = "orders"

[outcomes.visit]
column = "visit"
"""
