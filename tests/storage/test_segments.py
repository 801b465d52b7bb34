"""Segments and their frozen versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from domain.criteria import Condition, Op
from domain.errors import NotFound
from domain.objective import CampaignObjective
from domain.segment import Explanation, Interval, SegmentVersion
from storage import segments
from storage.control import Control

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def version(identity: str, number: int = 1, day: int = 0) -> SegmentVersion:
    criteria = Condition(field="best_trigger", op=Op.EQ, value="social_proof")
    return SegmentVersion(
        segment_id=identity,
        version=number,
        name="Social proof: everyone",
        recommended_trigger="social_proof",
        criteria=criteria,
        criteria_text="best trigger is social proof",
        size=3,
        outcome="visit",
        expected_lift=Interval(estimate=0.1, low=0.05, high=0.15, basis="some"),
        expected_net_value=None,
        value_unit="visit",
        explanation=Explanation(text="Because."),
        objective=CampaignObjective(audience=criteria, brief="é\u0000"),
        model_id="mdl-a",
        profiles_id="profiles-a",
        members_id=f"members-{identity}-{number}",
        created_at=NOW + timedelta(days=day),
    )


def test_what_was_kept_is_read_back(control: Control) -> None:
    kept = version("seg_a")
    with control.write() as session:
        segments.add_version(session, kept)
    with control.read() as session:
        assert segments.get(session, "seg_a") == kept


def test_the_newest_version_is_current_and_the_old_ones_stay(control: Control) -> None:
    with control.write() as session:
        for one in (version("seg_a"), version("seg_b", day=1), version("seg_a", 2, day=2)):
            segments.add_version(session, one)
    with control.read() as session:
        assert segments.get(session, "seg_a").version == 2
        assert segments.get(session, "seg_a", 1).version == 1
        assert [(v.segment_id, v.version) for v in segments.listed(session)] == [
            ("seg_b", 1),
            ("seg_a", 2),
        ]
        for identity, number in (("seg_x", None), ("seg_a", 3), ("seg_x", 1)):
            with pytest.raises(NotFound):
                segments.get(session, identity, number)


def test_a_version_is_never_written_over(control: Control) -> None:
    with control.write() as session:
        segments.add_version(session, version("seg_a"))
    with pytest.raises(IntegrityError), control.write() as session:
        segments.add_version(session, version("seg_a").model_copy(update={"size": 4}))
    with control.read() as session:
        assert segments.get(session, "seg_a").size == 3


def test_an_older_version_is_made_current_and_numbers_go_on(control: Control) -> None:
    with control.write() as session:
        for one in (version("seg_a"), version("seg_a", 2, day=1)):
            segments.add_version(session, one)
        segments.make_current(session, "seg_a", 1)
    with control.write() as session:
        assert segments.state(session, "seg_a", lock=True).current_version == 1
        assert segments.get(session, "seg_a").version == 1
        assert [one.version for one in segments.versions(session, "seg_a")] == [2, 1]
        assert segments.next_number(session, "seg_a") == 3
        with pytest.raises(NotFound, match="It has 1, 2"):
            segments.make_current(session, "seg_a", 7)


def test_an_archived_segment_is_listed_apart(control: Control) -> None:
    with control.write() as session:
        for identity in ("seg_a", "seg_b"):
            segments.add_version(session, version(identity))
        segments.archive(session, "seg_a", NOW)
    with control.write() as session:
        assert [one.segment_id for one in segments.listed(session)] == ["seg_b"]
        assert [one.segment_id for one in segments.listed(session, archived=True)] == ["seg_a"]
        assert segments.state(session, "seg_a").archived_at == NOW
        segments.archive(session, "seg_a", None)
        assert segments.state(session, "seg_a").archived_at is None
        for deed in (segments.state, segments.versions):
            with pytest.raises(NotFound):
                deed(session, "seg_x")
