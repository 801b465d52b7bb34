"""Keys: made, checked, used, ended; and what the demo's key may not be served on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import Conflict, NotFound
from domain.scopes import Scope
from storage import audit
from storage.dump import dump
from tests.workflows.company import NOW
from workflows.keys import create_key, list_keys, refuse_demo_key, revoke_key, verify_key
from workflows.workspace import Workspace


@pytest.fixture
def empty(tmp_path: Path, database_url: str | None) -> Iterator[Workspace]:
    workspace = Workspace.create(tmp_path / "shop", database_url=database_url, now=lambda: NOW)
    yield workspace
    workspace.close()


def test_keys_are_made_checked_and_revoked(empty: Workspace) -> None:
    key, secret = create_key(empty, "crm", (Scope.SEGMENTS_READ, Scope.PII_READ))
    other, _ = create_key(empty, "ads")
    found = verify_key(empty, secret)
    assert found is not None
    assert (found.id, found.scopes) == (key.id, (Scope.SEGMENTS_READ, Scope.PII_READ))
    assert other.scopes == (Scope.SEGMENTS_READ,), "little is the default"
    with empty.control.read() as session:
        kept = "".join(dump(session))
    assert key.id in kept
    assert secret.split("_", 2)[2] not in kept
    for wrong in (secret[:-1], secret + "x", secret.replace(key.id, other.id), "", "aek__", "x"):
        assert verify_key(empty, wrong) is None
    assert revoke_key(empty, key.id).revoked_at == NOW
    assert verify_key(empty, secret) is None
    empty.now = lambda: NOW + timedelta(days=1)
    assert revoke_key(empty, key.id).revoked_at == NOW, "the first time stands"
    assert {one.name for one in list_keys(empty)} == {"crm", "ads"}
    with pytest.raises(NotFound):
        revoke_key(empty, "nobody")
    with empty.control.read() as session:
        rows = audit.entries(session)
    assert [row.action for row in rows] == ["key.create"] * 2 + ["key.revoke"] * 2
    assert rows[0].detail["scopes"] == ["segments:read", "pii:read"]


def test_a_key_ends_at_its_time(empty: Workspace) -> None:
    key, secret = create_key(empty, "crm", lifetime=timedelta(days=90))
    assert key.expires_at == NOW + timedelta(days=90)
    empty.now = lambda: NOW + timedelta(days=90, seconds=-1)
    assert verify_key(empty, secret) is not None
    empty.now = lambda: NOW + timedelta(days=90)
    assert verify_key(empty, secret) is None


def test_the_last_use_is_kept_to_the_minute(empty: Workspace) -> None:
    key, secret = create_key(empty, "crm")
    assert key.last_used_at is None
    for seconds, seen in ((0, 0), (59, 0), (60, 60), (90, 60)):
        empty.now = lambda seconds=seconds: NOW + timedelta(seconds=seconds)  # type: ignore[misc]
        verify_key(empty, secret)
        verify_key(empty, secret[:-1] + "!")
        assert list_keys(empty)[0].last_used_at == NOW + timedelta(seconds=seen)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "::", "shop.example"])
def test_a_demo_key_is_served_on_loopback_only(empty: Workspace, host: str) -> None:
    refuse_demo_key(empty, host)
    key, _ = create_key(empty, "demo", demo=True, lifetime=timedelta(days=7))
    for near in ("127.0.0.1", "localhost", "::1", "127.8.9.1"):
        refuse_demo_key(empty, near)
    with pytest.raises(Conflict, match=key.id):
        refuse_demo_key(empty, host)
    revoke_key(empty, key.id)
    refuse_demo_key(empty, host)
