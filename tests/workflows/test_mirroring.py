"""What a mirror of a segment is told: who is not to be sent to now, and who is again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from domain.suppression import Exclusion
from tests.activation_api.little import customer, little, with_segment
from workflows.erasure import request_erasure
from workflows.mirroring import changes_since
from workflows.pulling import pull
from workflows.suppression import Suppression, lift, suppress
from workflows.workspace import Workspace


def all_changes(
    workspace: Workspace, limit: int, fields: tuple[str, ...] | None = None
) -> tuple[list[dict[str, object]], Counter[str]]:
    """What a mirror of the first version is told, and how many for each reason."""
    told: list[dict[str, object]] = []
    cursor: str | None = None
    counts = Counter[str]()
    while True:
        page = changes_since(workspace, "seg_little", 1, limit=limit, cursor=cursor, fields=fields)
        assert len(page.page.members) <= limit
        told += json.loads(page.page.json)
        counts.update(page.excluded)
        cursor = page.next_cursor
        if cursor is None:
            return told, counts


@pytest.mark.parametrize(("limit", "scanned"), [(1, 3), (2, 7), (1_000, 10), (1_000, 20_000)])
def test_who_was_suppressed_since_is_removed_from_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, scanned: int
) -> None:
    monkeypatch.setattr("workflows.mirroring.SCANNED", scanned)
    small = little(tmp_path / "shop")
    with_segment(small)
    gone = [customer(number) for number in (0, 1, 7, 39)]
    suppress(small, [Suppression(one, "all", Exclusion.SUPPRESSED) for one in gone], actor="t")
    request_erasure(small, customer(20), actor="t")
    told, counts = all_changes(small, limit)
    expected = sorted([*gone, customer(20)])
    assert told == [{"change": "removed", "customer": {"customer_id": one}} for one in expected]
    assert counts == {"suppressed": 4, "erased": 1}
    small.close()


@pytest.mark.parametrize(("limit", "scanned"), [(1, 3), (2, 7), (1_000, 20_000)])
def test_whose_suppression_ended_since_is_added_to_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, scanned: int
) -> None:
    monkeypatch.setattr("workflows.mirroring.SCANNED", scanned)
    small = little(tmp_path / "shop")
    with_segment(small)
    some = [customer(number) for number in (0, 7, 39)]
    suppress(small, [Suppression(one, "all", Exclusion.SUPPRESSED) for one in some], actor="t")
    suppress(small, [Suppression(some[1], "sms", Exclusion.UNSUBSCRIBED)], actor="t")
    suppress(small, [Suppression("nobody", "all", Exclusion.SUPPRESSED)], actor="t")
    lift(small, some[0], "all", actor="t")
    lift(small, some[1], "sms", actor="t")  # who is still suppressed on all channels
    lift(small, "nobody", "all", actor="t")
    told, counts = all_changes(small, limit)
    (member,) = [
        one
        for one in json.loads(pull(small, "seg_little", limit=1_000).members_json)
        if one["customer_id"] == some[0]
    ]
    assert told == [
        {"change": "added", "customer": member},
        {"change": "removed", "customer": {"customer_id": some[1]}},
        {"change": "removed", "customer": {"customer_id": some[2]}},
    ]
    assert counts == {"suppressed": 2}
    told, _ = all_changes(small, limit, ("customer_id",))
    assert told[0] == {"change": "added", "customer": {"customer_id": some[0]}}
    small.close()
