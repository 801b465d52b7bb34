"""Segments of one decision, frozen: members within the brief's limits, lifts, reasons, rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.criteria import EVERYONE, Expression
from domain.segment import Explanation, SegmentVersion
from workflows.cutting import cut_members
from workflows.decision import Decision, measured_lift, net_value
from workflows.explanation import explain_segment
from workflows.features import feature_fields, feature_frame
from workflows.holdouts import Carried
from workflows.jointly import Jointly, look_together
from workflows.membership import Findings, freeze, segment_members
from workflows.rules import segment_rules
from workflows.standing import segment_standing
from workflows.worthiest import all_witnesses, worthiest_witnesses

NOBODY = "Nobody meets the criteria today."


@dataclass(frozen=True)
class Frozen:
    """The versions, the largest first; remarks on a cut; how the lifts look together."""

    versions: tuple[SegmentVersion, ...]
    remarks: tuple[str, ...]
    joint: Jointly


def freeze_segments(
    decision: Decision,
    criteria: Mapping[str, Expression],
    allowed: tuple[str, ...],
    *,
    rules: bool = False,
    only: str | None = None,
    carried: Carried | None = None,
) -> Frozen:
    """A frozen version for every trigger that somebody meets the criteria of; `allowed` are the
    triggers that compete. With `only` just that trigger's version, be it empty, in the company of
    the others: a cut to so many customers is shared among all."""
    cut = cut_members(
        {t: segment_members(decision, criteria[t], allowed, t) for t in criteria},
        decision.objective,
        costs_known=decision.money and all(map(decision.cost_known, allowed)),
        currency=decision.workspace.settings.currency,
    )
    members = {t: table for t, table in cut.members.items() if table.num_rows or t == only}
    witness = {
        t: worthiest_witnesses(decision, criteria[t], t, cut.borders[t])
        if t in cut.borders
        else all_witnesses(decision, criteria[t])
        for t in members
    }
    lifts = {t: measured_lift(decision, witness[t].rows, t, witness[t].who) for t in members}
    joint = look_together(lifts, "segments")
    ruled = segment_rules(decision, criteria) if rules and members else {}
    frame, ids = _everybody(decision)
    eligible = _among(ids, decision.people.select(decision.audience, ["customer_id"]))
    made = []
    for trigger, table in members.items():
        if only not in (None, trigger):
            continue
        found = Findings(
            cut=cut.words,
            lift=lifts[trigger],
            joint=joint.intervals.get(trigger),
            net_a_customer=None
            if isinstance(lifts[trigger], str)
            else net_value(decision, witness[trigger].rows, trigger),
            explanation=Explanation(text=NOBODY)
            if not table.num_rows
            else explain_segment(
                frame=frame,
                inside=_among(ids, table),
                eligible=eligible,
                schema=decision.schema,
                model=decision.model,
                trigger=decision.catalogue.require(trigger),
                outcome=decision.outcome.name,
                lift=lifts[trigger],
                joint=joint.intervals.get(trigger),
                standing=segment_standing(
                    decision, criteria[trigger], table, witness[trigger], allowed, trigger
                ),
                currency=decision.workspace.settings.currency,
            ),
            rule=ruled.get(trigger),
        )
        keeping = carried or Carried(decision.workspace)
        made.append(freeze(decision, trigger, criteria[trigger], table, found, keeping))
    made.sort(key=lambda version: -version.size)
    return Frozen(tuple(made), cut.remarks, joint)


def _everybody(decision: Decision) -> tuple[pd.DataFrame, pa.ChunkedArray]:
    """Every customer's features, and their ids in the same order."""
    names = set(decision.model.features.names)
    fields = [f for f in feature_fields(decision.schema.values()) if f.name in names]
    table = decision.people.select(EVERYONE, ["customer_id", *(f.name for f in fields)])
    return feature_frame(table, fields), table.column("customer_id")


def _among(ids: pa.ChunkedArray, table: pa.Table) -> NDArray[np.bool_]:
    """Which of the ids the table holds, (n,)."""
    found = pc.is_in(ids, value_set=table.column("customer_id").combine_chunks())
    return np.asarray(found.to_numpy())
