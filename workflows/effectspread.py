"""How the effect of a segment's trigger is spread over customers: who gains, and who is put off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.experiment import Outcome
from storage import models, segments
from storage.models import ModelRecord
from storage.population import Population
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

BARS = 28
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class EffectSpread:
    """Predicted effects of `trigger` among the `customers` of the audience a segment was chosen
    from, in units of the outcome: shares by bars between `edges`, `gaining` the share whom it
    helps, `put_off` the share whom it harms. `members` is the same of the segment's members."""

    outcome: Outcome
    trigger: str
    record: ModelRecord
    customers: int
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    members: tuple[float, ...]
    gaining: float
    put_off: float


def effect_spread(workspace: Workspace, segment_id: str) -> EffectSpread:
    """By the model, the profiles and the members that the current version was frozen with."""
    with workspace.control.read() as session:
        version = segments.get(session, segment_id)
        record = models.get(session, version.model_id)
    outcome = find_outcome(workspace, version.outcome)
    column = f"uplift_score_for_{version.recommended_trigger}"
    profiles = workspace.snapshots.open(version.profiles_id)
    axes = [] if version.axes_id is None else [workspace.snapshots.open(version.axes_id)]
    scores = workspace.snapshots.open(record.scores_id)
    with Population(workspace.schema(), [profiles, *axes, scores]) as people:
        audience = people.resolve(version.objective.audience)
        found = people.select(audience, [column]).column(column).drop_null().to_numpy()
        inside = people.select(people.resolve(version.criteria), [column])
    kept = inside.column(column).drop_null().to_numpy()
    sign = -1 if outcome.lower_is_better else 1
    if not len(found):
        return EffectSpread(
            outcome, version.recommended_trigger, record, 0, (0.0, 0.0), (0.0,), (0.0,), 0.0, 0.0
        )
    low, high = np.quantile(found, [0.005, 0.995])
    if low == high:
        low, high = low - abs(low) * 0.5 - 1e-6, high + abs(high) * 0.5 + 1e-6
    edges = np.linspace(low, high, BARS + 1)
    return EffectSpread(
        outcome,
        version.recommended_trigger,
        record,
        len(found),
        tuple(edges.tolist()),
        _shares(found, edges),
        _shares(kept, edges),
        float(np.mean(sign * found > 0)),
        float(np.mean(sign * found < 0)),
    )


def _shares(values: FloatArray, edges: FloatArray) -> tuple[float, ...]:
    """Shares by bars; what lies beyond the edges is in the outermost bars."""
    if not len(values):
        return (0.0,) * (len(edges) - 1)
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return tuple((counts / len(values)).tolist())
