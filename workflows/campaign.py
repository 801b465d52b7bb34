"""An objective becomes segments: eligible customers, ranked triggers, frozen members, reasons."""

from __future__ import annotations

from dataclasses import dataclass

from domain.criteria import Expression
from domain.errors import Conflict, NoEvidence
from domain.objective import CampaignObjective
from domain.parsing import check
from domain.segment import RankedTrigger, SegmentVersion
from domain.sentences import sentence
from storage import models, segments
from storage.models import ModelRecord
from workflows.allowedtriggers import allowed_triggers
from workflows.briefs import choose_model, workspace_questions
from workflows.deciding import open_decision
from workflows.decision import Decision, named
from workflows.disagreement import said_of_disagreement
from workflows.freezing import freeze_segments
from workflows.jointly import said_together
from workflows.membership import segment_criteria
from workflows.ranking import rank_triggers
from workflows.versionaudit import note_version
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
    """What an objective leads to in this workspace; the ranking is about the `reached`, those of
    the eligible that the brief lets be addressed."""

    objective: CampaignObjective
    outcome: str
    model_id: str
    audience: Expression
    audience_text: str
    eligible: int
    reached: int
    ranking: tuple[RankedTrigger, ...]
    segments: tuple[SegmentVersion, ...]
    remarks: tuple[str, ...]


def require_ready(workspace: Workspace, objective: CampaignObjective) -> tuple[ModelRecord, str]:
    """The model that an objective is decided by, and in words why this one.

    Raises `OpenQuestions` where the objective, or the workspace's data, leaves doubts, and
    `NoEvidence` where no model measures it.
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
    return record, why


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
    record, why = require_ready(workspace, objective)
    with open_decision(workspace, objective, record) as decision:
        plan = _plan(decision, why, rules)
        scores_id = decision.scores_id
    with workspace.control.write() as session:
        models.count_look(session, record.id)
        models.put_scores(session, record.id, scores_id)
        for version in plan.segments:
            segments.add_version(session, version)
            note_version(session, "segment", version, actor=actor)
    return plan


def _plan(decision: Decision, why: str, rules: bool) -> Plan:
    allowed, remarks = allowed_triggers(
        decision.objective, decision.model.judged, decision.catalogue
    )
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
        criteria = {t: segment_criteria(decision, allowed, t) for t in allowed}
        frozen = freeze_segments(decision, criteria, allowed, rules=rules)
        made = frozen.versions
        remarks.extend(frozen.remarks)
        differs = said_of_disagreement(decision, ranking, allowed)
        if differs is not None:
            remarks.append(differs)
        together.append(frozen.joint)
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
        decision.reached(eligible),
        ranking,
        made,
        tuple(remarks),
    )
