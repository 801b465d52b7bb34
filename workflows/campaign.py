"""An objective becomes segments: eligible customers, ranked triggers, frozen members, reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.criteria import EVERYONE, Expression, check, to_json
from domain.errors import Conflict, NoEvidence
from domain.objective import CampaignObjective
from domain.segment import RankedTrigger, SegmentVersion
from domain.sentences import sentence
from storage import audit, models, segments
from storage.population import Population
from workflows.axiswitnesses import require_witnesses
from workflows.briefs import choose_model, workspace_questions
from workflows.cutting import cut_members
from workflows.decision import Decision, measured_lift, named, net_value, witness_rows
from workflows.explanation import explain_segment
from workflows.features import feature_fields, feature_frame
from workflows.jointly import Jointly, look_together, said_together
from workflows.membership import Findings, freeze, segment_criteria, segment_members
from workflows.modelfiles import load_groups, load_model
from workflows.news import version_created
from workflows.ranking import rank_triggers
from workflows.rules import segment_rules
from workflows.standing import segment_standing
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace


class OpenQuestions(Conflict):
    """An objective with open clarifications: no segment may be made from it."""

    def __init__(self, questions: tuple[str, ...]) -> None:
        super().__init__(
            "The brief leaves questions open: " + " ".join(questions),
            remedy="Answer them, or edit the objective, and send it again.",
            field="clarifications",
        )
        self.questions = questions


@dataclass(frozen=True)
class Plan:
    """What an objective leads to in this workspace."""

    objective: CampaignObjective
    outcome: str
    model_id: str
    audience: Expression
    audience_text: str
    eligible: int
    ranking: tuple[RankedTrigger, ...]
    segments: tuple[SegmentVersion, ...]
    remarks: tuple[str, ...]


def build_segments(
    workspace: Workspace,
    objective: CampaignObjective,
    *,
    rules: bool = False,
    actor: str = "cli",
) -> Plan:
    """Segments of an objective, kept as frozen versions with their members; with `rules` each has
    a rule beside its exact criteria.

    Raises `OpenQuestions` where the objective, or the workspace's data, leaves doubts, and
    `NoEvidence` where no model measures it. Where nobody is eligible, or none of the allowed
    triggers was ever tried, there are no segments, and a remark says why.
    """
    schema = workspace.schema()
    check(objective.audience, schema)
    catalogue = workspace.catalogue()
    named_triggers = [*objective.allowed_interventions, *objective.excluded_interventions]
    if objective.proposed_intervention is not None:
        named_triggers.append(objective.proposed_intervention)
    for key in named_triggers:
        catalogue.require(key)
    asked = tuple(question.text for question in workspace_questions(workspace, objective))
    open_questions = tuple(dict.fromkeys((*objective.clarifications, *asked)))
    if open_questions:
        raise OpenQuestions(open_questions)
    record, why = choose_model(workspace, objective)
    if record is None:
        raise NoEvidence(f"There is nothing to decide by: {why}.", remedy="Run `aether train`.")
    scores = workspace.snapshots.open(record.scores_id)
    evidence = workspace.snapshots.open(record.evidence_id)
    require_witnesses(workspace, objective.audience, evidence)
    with (
        Population(schema, [*workspace.people(), scores]) as people,
        Population(schema, [evidence]) as witnesses,
    ):
        decision = Decision(
            workspace,
            objective,
            record,
            find_outcome(workspace, record.outcome),
            load_model(workspace, record.id),
            load_groups(workspace, record.id),
            schema,
            catalogue,
            people,
            witnesses,
            people.resolve(objective.audience),
        )
        plan = _plan(decision, why, rules)
    with workspace.control.write() as session:
        models.count_look(session, record.id)
        for version in plan.segments:
            segments.add_version(session, version)
            audit.append(
                session,
                at=version.created_at,
                actor=actor,
                action="segment",
                subject=version.segment_id,
                detail={
                    "version": version.version,
                    "size": version.size,
                    "trigger": version.recommended_trigger,
                    "criteria": to_json(version.criteria),
                    "model": version.model_id,
                    "profiles": version.profiles_id,
                },
            )
            version_created(session, version)
    return plan


def _plan(decision: Decision, why: str, rules: bool) -> Plan:
    allowed, remarks = _allowed_triggers(decision)
    remarks.insert(0, why[0].upper() + why[1:] + ".")
    eligible = decision.people.count(decision.audience)
    ranking, triggers = rank_triggers(decision, allowed, eligible)
    text = sentence(decision.audience, decision.schema)
    made: tuple[SegmentVersion, ...] = ()
    together = [triggers]
    if eligible == 0:
        remarks.append(f"No customer meets the audience ({text}); there is nobody to address.")
    elif not allowed:
        objective = decision.objective
        wanted = objective.allowed_interventions or (objective.proposed_intervention,)
        listed = " or ".join(named(trigger) for trigger in wanted if trigger)
        remarks.append(
            f"No past campaign tells what {listed or 'such a trigger'} does here, so nothing is "
            f"recommended. "
            f"Tried so far: {', '.join(map(named, decision.model.judged))}."
        )
    else:
        made, cut_remarks, joint = _segments(decision, allowed, rules)
        remarks.extend(cut_remarks)
        together.append(joint)
        if not made:
            remarks.append("No allowed trigger is worth more than doing nothing for anyone here.")
    remarks.extend(said_together(*together))
    return Plan(
        decision.objective,
        decision.outcome.name,
        decision.record.id,
        decision.audience,
        text,
        eligible,
        ranking,
        made,
        tuple(remarks),
    )


def _allowed_triggers(decision: Decision) -> tuple[tuple[str, ...], list[str]]:
    """The judged triggers that the objective leaves to choose among, with remarks."""
    objective, remarks = decision.objective, []
    wanted = objective.allowed_interventions
    if not wanted and objective.proposed_intervention is not None:
        wanted = (objective.proposed_intervention,)
    chosen = [
        key
        for key in decision.model.judged
        if (not wanted or key in wanted) and key not in objective.excluded_interventions
    ]
    for key in wanted:
        if key not in decision.model.judged:
            remarks.append(f"{named(key).capitalize()} was not tried often enough to be judged.")
    if objective.channel is not None:
        off = [k for k in chosen if objective.channel not in decision.catalogue.require(k).channels]
        chosen = [key for key in chosen if key not in off]
        remarks.extend(f"{named(k).capitalize()} can't go by {objective.channel}." for k in off)
    return tuple(chosen), remarks


def _segments(
    decision: Decision, allowed: tuple[str, ...], rules: bool
) -> tuple[tuple[SegmentVersion, ...], tuple[str, ...], Jointly]:
    """A frozen version for every allowed trigger that is the best for somebody, remarks on a cut,
    and how the segments' lifts look together."""
    criteria = {t: segment_criteria(decision, allowed, t) for t in allowed}
    cut = cut_members(
        {t: segment_members(decision, criteria[t], allowed, t) for t in allowed},
        decision.objective,
        costs_known=decision.money and all(map(decision.cost_known, allowed)),
        currency=decision.workspace.settings.currency,
    )
    members = {t: table for t, table in cut.members.items() if table.num_rows}
    witness = {t: witness_rows(decision, criteria[t]) for t in members}
    lifts = {t: measured_lift(decision, witness[t], t) for t in members}
    joint = look_together(lifts, "segments")
    ruled = segment_rules(decision, criteria) if rules and members else {}
    frame, ids = _everybody(decision)
    eligible = _among(ids, decision.people.select(decision.audience, ["customer_id"]))
    made = []
    for trigger, table in members.items():
        explanation = explain_segment(
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
        )
        found = Findings(
            cut=cut.words,
            lift=lifts[trigger],
            joint=joint.intervals.get(trigger),
            net_a_customer=None
            if isinstance(lifts[trigger], str)
            else net_value(decision, witness[trigger], trigger),
            explanation=explanation,
            rule=ruled.get(trigger),
        )
        made.append(freeze(decision, trigger, criteria[trigger], table, found))
    made.sort(key=lambda version: -version.size)
    return tuple(made), cut.remarks, joint


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
