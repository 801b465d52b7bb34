"""Campaigns on segments, on each database: declared once, ended once, told of now and then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.activation import Activation
from domain.errors import NotFound
from storage import activations
from storage.control import Control

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def activation(campaign_id: str, **changed: Any) -> Activation:
    stated: dict[str, Any] = {
        "campaign_id": campaign_id,
        "name": "é\u0000",
        "segment_id": "seg_a",
        "version": 2,
        "trigger": "social_proof",
        "channel": "email",
        "salt": "s",
        "holdout": 0.1,
        "exploration": 0.0,
        "arm_probabilities": {"none": 0.1, "social_proof": 0.9},
        "arms": {"none": 10, "social_proof": 90},
        "held_out_for_good": 2,
        "outcome": "visit",
        "forecast": None,
        "planned_variance": 0.01,
        "started_at": NOW,
        "ends_at": NOW + 10 * DAY,
        "assignments_id": "members-x",
    }
    return Activation.model_validate(stated | changed)


def test_what_was_declared_is_read_back(control: Control) -> None:
    kept = activation("cmp_a")
    later = activation("cmp_b", segment_id="seg_b", started_at=NOW + DAY)
    with control.write() as session:
        activations.add(session, kept)
        activations.add(session, later)
    with control.read() as session:
        assert activations.get(session, "cmp_a") == kept
        assert activations.listed(session) == [later, kept]
        assert activations.listed(session, "seg_a") == [kept]
        with pytest.raises(NotFound):
            activations.get(session, "cmp_x")


def test_one_runs_until_its_end_or_until_it_is_ended(control: Control) -> None:
    with control.write() as session:
        activations.add(session, activation("cmp_a"))
        assert activations.running(session, "seg_a", NOW + 9 * DAY) is not None
        assert activations.running(session, "seg_a", NOW + 10 * DAY) is None
        assert activations.running(session, "seg_b", NOW) is None
    with control.write() as session:
        assert activations.end(session, "cmp_a", NOW + DAY).ended_at == NOW + DAY
        assert activations.end(session, "cmp_a", NOW + 2 * DAY).ended_at == NOW + DAY
        assert activations.running(session, "seg_a", NOW + DAY) is None


def test_news_is_told_once_a_day_and_once_it_is_over(control: Control) -> None:
    with control.write() as session:
        activations.add(session, activation("cmp_a"))
    told = []
    for hours in (1, 24, 25, 48, 9 * 24, 241, 400):
        with control.write() as session:
            at = NOW + timedelta(hours=hours)
            if activations.to_tell(session, at, DAY):
                told.append(hours)
    assert told == [24, 48, 216, 241]
