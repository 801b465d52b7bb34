"""A due time is taken once, whoever looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import schedules
from storage.control import Control
from storage.schedules import Schedule

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def later(expression: str, after: datetime) -> datetime:
    return after + HOUR


def taken(control: Control, at: datetime) -> list[str]:
    with control.write() as session:
        return [one.kind for one in schedules.take_due(session, at, later)]


def test_a_due_time_is_taken_by_one_and_what_was_missed_only_once(control: Control) -> None:
    with control.write() as session:
        schedules.put(session, Schedule("axes_refresh", "0 * * * *", START))
    assert taken(control, START - HOUR) == []
    assert taken(control, START + 5 * HOUR) == ["axes_refresh"]
    assert taken(control, START + 5 * HOUR) == []
    assert taken(control, START + 6 * HOUR) == ["axes_refresh"]


def test_a_schedule_is_replaced_and_dropped(control: Control) -> None:
    with control.write() as session:
        schedules.put(session, Schedule("axes_refresh", "0 * * * *", START))
        schedules.put(session, Schedule("axes_refresh", "5 * * * *", START + HOUR))
    with control.read() as session:
        found = schedules.get(session, "axes_refresh")
    assert found == Schedule("axes_refresh", "5 * * * *", START + HOUR)
    with control.write() as session:
        assert schedules.drop(session, "axes_refresh")
        assert not schedules.drop(session, "axes_refresh")
        assert schedules.get(session, "axes_refresh") is None
    assert taken(control, START + 2 * HOUR) == []
