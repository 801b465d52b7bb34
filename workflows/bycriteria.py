"""A segment straight from criteria and a trigger, or from a rule that somebody approved."""

from __future__ import annotations

from domain.criteria import Expression
from domain.errors import Conflict, NoEvidence
from domain.objective import CampaignObjective
from domain.parsing import check
from domain.segment import SegmentVersion
from storage import models, segments
from storage.models import ModelRecord
from workflows.briefs import choose_model, workspace_questions
from workflows.campaign import OpenQuestions
from workflows.deciding import open_decision
from workflows.decision import named
from workflows.freezing import freeze_segments
from workflows.trainingdata import find_outcome
from workflows.versionaudit import note_version
from workflows.workspace import Workspace


def segment_by_criteria(
    workspace: Workspace,
    criteria: Expression,
    trigger: str,
    *,
    outcome: str | None = None,
    name: str | None = None,
    actor: str = "cli",
) -> SegmentVersion:
    """A segment of exactly those who meet the criteria, whatever trigger the model would choose;
    `name` is what they are called, their criteria in words without it.

    The lift to expect, the members' values and the runner-up are those of `trigger` all the same.
    Raises NoEvidence where no model measures the outcome or none judged the trigger, and
    OpenQuestions where the workspace has no data for a field.
    """
    check(criteria, workspace.schema())
    objective = CampaignObjective(
        audience=criteria,
        proposed_intervention=trigger,
        intervention_type=workspace.catalogue().require(trigger).type,
    )
    questions = workspace_questions(workspace, objective)
    if questions:
        raise OpenQuestions(tuple(question.text for question in questions))
    record = require_model(workspace, objective, outcome)
    with open_decision(workspace, objective, record, exact=True) as decision:
        if trigger not in decision.model.judged:
            raise NoEvidence(
                f"No past campaign tells what {named(trigger)} does here.",
                remedy=f"Tried so far: {', '.join(decision.model.judged)}.",
                field="trigger",
            )
        frozen = freeze_segments(decision, {trigger: decision.audience}, decision.model.judged)
        if not frozen.versions:
            raise Conflict("Nobody meets the criteria.", remedy="Widen them.", field="criteria")
        scores_id = decision.scores_id
    (version,) = frozen.versions
    if name is not None:
        called = f"{workspace.catalogue().require(trigger).name}: {name}"
        version = version.model_copy(update={"name": called})
    with workspace.control.write() as session:
        models.count_look(session, record.id)
        models.put_scores(session, record.id, scores_id)
        segments.add_version(session, version)
        note_version(session, "segment", version, actor=actor)
    return version


def segment_by_rule(workspace: Workspace, segment_id: str, *, actor: str = "cli") -> SegmentVersion:
    """A segment of its own from the approximate rule of another. That the rule is used is a
    person's decision; its members are then exactly those who meet it."""
    with workspace.control.read() as session:
        source = segments.get(session, segment_id)
    if source.rule is None:
        raise Conflict(
            f"Segment {segment_id} has no rule.",
            remedy="Make one with rules: `aether brief ... --rules`.",
            field="segment_id",
        )
    return segment_by_criteria(
        workspace,
        source.rule.criteria,
        source.recommended_trigger,
        outcome=source.outcome,
        actor=actor,
    )


def require_model(
    workspace: Workspace, objective: CampaignObjective, outcome: str | None
) -> ModelRecord:
    """The current model of an outcome, or the one that measures the objective; raises NoEvidence
    where there is none."""
    if outcome is None:
        record, why = choose_model(workspace, objective)
        if record is None:
            raise NoEvidence(f"There is nothing to decide by: {why}.", remedy="Run `aether train`.")
        return record
    name = find_outcome(workspace, outcome).name
    with workspace.control.read() as session:
        current = models.current(session)
    if name not in current:
        raise NoEvidence(
            f"No model of {name} is trained yet.", remedy="Run `aether train`.", field="outcome"
        )
    return current[name]
