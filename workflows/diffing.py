"""Two versions of a segment side by side."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from domain.experiment import OutcomeKind
from domain.segment import SegmentVersion
from domain.segmentdiff import Changed, SegmentDiff
from storage import segments
from storage.members import everybody
from workflows.amounts import effect, span
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

MOST_IDS = 100


def diff_versions(
    workspace: Workspace, segment_id: str, before: int, after: int | None = None
) -> SegmentDiff:
    """What changed from one version to another, the current one without a number."""
    with workspace.control.read() as session:
        old = segments.get(session, segment_id, before)
        new = segments.get(session, segment_id, after)
    was, now = _ids(workspace, old), _ids(workspace, new)
    entered = now.filter(pc.invert(pc.is_in(now, value_set=was)))
    left = was.filter(pc.invert(pc.is_in(was, value_set=now)))
    return SegmentDiff(
        segment_id=segment_id,
        before=old.version,
        after=new.version,
        size_before=len(was),
        size_after=len(now),
        entered=len(entered),
        left=len(left),
        stayed=len(now) - len(entered),
        entered_ids=tuple(entered.slice(0, MOST_IDS).to_pylist()),
        left_ids=tuple(left.slice(0, MOST_IDS).to_pylist()),
        changed=_changed(workspace, old, new),
    )


def _ids(workspace: Workspace, version: SegmentVersion) -> pa.Array:
    members = everybody(workspace.snapshots.open(version.members_id), ["customer_id"])
    return members.column("customer_id").combine_chunks()


def _changed(workspace: Workspace, old: SegmentVersion, new: SegmentVersion) -> tuple[Changed, ...]:
    was, now = _told(workspace, old), _told(workspace, new)
    return tuple(
        Changed(what=what, before=was[what], after=now[what])
        for what in was
        if was[what] != now[what]
    )


def _told(workspace: Workspace, version: SegmentVersion) -> dict[str, str]:
    profiles = workspace.snapshots.open(version.profiles_id)
    return {
        "criteria": version.criteria_text,
        "trigger": version.recommended_trigger,
        "outcome": version.outcome,
        "model": version.model_id,
        "customers as of": str(profiles.meta.get("as_of", profiles.id)),
        "held out": f"{version.held_out:,}",
        "cut": version.cut or "none",
        "expected lift": _lift(workspace, version),
        "rule": "none" if version.rule is None else version.rule.rule_text,
    }


def _lift(workspace: Workspace, version: SegmentVersion) -> str:
    lift = version.expected_lift
    if lift is None:
        return "not enough evidence"
    kind: OutcomeKind = find_outcome(workspace, version.outcome).kind
    told = effect(lift.estimate, version.outcome, kind, workspace.settings.currency)
    return f"{told} ({span(lift, kind)})"
