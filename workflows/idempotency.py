"""A POST that is sent twice is done once."""

from __future__ import annotations

import hashlib

from sqlalchemy.exc import IntegrityError

from storage import idempotency
from storage.idempotency import Answer, Known
from workflows.workspace import Workspace

__all__ = ["Answer", "Known", "begin", "finish", "forget", "identity_of"]


def identity_of(key_id: str, idempotency_key: str) -> str:
    """The name under which a caller's request is kept; callers never meet one another's."""
    return hashlib.sha256(f"{key_id}\n{idempotency_key}".encode()).hexdigest()


def begin(workspace: Workspace, identity: str, fingerprint: str) -> Known | None:
    """None where the request is new and may go on; else what is known of it."""
    try:
        with workspace.control.write() as session:
            return idempotency.begin(session, identity, fingerprint, workspace.now())
    except IntegrityError:  # another server took it in the same moment
        with workspace.control.write() as session:
            return idempotency.begin(session, identity, fingerprint, workspace.now())


def finish(workspace: Workspace, identity: str, answer: Answer) -> None:
    with workspace.control.write() as session:
        idempotency.finish(session, identity, answer)


def forget(workspace: Workspace, identity: str) -> None:
    with workspace.control.write() as session:
        idempotency.forget(session, identity)
