"""A segment made anew: the same objective, the current model, today's customers."""

from __future__ import annotations

from domain.errors import Conflict, NoEvidence
from domain.segment import SegmentVersion
from storage import activations, models, segments
from storage.models import ModelRecord
from workflows.allowedtriggers import allowed_triggers
from workflows.deciding import open_decision
from workflows.decision import Decision, named
from workflows.freezing import freeze_segments
from workflows.holdouts import Carried
from workflows.membership import segment_criteria
from workflows.segmentlife import require_in_use
from workflows.versionaudit import moved, note_version
from workflows.workspace import Workspace


def refresh_segment(
    workspace: Workspace, segment_id: str, *, actor: str = "cli"
) -> tuple[SegmentVersion, SegmentVersion]:
    """The new current version, and the one before it. Readers of that one finish undisturbed.

    A running campaign's control group stays held out, whoever is new in the segment. Raises
    Conflict where the segment is archived or the current model did not judge its trigger.
    """
    with workspace.control.read() as session:
        require_in_use(segments.state(session, segment_id))
        before = segments.get(session, segment_id)
        running = activations.running(session, segment_id, workspace.now())
        record = _model(models.current(session), before)
    with open_decision(workspace, before.objective, record, exact=before.exact) as decision:
        made = _frozen(decision, before, Carried(workspace, running))
        scores_id = decision.scores_id
    change = moved(workspace, before, made)
    with workspace.control.write() as session:
        require_in_use(segments.state(session, segment_id, lock=True))
        models.count_look(session, record.id)
        models.put_scores(session, record.id, scores_id)
        replaced = segments.get(session, segment_id)
        number = segments.next_number(session, segment_id)
        fresh = made.model_copy(update={"version": number})
        segments.add_version(session, fresh)
        note_version(session, "segment.refresh", fresh, actor=actor, before=replaced, change=change)
    return fresh, replaced


def _model(current: dict[str, ModelRecord], before: SegmentVersion) -> ModelRecord:
    if before.outcome not in current:
        raise NoEvidence(
            f"There is no model of {before.outcome} to refresh by.", remedy="Run `aether train`."
        )
    return current[before.outcome]


def _frozen(decision: Decision, before: SegmentVersion, carried: Carried) -> SegmentVersion:
    trigger = before.recommended_trigger
    judged = decision.model.judged
    allowed = (
        judged
        if before.exact
        else allowed_triggers(decision.objective, judged, decision.catalogue)[0]
    )
    if trigger not in allowed:
        raise Conflict(
            f"The current model of {before.outcome} did not judge {named(trigger)}.",
            remedy="Make a new segment of the brief, or roll the model back.",
        )
    criteria = (
        {trigger: decision.audience}
        if before.exact
        else {t: segment_criteria(decision, allowed, t) for t in allowed}
    )
    frozen = freeze_segments(
        decision,
        criteria,
        allowed,
        rules=before.rule is not None or bool(before.rule_reason),
        only=trigger,
        carried=carried,
    )
    return frozen.versions[0].model_copy(
        update={"segment_id": before.segment_id, "name": before.name}
    )
