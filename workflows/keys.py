"""API keys: who may do what through the API, until when."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import timedelta

from domain.errors import Conflict
from domain.scopes import Scope
from storage import access, audit
from storage.access import ApiKey
from workflows.workspace import Workspace

__all__ = [
    "ApiKey",
    "create_key",
    "list_keys",
    "refuse_demo_key",
    "revoke_key",
    "still_open",
    "verify_key",
]

DEFAULT_SCOPES = (Scope.SEGMENTS_READ,)


def create_key(
    workspace: Workspace,
    name: str,
    scopes: Iterable[Scope] = DEFAULT_SCOPES,
    *,
    lifetime: timedelta | None = None,
    demo: bool = False,
    actor: str = "cli",
) -> tuple[ApiKey, str]:
    """A new API key and its secret text, shown once."""
    now = workspace.now()
    expires = None if lifetime is None else now + lifetime
    with workspace.control.write() as session:
        key, text = access.create(session, name, scopes, now, expires_at=expires, demo=demo)
        audit.append(
            session,
            at=now,
            actor=actor,
            action="key.create",
            subject=key.id,
            detail={
                "name": name,
                "scopes": list(key.scopes),
                "expires_at": None if expires is None else expires.isoformat(),
            },
        )
    return key, text


def revoke_key(workspace: Workspace, identity: str, *, actor: str = "cli") -> ApiKey:
    """End a key: the next request with it is refused."""
    now = workspace.now()
    with workspace.control.write() as session:
        key = access.revoke(session, identity, now)
        audit.append(session, at=now, actor=actor, action="key.revoke", subject=key.id, detail={})
    return key


def list_keys(workspace: Workspace) -> list[ApiKey]:
    with workspace.control.read() as session:
        return access.listed(session)


def verify_key(workspace: Workspace, text: str) -> ApiKey | None:
    """The key that a text is, if it may be used now. It is read from the control plane each time,
    so that a revoked key is shut at once on every server."""
    now = workspace.now()
    key = workspace.keys.verify(text, now)
    if key is not None and access.needs_mark(key, now):
        with workspace.control.write() as session:
            access.mark_used(session, key.id, now)
    return key


def noted_key(workspace: Workspace, text: str) -> ApiKey | None:
    """As `verify_key`, but nothing is written: None also for a key whose use is to be noted."""
    now = workspace.now()
    key = workspace.keys.verify(text, now)
    return None if key is None or access.needs_mark(key, now) else key


def still_open(workspace: Workspace, identity: str) -> ApiKey | None:
    """The key of an id that was verified when somebody signed in, if it may still be used: a key
    that was revoked or has expired ends every session that began with it."""
    with workspace.control.read() as session:
        return access.opened(session, identity, workspace.now())


def refuse_demo_key(workspace: Workspace, host: str) -> None:
    """Raise where other machines could use a key that the demo printed on a screen."""
    if _is_loopback(host):
        return
    now = workspace.now()
    for key in list_keys(workspace):
        if key.demo and key.opens(now):
            raise Conflict(
                f"The demo's key {key.id} still opens, and {host} can be reached from elsewhere.",
                remedy=f"End it first: `aether keys revoke {key.id}`.",
                field="host",
            )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
