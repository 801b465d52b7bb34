"""The audit log is verified against a head kept outside it, so that no end is cut off unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text

from domain.errors import BadData, BadRequest
from storage.audit import Head
from storage.audithead import HeadFile
from storage.tables import AuditRow
from workflows.auditing import list_deeds, read_head, verify_audit
from workflows.keys import create_key
from workflows.workspace import AUDIT_HEAD, Workspace


def test_a_log_that_grew_is_whole_and_its_head_holds(own: Workspace) -> None:
    create_key(own, "a")
    first = verify_audit(own)
    assert first.fault is None
    assert first.head is not None
    assert first.rows == len(list_deeds(own)) == first.head.id
    create_key(own, "b")
    assert verify_audit(own, first.head).fault is None
    assert HeadFile(own.root / AUDIT_HEAD).read() == verify_audit(own).head


def test_an_end_that_was_cut_off_is_found(own: Workspace) -> None:
    for name in "abc":
        create_key(own, name)
    last = verify_audit(own).head
    assert last is not None
    with own.control.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.id == last.id))
    found = verify_audit(own)
    assert found.fault is not None
    assert f"ends at row {last.id - 1}" in found.fault
    (own.root / AUDIT_HEAD).unlink()
    assert verify_audit(own).fault is None, "without the file nothing tells"
    assert verify_audit(own, last).fault is not None, "but a head noted elsewhere does"


def test_a_log_replaced_by_another_of_the_same_length_is_found(own: Workspace) -> None:
    create_key(own, "a")
    newest = verify_audit(own).head
    assert newest is not None
    with own.control.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.id == newest.id))
    (own.root / AUDIT_HEAD).rename(own.root / "aside")
    create_key(own, "mallory")
    (own.root / "aside").rename(own.root / AUDIT_HEAD)
    with own.control.write() as session:
        session.execute(text(f"UPDATE audit SET id = {newest.id} WHERE id > {newest.id}"))
    found = verify_audit(own)
    assert found.fault is not None
    assert "another hash" in found.fault


def test_a_deed_undone_moves_no_head(own: Workspace) -> None:
    create_key(own, "a")
    before = HeadFile(own.root / AUDIT_HEAD).read()
    with pytest.raises(ZeroDivisionError), own.control.write() as session:
        from storage import audit

        audit.append(session, at=own.now(), actor="a", action="b", subject="c", detail={})
        raise ZeroDivisionError
    assert HeadFile(own.root / AUDIT_HEAD).read() == before
    assert verify_audit(own).fault is None


def test_the_head_never_goes_back(own: Workspace) -> None:
    create_key(own, "a")
    file = HeadFile(own.root / AUDIT_HEAD)
    newest = file.read()
    assert newest is not None
    file.keep(Head(newest.id - 1, "0" * 64))
    assert file.read() == newest


def test_a_head_that_can_not_be_read_is_named(own: Workspace) -> None:
    (own.root / AUDIT_HEAD).write_text("{}")
    with pytest.raises(BadData, match="audit-head"):
        verify_audit(own)
    assert read_head("57:" + "a" * 64) == Head(57, "a" * 64)
    for wrong in ("", "57", "x:" + "a" * 64, "57:abc"):
        with pytest.raises(BadRequest, match="head"):
            read_head(wrong)
