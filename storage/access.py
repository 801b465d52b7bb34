"""API keys: made, stored as hashes, checked, revoked."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.scopes import Scope
from storage.control import Control
from storage.tables import KeyRow

PREFIX = "aek"
_ROW = (
    "SELECT secret_hash, name, scopes, demo, expires_at, revoked_at, last_used_at FROM api_keys "
    "WHERE id = :id"
)
USED_EVERY = timedelta(minutes=1)
"""How finely the last use of a key is known; finer would make every pull a write."""


@dataclass(frozen=True)
class ApiKey:
    """`demo` marks a key that was printed by the demo, which only a loopback address may serve."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    demo: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def opens(self, at: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def create(
    session: Session,
    name: str,
    scopes: Iterable[Scope],
    at: datetime,
    *,
    expires_at: datetime | None = None,
    demo: bool = False,
) -> tuple[ApiKey, str]:
    """A new key and its secret text, which is shown once and never stored."""
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = KeyRow(
        id=identity,
        name=name,
        secret_hash=_hash(secret),
        scopes=" ".join(scopes),
        demo=demo,
        created_at=at,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return _key(row), f"{PREFIX}_{identity}_{secret}"


class KeyReader:
    """Says which key a text is. Every request asks, and a key that was revoked is shut at once, so
    that its row is read each time; it is parsed when it differs from what was read before."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._parsed: dict[str, tuple[tuple[object, ...], ApiKey]] = {}

    def verify(self, text: str, at: datetime) -> ApiKey | None:
        """The key that this text is, if it is one that opens at this time."""
        parts = text.split("_", 2)
        if len(parts) != 3 or parts[0] != PREFIX or not parts[1].isalnum():
            return None
        row = self._control.row(_ROW, id=parts[1])
        # An unknown key costs the same comparison as a known one.
        expected = row[0] if row else _hash("")
        if not hmac.compare_digest(expected, _hash(parts[2])) or row is None:
            return None
        key = self._key(parts[1], row)
        return key if key.opens(at) else None

    def _key(self, identity: str, row: tuple[object, ...]) -> ApiKey:
        known = self._parsed.get(identity)
        if known is not None and known[0] == row:
            return known[1]
        with self._control.read() as session:
            key = _key(session.get_one(KeyRow, identity))
        self._parsed[identity] = (row, key)
        return key


def opened(session: Session, identity: str, at: datetime) -> ApiKey | None:
    """The key of an id that was verified before, if it still opens."""
    row = session.get(KeyRow, identity)
    key = None if row is None else _key(row)
    return key if key is not None and key.opens(at) else None


def needs_mark(key: ApiKey, at: datetime) -> bool:
    """Whether its last use was long enough ago to be written down again."""
    return key.last_used_at is None or at - key.last_used_at >= USED_EVERY


def mark_used(session: Session, identity: str, at: datetime) -> None:
    """Write down a use; an older one never overwrites a newer."""
    older = or_(KeyRow.last_used_at.is_(None), KeyRow.last_used_at < at)
    session.execute(update(KeyRow).where(KeyRow.id == identity, older).values(last_used_at=at))


def listed(session: Session) -> list[ApiKey]:
    return [
        _key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id))
    ]


def revoke(session: Session, identity: str, at: datetime) -> ApiKey:
    row = session.get(KeyRow, identity)
    if row is None:
        raise NotFound(
            f"There is no API key {identity!r}.", remedy="See `aether keys list`.", field="key"
        )
    row.revoked_at = row.revoked_at or at
    return _key(row)


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash is as good as a slow one.
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: KeyRow) -> ApiKey:
    return ApiKey(
        row.id,
        row.name,
        tuple(Scope(word) for word in row.scopes.split()),
        row.demo,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
    )
