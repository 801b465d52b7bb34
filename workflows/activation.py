"""A segment activated: a control group drawn, everybody's assignment frozen with its chances."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from domain.activation import Activation
from domain.errors import BadRequest, Conflict
from domain.segment import SegmentVersion
from domain.triggers import NO_TRIGGER, Channel
from storage import activations, audit, models, segments
from storage.members import write_members
from storage.models import ModelRecord
from workflows.allowedtriggers import allowed_triggers
from workflows.assignments import Drawn, as_members, draw, members_of
from workflows.decision import named
from workflows.holdouts import held_out_for_good
from workflows.modelfiles import load_model
from workflows.news import results_updated
from workflows.planning import planned_variance
from workflows.segmentlife import require_in_use
from workflows.versionaudit import moved, note_version
from workflows.workspace import Workspace

DAYS, MOST_DAYS = 14, 730
HOLDOUT, MOST_HOLDOUT, MOST_EXPLORATION = 0.10, 0.5, 0.5


@dataclass(frozen=True)
class Declared:
    """How a campaign is to run: all of it is declared before it begins."""

    name: str
    holdout: float = HOLDOUT
    exploration: float = 0.0
    channel: Channel | None = None
    ends_at: datetime | None = None


def activate_segment(
    workspace: Workspace,
    segment_id: str,
    declared: Declared,
    *,
    actor: str = "cli",
    salt: str | None = None,
) -> Activation:
    """Begin a campaign on a segment's current version, as a new version whose members are the
    assignments, with those held out left out of pulls.

    Eligible are all members but those whom no campaign addresses; each has the same known chance of
    every arm, drawn by a random salt unless one is stated. Raises Conflict where the segment is
    archived, has nobody to address, or a campaign runs on it.
    """
    now = workspace.now()
    ends_at = _checked(declared, now)
    with workspace.control.read() as session:
        require_in_use(segments.state(session, segment_id))
        before = segments.get(session, segment_id)
        _require_free(activations.running(session, segment_id, now))
        record = models.get(session, before.model_id)
    channel = declared.channel or before.objective.channel
    _require_channel(workspace, before, channel)
    explored = _explored(workspace, before, record, channel) if declared.exploration else ()
    campaign_id = f"cmp_{secrets.token_hex(6)}"
    salt = salt or secrets.token_hex(16)
    members = members_of(workspace, before, explored, record)
    drawn = draw(
        members.column("customer_id"),
        never=held_out_for_good(workspace, members.column("customer_id")),
        salt=salt,
        trigger=before.recommended_trigger,
        holdout=declared.holdout,
        exploration=declared.exploration,
        explored=explored,
    )
    arms = _sizes(drawn)
    if min(arms[NO_TRIGGER], arms[before.recommended_trigger]) < 2:
        raise Conflict(
            f"Segment {segment_id} has {members.num_rows} customers, too few to hold some out.",
            remedy="Widen it, or hold out a larger share.",
        )
    table = as_members(workspace, before, record, campaign_id, members, drawn)
    meta: dict[str, object] = {"campaign_id": campaign_id}
    snapshot = write_members(workspace.snapshots, table, drawn.held_out, meta=meta)
    controls = arms[NO_TRIGGER]
    activated = before.model_copy(update={"members_id": snapshot.id})
    change = moved(workspace, before, activated)
    planned = planned_variance(workspace, record, controls, arms[before.recommended_trigger])
    with workspace.control.write() as session:
        require_in_use(segments.state(session, segment_id, lock=True))
        _require_free(activations.running(session, segment_id, now))
        if segments.get(session, segment_id).version != before.version:
            raise Conflict(
                f"Segment {segment_id} was changed while it was being activated.",
                remedy="Look at it again, and activate it then.",
            )
        version = before.model_copy(
            update={
                "version": segments.next_number(session, segment_id),
                "members_id": snapshot.id,
                "size": members.num_rows,
                "held_out": int(drawn.held_out.sum()),
                "channel": channel,
                "created_at": now,
            }
        )
        activation = Activation(
            campaign_id=campaign_id,
            name=declared.name,
            segment_id=segment_id,
            version=version.version,
            trigger=before.recommended_trigger,
            channel=channel,
            salt=salt,
            holdout=declared.holdout,
            exploration=declared.exploration,
            explored=explored,
            arm_probabilities=dict(drawn.probabilities),
            arms=arms,
            held_out_for_good=int(drawn.never.sum()),
            outcome=before.outcome,
            forecast=before.expected_lift,
            planned_variance=planned,
            started_at=now,
            ends_at=ends_at,
            assignments_id=snapshot.id,
        )
        segments.add_version(session, version)
        activations.add(session, activation)
        note_version(
            session,
            "segment.activate",
            version,
            actor=actor,
            before=before,
            change=change,
            campaign=campaign_id,
            arm_probabilities=dict(drawn.probabilities),
            arms=arms,
            ends_at=ends_at.isoformat(),
        )
    return activation


def end_campaign(workspace: Workspace, campaign_id: str, *, actor: str = "cli") -> Activation:
    """End a campaign before its declared end; its control group stays held out until the segment is
    refreshed."""
    now = workspace.now()
    with workspace.control.write() as session:
        activation = activations.get(session, campaign_id)
        if not activations.is_running(activation, now):
            return activation
        ended = activations.end(session, campaign_id, now)
        audit.append(
            session,
            at=now,
            actor=actor,
            action="campaign.end",
            subject=campaign_id,
            detail={"before": {"ended_at": None}, "after": {"ended_at": now.isoformat()}},
        )
        results_updated(session, campaign_id, now)
    return ended


def list_campaigns(workspace: Workspace, segment_id: str | None = None) -> list[Activation]:
    """Campaigns on segments, the newest first."""
    with workspace.control.read() as session:
        return activations.listed(session, segment_id)


def show_campaign(workspace: Workspace, campaign_id: str) -> Activation:
    with workspace.control.read() as session:
        return activations.get(session, campaign_id)


def _checked(declared: Declared, now: datetime) -> datetime:
    """The declared end; raises BadRequest for what can't be."""
    for field, value, least, most in (
        ("holdout", declared.holdout, 0.01, MOST_HOLDOUT),
        ("exploration", declared.exploration, 0.0, MOST_EXPLORATION),
    ):
        if not least <= value <= most:
            raise BadRequest(
                f"{field} is {value}, which is not between {least} and {most}.",
                remedy="Every campaign holds some customers out, or nobody could tell its effect."
                if field == "holdout"
                else "About 0.05 is enough to keep learning.",
                field=field,
            )
    ends_at = declared.ends_at or now + timedelta(days=DAYS)
    if not timedelta(hours=1) <= ends_at - now <= timedelta(days=MOST_DAYS):
        raise BadRequest(
            f"The end is {ends_at:%Y-%m-%d %H:%M}, and now it is {now:%Y-%m-%d %H:%M}.",
            remedy=f"Declare an end from an hour to {MOST_DAYS} days from now.",
            field="ends_at",
        )
    return ends_at


def _require_free(running: Activation | None) -> None:
    if running is not None:
        raise Conflict(
            f"The campaign {running.campaign_id} ({running.name}) runs on this segment until "
            f"{running.ends_at:%Y-%m-%d}.",
            remedy=f"End it first: `aether campaigns end {running.campaign_id}`.",
        )


def _require_channel(
    workspace: Workspace, version: SegmentVersion, channel: Channel | None
) -> None:
    trigger = workspace.catalogue().require(version.recommended_trigger)
    if channel is not None and channel not in trigger.channels:
        raise BadRequest(
            f"{trigger.name} can't go by {channel}.",
            remedy=f"It can by {', '.join(sorted(trigger.channels))}.",
            field="channel",
        )


def _explored(
    workspace: Workspace, version: SegmentVersion, record: ModelRecord, channel: Channel | None
) -> tuple[str, ...]:
    """The triggers among which chance may choose, as the objective and the channel allow."""
    judged = load_model(workspace, record.id).judged
    objective = version.objective.model_copy(update={"channel": channel})
    if version.exact:
        objective = objective.model_copy(update={"proposed_intervention": None})
    allowed, _ = allowed_triggers(objective, judged, workspace.catalogue())
    if len(allowed) < 2:
        raise BadRequest(
            f"There is nothing to explore: {named(version.recommended_trigger)} is the only "
            "trigger that is allowed here.",
            remedy="Leave exploration at 0.",
            field="exploration",
        )
    return allowed


def _sizes(drawn: Drawn) -> dict[str, int]:
    """How many of the eligible got each arm."""
    arms, counts = np.unique(drawn.arm[~drawn.never].astype(str), return_counts=True)
    found = dict(zip(arms.tolist(), counts.tolist(), strict=True))
    return {arm: int(found.get(arm, 0)) for arm in drawn.probabilities}
