"""Victims that make a model's segment anew, and what must hold of its versions afterwards."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from domain.events import Event as News
from domain.objective import CampaignGoal, CampaignObjective
from domain.segment import SegmentVersion
from storage import audit, segments, webhooks
from storage.members import HELD_OUT, everybody
from tests.killing import local_now
from workflows.activation import Declared, activate_segment
from workflows.campaign import build_segments
from workflows.doctor import examine
from workflows.pulling import pull
from workflows.refreshing import refresh_segment
from workflows.webhooks import create_webhook
from workflows.workspace import Workspace

LONGEST_SECONDS = 2.0


def campaign(company: Path, folder: Path, address: str) -> tuple[Path, str]:
    """A copy of a company with a model, and the segment of a running campaign there."""
    root = folder / "company"
    shutil.copytree(company, root)
    workspace = Workspace.open(root, now=local_now)
    create_webhook(workspace, address, list(News), allow_private=True, actor="test")
    for trigger in ("free_shipping", "gift_guide"):
        objective = CampaignObjective(
            campaign_goal=CampaignGoal.INCREASE_CONVERSION, proposed_intervention=trigger
        )
        build_segments(workspace, objective)
    with workspace.control.read() as session:
        largest = max(segments.listed(session), key=lambda one: one.size)
    activate_segment(workspace, largest.segment_id, Declared("spring"), actor="test")
    workspace.close()
    return root, largest.segment_id


def refresh(workspace: Workspace) -> None:
    """Version after version of every segment."""
    while True:
        with workspace.control.read() as session:
            known = [one.segment_id for one in segments.listed(session)]
        for segment_id in known:
            refresh_segment(workspace, segment_id, actor="victim")


def check(root: Path, running: str) -> int:
    """Open the workspace as after a restart; how many versions all segments together have. As
    neither data nor model changed, each version of a segment has the same members, whom the
    campaign holds out stays held out, and each is told of once."""
    workspace = Workspace.open(root, now=local_now)
    try:
        examined = examine(workspace)
        assert examined.is_whole, examined.findings
        with workspace.control.read() as session:
            assert audit.broken_at(session) is None
            logged = Counter(
                row.subject for row in audit.entries(session) if row.action == "segment.refresh"
            )
            numbered = {
                one.segment_id: segments.versions(session, one.segment_id)
                for one in segments.listed(session)
            }
            told = Counter(
                (data["segment_id"], data["version"]) for data in _told_of_versions(session)
            )
        for segment_id, versions in numbered.items():
            numbers = [one.version for one in versions]
            assert sorted(numbers) == list(range(1, len(numbers) + 1)), "lost or doubled"
            assert [told[segment_id, number] for number in numbers] == [1] * len(numbers)
            # All but the first, and the campaign's own, are refreshes.
            begun = segment_id == running
            assert logged[segment_id] == len(numbers) - 1 - begun
            _same_members(workspace, versions, begun)
        assert pull(workspace, running, limit=10).version.version == len(numbered[running])
        return sum(map(len, numbered.values()))
    finally:
        workspace.close()


def _told_of_versions(session: Session) -> list[dict[str, Any]]:
    return [
        json.loads(message.body)["data"]
        for hook in webhooks.listed(session)
        for message in webhooks.messages(session, hook.id, limit=1_000_000)
        if message.type == News.VERSION_CREATED
    ]


def _same_members(workspace: Workspace, versions: list[SegmentVersion], begun: bool) -> None:
    """Everybody once in each version; the same are held out in all of them, or since a campaign
    began in all but the first."""
    members, held_out = set(), set()
    for one in versions:
        snapshot = workspace.snapshots.open(one.members_id)
        ids = everybody(snapshot, ["customer_id"]).column("customer_id").to_pylist()
        assert len(ids) == len(set(ids)) == one.size
        members.add(frozenset(ids))
        apart = snapshot.read(HELD_OUT, ["customer_id"])
        if one.version > begun:
            kept = [] if apart is None else apart.column("customer_id").to_pylist()
            held_out.add(frozenset(kept))
    assert len(members) == len(held_out) == 1
    assert any(held_out) or not begun
