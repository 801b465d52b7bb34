"""Cursors: where a walk through pages stands, signed so that nobody can make one up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from domain.errors import BadRequest

_MAC = 16


def make_cursor(kind: str, place: list[str | int], secret: str) -> str:
    """A cursor of a kind of walk; `place` begins with what the walk is bound to."""
    body = json.dumps([kind, *place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(body, secret) + body).decode().rstrip("=")


def read_cursor(kind: str, cursor: str, bound: list[str | int], secret: str) -> list[int]:
    """The numbers that follow what the walk is bound to. Raises BadRequest for a cursor that is
    changed, or of another walk."""
    wrong = BadRequest(
        "The cursor is not one of this segment.",
        remedy="Use `links.next` of the page before, or start without a cursor.",
        field="cursor",
    )
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    signature, body = raw[:_MAC], raw[_MAC:]
    if not hmac.compare_digest(signature, _sign(body, secret)):
        raise wrong
    stated = json.loads(body)
    if stated[: 1 + len(bound)] != [kind, *bound]:
        raise wrong
    return [int(number) for number in stated[1 + len(bound) :]]


def _sign(body: bytes, secret: str) -> bytes:
    return hmac.new(b"cursor:" + secret.encode(), body, hashlib.sha256).digest()[:_MAC]
