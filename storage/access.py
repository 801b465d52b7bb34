"""API keys: made, stored as hashes, checked, revoked."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from storage.tables import KeyRow

PREFIX = "aek"


@dataclass(frozen=True)
class ApiKey:
    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


def create(session: Session, name: str, at: datetime) -> tuple[ApiKey, str]:
    """A new key and its secret text, which is shown once and never stored."""
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = KeyRow(id=identity, name=name, secret_hash=_hash(secret), created_at=at)
    session.add(row)
    session.flush()
    return _key(row), f"{PREFIX}_{identity}_{secret}"


def verify(session: Session, text: str) -> ApiKey | None:
    """The key that this text is, if it is one and was not revoked."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX:
        return None
    row = session.get(KeyRow, parts[1])
    expected = row.secret_hash if row else _hash("")
    if not hmac.compare_digest(expected, _hash(parts[2])):
        return None
    return _key(row) if row and row.revoked_at is None else None


def listed(session: Session) -> list[ApiKey]:
    return [_key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at))]


def revoke(session: Session, identity: str, at: datetime) -> ApiKey:
    row = session.get(KeyRow, identity)
    if row is None:
        raise NotFound(f"There is no API key {identity!r}.", remedy="See `aether keys list`.")
    row.revoked_at = row.revoked_at or at
    return _key(row)


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash is as good as a slow one.
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: KeyRow) -> ApiKey:
    return ApiKey(row.id, row.name, row.created_at, row.revoked_at)
