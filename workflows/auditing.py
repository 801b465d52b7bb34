"""Is the audit log whole? Its own chain, and the head that is kept outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import BadRequest
from storage import audit
from storage.audit import Head
from storage.audithead import HeadFile
from workflows.workspace import AUDIT_HEAD, Workspace

AUDIT_LOCK = Path(AUDIT_HEAD).with_suffix(".lock").name


@dataclass(frozen=True)
class Verified:
    """`fault` says in words what is wrong, None where the log is whole up to `head`."""

    rows: int
    head: Head | None
    fault: str | None


@dataclass(frozen=True)
class Deed:
    """One row of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def verify_audit(workspace: Workspace, known: Head | None = None) -> Verified:
    """Check every row's hash and link, and that the last known head (the file's in the workspace,
    and `known`, one that somebody noted elsewhere) is still in the log."""
    heads = [
        (kept, where)
        for kept, where in (
            (HeadFile(workspace.root / AUDIT_HEAD).read(), f"the file {AUDIT_HEAD}"),
            (known, "the head that was given"),
        )
        if kept is not None
    ]
    with workspace.control.read() as session:
        newest = audit.head(session)
        rows = audit.count(session)
        broken = audit.broken_at(session)
        missing = [(kept, where) for kept, where in heads if not audit.holds(session, kept)]
    fault = None
    if broken is not None:
        fault = f"Row {broken} was changed, put in, or a row before it was taken out."
    elif missing:
        kept, where = missing[0]
        ends = "is empty" if newest is None else f"ends at row {newest.id}"
        fault = (
            f"The log {ends}, but {where} knows a row {kept.id} with another hash: rows were cut "
            "off, or the log was replaced."
        )
    return Verified(rows, newest, fault)


def keep_head(workspace: Workspace) -> None:
    """Remember the log's newest row outside the database: of a log that was restored."""
    with workspace.control.read() as session:
        newest = audit.head(session)
    if newest is not None:
        HeadFile(workspace.root / AUDIT_HEAD).keep(newest)


def read_head(text: str) -> Head:
    """A head as `aether audit verify` prints it: `57:4f9c...`."""
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise BadRequest(
            f"{text!r} is no head of the audit log.",
            remedy="Give it as `aether audit verify` printed it, such as 57:4f9c...",
            field="head",
        )
    return Head(int(number), digest)


def list_deeds(workspace: Workspace, subject: str | None = None) -> list[Deed]:
    """What was done, the oldest first; of one subject (a segment, a model, a key) where named."""
    with workspace.control.read() as session:
        return [
            Deed(row.id, row.at, row.actor, row.action, row.subject, row.detail)
            for row in audit.entries(session, subject)
        ]
