"""The audit log: any row changed, put in or taken out before the last one is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, func, text, update

from storage import audit
from storage.control import Control
from storage.tables import AuditRow

AT = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def log(control: Control) -> Control:
    for number in range(5):
        with control.write() as session:
            audit.append(
                session,
                at=AT + timedelta(minutes=number),
                actor="cli",
                action="import",
                subject=f"c{number % 2}",
                detail={"rows": number, "text": "é\u0000", "list": [1.5, None]},
            )
    return control


def test_a_whole_log_is_whole(log: Control) -> None:
    with log.read() as session:
        assert audit.broken_at(session) is None
        rows = audit.entries(session)
        assert [row.detail["rows"] for row in rows] == [0, 1, 2, 3, 4]
        assert [row.at for row in rows] == [AT + timedelta(minutes=n) for n in range(5)]
        assert [row.detail["rows"] for row in audit.entries(session, "c1")] == [1, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "mallory"},
        {"action": "train"},
        {"subject": "c9"},
        {"detail": {"rows": 7, "text": "é\u0000", "list": [1.5, None]}},
        {"at": AT + timedelta(minutes=2, seconds=1)},
        {"previous_hash": AuditRow.hash},
        {"hash": "f" + func.substr(AuditRow.hash, 2)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_of_a_row_is_found(log: Control, change: dict[str, Any]) -> None:
    with log.write() as session:
        session.execute(update(AuditRow).where(AuditRow.id == 3).values(change))
    with log.read() as session:
        assert audit.broken_at(session) == 3


@pytest.mark.parametrize("row", [1, 2, 4])
def test_a_row_taken_out_is_found_at_the_next(log: Control, row: int) -> None:
    with log.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.id == row))
    with log.read() as session:
        assert audit.broken_at(session) == row + 1


def test_rows_that_changed_places_are_found(log: Control) -> None:
    with log.write() as session:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(text(f"UPDATE audit SET id = {new} WHERE id = {old}"))
    with log.read() as session:
        assert audit.broken_at(session) == 2


def test_a_deed_undone_leaves_no_record(log: Control) -> None:
    with pytest.raises(ZeroDivisionError), log.write() as session:
        audit.append(session, at=AT, actor="a", action="b", subject="c", detail={})
        raise ZeroDivisionError
    with log.read() as session:
        assert len(audit.entries(session)) == 5
        assert audit.broken_at(session) is None


def test_times_of_another_zone_are_kept_as_utc(control: Control) -> None:
    berlin = timezone(timedelta(hours=1))
    with control.write() as session:
        at = AT.astimezone(berlin)
        audit.append(session, at=at, actor="a", action="b", subject="c", detail={})
    with control.read() as session:
        (row,) = audit.entries(session)
        assert (row.at, row.at.utcoffset()) == (AT, timedelta(0))
        assert audit.broken_at(session) is None
