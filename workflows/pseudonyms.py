"""A person's name in what must not hold the person: the audit, and tombstones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from workflows.workspace import Workspace

_BLOCK = 64


def pseudonym(workspace: Workspace, customer_id: str) -> str:
    """A keyed hash: the same person has the same one, and without the workspace's secret nobody can
    tell whose it is, not even by trying all ids."""
    return pseudonyms(workspace, [customer_id])[0]


def pseudonyms(workspace: Workspace, customer_ids: Iterable[str]) -> list[str]:
    """Those of many (n,), by HMAC-SHA256 (RFC 2104) written out: every customer of every pull is
    looked up, and `hmac.digest` takes three times as long."""
    inner, outer = _pads(workspace.settings.secret)
    return [sha256(outer + sha256(inner + i.encode()).digest()).hexdigest() for i in customer_ids]


@lru_cache(maxsize=8)
def _pads(secret: str) -> tuple[bytes, bytes]:
    key = b"person:" + secret.encode()
    key = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
