"""Versions of the axes: numbered, the newest current."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import axes
from storage.control import Control

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_newest_version_is_current(control: Control) -> None:
    with control.read() as session:
        assert axes.current(session) is None
        assert axes.newest(session) is None
        assert axes.assigned(session) == ()
    with control.write() as session:
        first = axes.add(session, START, ["price_sensitivity"], {"axes": [1]})
    with control.write() as session:
        second = axes.add(session, START + timedelta(days=1), [], {"axes": [2]})
    assert (first.version, second.version) == (1, 2)
    with control.read() as session:
        found = axes.current(session)
        assert axes.assigned(session) == ()
    assert found == second
    assert found is not None
    assert found.payload == {"axes": [2]}
